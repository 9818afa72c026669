//! Runs a program call by call, and does something at one of them.

use std::collections::BTreeMap;
use std::io::{IoSliceMut, Read};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, MsgFlags, SockFlag, SockType, recvmsg, socketpair,
};
use nix::unistd::Pid;

use super::filter::{self, CONTROL};
use super::names;

/// How long a run may take.
const LIMIT: Duration = Duration::from_secs(60);
/// For how long nothing must happen until a process that was stopped goes on.
const QUIET: u16 = 100;
/// The first argument of `getpgid` by which a program tells its driver where it is, before the mark is added.
const MARKS: u64 = 0x6d61_7200;

/// What a program says of where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// From here on calls count.
    Begin = 1,
    /// From here on they do not.
    End = 2,
    /// What was stopped may go on.
    GoOn = 3,
}

/// Tells the driver, in a program that it runs.
pub(crate) fn mark(mark: Mark) {
    // SAFETY: takes a number only. No process has that number, and nothing comes of the call.
    unsafe { libc::getpgid((MARKS + mark as u64) as libc::pid_t) };
}

/// A call that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) name: &'static str,
    /// The first of the processes, in the order of their first call, is number 0.
    pub(crate) process: usize,
}

/// What is done at a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deed {
    /// It fails, without having been made.
    Fail(Errno),
    /// The process that is about to make it is killed.
    Kill,
    /// The process stops, and goes on when the first process has said so or nothing more happens.
    Stop,
}

/// The calls that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// The first process's, and what its children do with other tasks.
    All,
    /// One process's.
    Process(usize),
}

/// At which call what is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) of: Of,
    pub(crate) at: usize,
    pub(crate) deed: Deed,
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The calls that counted, up to that at which something was done.
    pub(crate) calls: Vec<Call>,
    /// Whether something was done.
    pub(crate) done: bool,
    pub(crate) status: ExitStatus,
    pub(crate) output: String,
    pub(crate) errors: String,
    /// It took too long and was killed.
    pub(crate) hung: bool,
}

/// Runs a program to its end, and to that of all its children.
pub(crate) fn run(command: &mut Command, plan: Option<Plan>) -> Ran {
    let (ours, theirs) = socketpair(
        AddressFamily::Unix,
        SockType::SeqPacket,
        None,
        SockFlag::SOCK_CLOEXEC,
    )
    .expect("a pair");
    let control = theirs.as_raw_fd();
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command.stderr(Stdio::piped());
    // SAFETY: what is called makes system calls only, on descriptors that the child has from its parent.
    unsafe {
        command.pre_exec(move || {
            // Without close-on-exec under that number: it is closed by nobody, and harmless.
            if libc::dup3(control, CONTROL, libc::O_CLOEXEC) < 0 {
                return Err(std::io::Error::last_os_error());
            }
            let listener = filter::install()?;
            filter::hand_over(&listener)?;
            // Closed by the call that starts the program: this one would be reported to nobody yet.
            std::mem::forget(listener);
            Ok(())
        });
    }
    let mut child = command.spawn().expect("a process");
    drop(theirs);
    let output = read(child.stdout.take().expect("a pipe"));
    let errors = read(child.stderr.take().expect("a pipe"));
    let mut driver = Driver::new(received(&ours), child.id(), plan);
    let hung = !driver.drive();
    Ran {
        calls: driver.calls,
        done: driver.done,
        status: child.wait().expect("its status"),
        output: output.join().expect("its output"),
        errors: errors.join().expect("its errors"),
        hung,
    }
}

/// Reads all that is said.
fn read(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = from.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    })
}

/// The descriptor that the child has sent.
fn received(from: &OwnedFd) -> OwnedFd {
    let mut byte = [0];
    let mut room = nix::cmsg_space!(RawFd);
    let mut buffers = [IoSliceMut::new(&mut byte)];
    let flags = MsgFlags::MSG_CMSG_CLOEXEC;
    let got = recvmsg::<()>(from.as_raw_fd(), &mut buffers, Some(&mut room), flags);
    let got = got.expect("the child's message");
    let mut fds = got.cmsgs().expect("whole").filter_map(|part| match part {
        ControlMessageOwned::ScmRights(fds) => fds.first().copied(),
        _ => None,
    });
    let fd = fds.next().expect("a descriptor");
    // SAFETY: the kernel has just made it for this process.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// What becomes of a call.
enum Verdict {
    Make,
    Fail(Errno),
    Wait,
}

/// A process that is driven.
#[derive(Debug)]
struct Process {
    number: usize,
    counts: bool,
}

#[derive(Debug)]
struct Driver {
    listener: OwnedFd,
    plan: Option<Plan>,
    processes: BTreeMap<i32, Process>,
    first: i32,
    /// A process, and the call that it was stopped at.
    stopped: Option<(i32, u64)>,
    calls: Vec<Call>,
    done: bool,
}

impl Driver {
    fn new(listener: OwnedFd, first: u32, plan: Option<Plan>) -> Self {
        Self {
            listener,
            plan,
            processes: BTreeMap::new(),
            first: first.cast_signed(),
            stopped: None,
            calls: Vec::new(),
            done: false,
        }
    }

    /// Until all processes have ended; `false` if that took too long, and they were killed.
    fn drive(&mut self) -> bool {
        let deadline = Instant::now() + LIMIT;
        let mut in_time = true;
        loop {
            let mut fds = [PollFd::new(self.listener.as_fd(), PollFlags::POLLIN)];
            let ready = poll(&mut fds, PollTimeout::from(QUIET)).unwrap_or(0);
            let shown = fds[0].revents().unwrap_or(PollFlags::empty());
            if ready == 0 {
                self.go_on();
                if Instant::now() > deadline {
                    in_time = false;
                    for pid in self.processes.keys() {
                        let _ = kill(Pid::from_raw(*pid), Signal::SIGKILL);
                    }
                }
            } else if shown.contains(PollFlags::POLLIN) {
                self.next();
            } else {
                return in_time;
            }
        }
    }

    fn go_on(&mut self) {
        if let Some((pid, call)) = self.stopped.take() {
            let _ = kill(Pid::from_raw(pid), Signal::SIGCONT);
            // On a busy machine it had not stopped yet, and waits for the answer still.
            self.answer(call, None);
        }
    }

    /// Takes the next call, and decides.
    fn next(&mut self) {
        // SAFETY: all zeros is one, as the call wants it.
        let mut notice: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        // SAFETY: the kernel writes such a struct.
        let code = unsafe {
            libc::ioctl(
                self.listener.as_raw_fd(),
                libc::SECCOMP_IOCTL_NOTIF_RECV,
                &raw mut notice,
            )
        };
        // Who made the call may have been killed meanwhile.
        if code != 0 {
            return;
        }
        let error = match self.judge(&notice) {
            Verdict::Make => None,
            Verdict::Fail(errno) => Some(errno),
            // The call is made again once the process goes on, and reported again.
            Verdict::Wait => return,
        };
        self.answer(notice.id, error);
    }

    /// Has a call fail, or be made.
    fn answer(&self, call: u64, error: Option<Errno>) {
        let mut answer = libc::seccomp_notif_resp {
            id: call,
            val: 0,
            error: -error.map_or(0, |error| error as i32),
            flags: match error {
                Some(_) => 0,
                None => libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32,
            },
        };
        // It is gone, or makes the call again, if a signal was sent to it.
        // SAFETY: the kernel reads such a struct.
        unsafe {
            libc::ioctl(
                self.listener.as_raw_fd(),
                libc::SECCOMP_IOCTL_NOTIF_SEND,
                &raw mut answer,
            )
        };
    }

    fn judge(&mut self, notice: &libc::seccomp_notif) -> Verdict {
        let thread = notice.pid.cast_signed();
        let number = i64::from(notice.data.nr);
        let pid = process_of(thread).unwrap_or(thread);
        let others = self.processes.len();
        // Children count from their first call on if their parent does.
        let counting = self.processes.get(&self.first).is_some_and(|p| p.counts);
        let process = self.processes.entry(pid).or_insert(Process {
            number: others,
            counts: counting,
        });
        let who = process.number;
        if number == libc::SYS_getpgid && notice.data.args[0] & !0xff == MARKS {
            match notice.data.args[0] - MARKS {
                1 => process.counts = true,
                2 => self.processes.values_mut().for_each(|p| p.counts = false),
                _ => self.go_on(),
            }
            return Verdict::Make;
        }
        let counts = process.counts && is_of_interest(who, &notice.data);
        let meant = match self.plan.map(|plan| plan.of) {
            Some(Of::Process(one)) => one == who,
            _ => true,
        };
        if !counts || !meant || self.done {
            return Verdict::Make;
        }
        self.calls.push(Call {
            name: names::name(number),
            process: who,
        });
        match self.plan {
            Some(plan) if plan.at + 1 == self.calls.len() => self.act(plan.deed, who, pid, notice),
            _ => Verdict::Make,
        }
    }

    fn act(&mut self, deed: Deed, who: usize, pid: i32, notice: &libc::seccomp_notif) -> Verdict {
        let name = names::name(i64::from(notice.data.nr));
        match deed {
            Deed::Fail(errno) if names::never_fails(name, errno) => Verdict::Make,
            // A bell rings.
            Deed::Fail(_) if is_counter(pid, notice.data.args[0]) && name != "SYS_eventfd2" => {
                Verdict::Make
            }
            Deed::Fail(errno) => {
                self.done = true;
                Verdict::Fail(errno)
            }
            Deed::Kill => {
                self.done = true;
                let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
                Verdict::Wait
            }
            // Before it has executed a program, its parent waits for it.
            Deed::Stop if who > 0 && !has_executed(pid) => Verdict::Make,
            Deed::Stop => {
                self.done = true;
                self.stopped = Some((pid, notice.id));
                let _ = kill(Pid::from_raw(pid), Signal::SIGSTOP);
                Verdict::Wait
            }
        }
    }
}

/// Whether a call is one of the library's: what starts a program, and the allocator's, are not.
fn is_of_interest(process: usize, call: &libc::seccomp_data) -> bool {
    let number = i64::from(call.nr);
    if number == libc::SYS_mmap {
        // Of a file, and no program's.
        return call.args[4] as i32 >= 0
            && call.args[2] & libc::PROT_EXEC as u64 == 0
            && process == 0;
    }
    process == 0 || !names::starts_programs(number)
}

/// The process that a thread is of.
fn process_of(thread: i32) -> Option<i32> {
    let status = std::fs::read_to_string(format!("/proc/{thread}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("Tgid:"))?;
    line.trim().parse().ok()
}

/// Whether a descriptor is an `eventfd`, which can be read and written.
fn is_counter(pid: i32, fd: u64) -> bool {
    let link = std::fs::read_link(format!("/proc/{pid}/fd/{fd}"));
    link.is_ok_and(|link| link.to_string_lossy().contains("eventfd"))
}

fn has_executed(pid: i32) -> bool {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm"));
    name.is_ok_and(|name| name.trim() == "peer")
}
