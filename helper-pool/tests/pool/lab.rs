//! The helper that all tests use: it does what it is told, also what no helper should.

use std::env;
use std::io::{self, PipeReader, Read};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Duration;

use helper_pool::{Builder, HelperPool, Stderr};
use launcher::{Launcher, Stdio, key};
use mach_interface::server::{Outcome, Request, serve_one, simple_routine};
use mach_interface::{Deferred, DeferredReply, Subsystem, subsystem};
use mach_ports::{Message, ReceiveOptions, ReturnCode, SendOptions};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rendezvous_client::RendezvousClient;

/// Long enough for a machine that is busy with something else.
pub(crate) const SOON: Duration = Duration::from_secs(60);
/// Says to this program that it is a helper.
pub(crate) const HELPER: &str = "HELPER_POOL_LAB";
/// What goes wrong at which step: see [`crate::steps`].
pub(crate) const ORDER: &str = "HELPER_POOL_LAB_ORDER";
/// Under which a port may be left for helpers.
pub(crate) const NOTE: u32 = key(b"note");
/// Descriptor of a pipe that all helpers have an end of.
const ALIVE: i32 = 9;

#[subsystem(base = 7000)]
pub(crate) trait Lab {
    fn echo(&self, value: u64) -> Result<u64, ReturnCode>;
    /// How many times this process was asked this.
    fn count(&self) -> Result<u32, ReturnCode>;
    fn fail(&self, code: i32) -> Result<(), ReturnCode>;
    /// Says something on standard error, and meets a fate.
    fn strike(&self, fate: u32) -> Result<u64, ReturnCode>;
    /// Answers, and then meets a fate.
    fn answer_and_strike(&self, fate: u32, reply: DeferredReply<u64>) -> Deferred;
    /// Takes memory and keeps it; with `hang`, goes on for ever.
    fn grow(&self, bytes: u64, hang: u32) -> Result<(), ReturnCode>;
    /// Drops the request.
    fn drop_it(&self, reply: DeferredReply<u32>) -> Deferred;
    /// Returns when two calls are in it.
    fn meet(&self) -> Result<(), ReturnCode>;
    /// Whether the process sees the file system.
    fn peek(&self) -> Result<u32, ReturnCode>;
    /// Whether a port was left for this process beside the pool's.
    fn has_note(&self) -> Result<u32, ReturnCode>;
    /// Its answer is none: see [`Liar`].
    fn lie(&self) -> Result<u64, ReturnCode>;
}

/// What may become of a helper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Fate {
    Nothing,
    Crash,
    Kill,
    Stop,
    Hang,
    Exit,
    Panic,
}

impl Fate {
    pub(crate) const ALL: [Self; 6] = [
        Self::Crash,
        Self::Kill,
        Self::Stop,
        Self::Hang,
        Self::Exit,
        Self::Panic,
    ];

    fn of(number: u32) -> Self {
        Self::ALL
            .into_iter()
            .find(|fate| *fate as u32 == number)
            .unwrap_or(Self::Nothing)
    }

    pub(crate) fn strike(self) {
        let signal = |signal| kill(Pid::this(), signal).unwrap();
        match self {
            Self::Nothing => {}
            Self::Crash => process::abort(),
            Self::Kill => signal(Signal::SIGKILL),
            Self::Stop => {
                signal(Signal::SIGSTOP);
                // Another thread may have got it, and this one runs on for a moment.
                Self::Hang.strike();
            }
            Self::Hang => loop {
                thread::park();
            },
            Self::Exit => process::exit(7),
            Self::Panic => panic!("a panic that was ordered"),
        }
    }
}

struct Bench {
    count: AtomicU32,
    kept: Mutex<Vec<Vec<u8>>>,
    meeting: Barrier,
}

impl Lab for Bench {
    fn echo(&self, value: u64) -> Result<u64, ReturnCode> {
        Ok(value)
    }

    fn count(&self) -> Result<u32, ReturnCode> {
        Ok(self.count.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn fail(&self, code: i32) -> Result<(), ReturnCode> {
        Err(ReturnCode::new(code))
    }

    fn strike(&self, fate: u32) -> Result<u64, ReturnCode> {
        let fate = Fate::of(fate);
        eprintln!("last words before {fate:?}");
        fate.strike();
        Ok(0)
    }

    fn answer_and_strike(&self, fate: u32, reply: DeferredReply<u64>) -> Deferred {
        reply.reply(1);
        Fate::of(fate).strike();
        Deferred
    }

    fn grow(&self, bytes: u64, hang: u32) -> Result<(), ReturnCode> {
        self.kept.lock().unwrap().push(vec![1; bytes as usize]);
        if hang != 0 {
            Fate::Hang.strike();
        }
        Ok(())
    }

    fn drop_it(&self, reply: DeferredReply<u32>) -> Deferred {
        drop(reply);
        Deferred
    }

    fn meet(&self) -> Result<(), ReturnCode> {
        self.meeting.wait();
        Ok(())
    }

    fn peek(&self) -> Result<u32, ReturnCode> {
        Ok(u32::from(std::fs::read_dir("/").is_ok()))
    }

    fn has_note(&self) -> Result<u32, ReturnCode> {
        let client = RendezvousClient::instance().unwrap();
        Ok(u32::from(client.take_send(NOTE).unwrap().is_some()))
    }

    fn lie(&self) -> Result<u64, ReturnCode> {
        Err(ReturnCode::new(1))
    }
}

/// Answers one routine with bytes that are no reply, and strikes when it is greeted if that is ordered.
struct Liar(LabServer<Bench>);

/// The id of [`Lab::lie`].
const LIE: i32 = 7010;

impl Subsystem for Liar {
    fn interface(&self) -> &'static mach_interface::describe::Interface {
        crate::steps::strike_at("greeting");
        self.0.interface()
    }

    fn answer(&self, request: Request) -> Outcome {
        if request.id() != LIE {
            return self.0.answer(request);
        }
        simple_routine::<(), ()>(request, |(), call| {
            let to = call.reply_port().unwrap();
            let lie = Message::new(LIE + 100).bytes(&[0; 4]);
            lie.reply_by(to, &SendOptions::new()).unwrap();
            Ok(())
        })
    }
}

/// What a helper does; nothing, if this is none.
#[test]
fn helper() {
    if env::var_os(HELPER).is_none() {
        return;
    }
    crate::steps::strike_at("start");
    if crate::steps::is_ordered("rendezvous") {
        // With its port in hand.
        RendezvousClient::instance().unwrap();
        crate::steps::strike_at("rendezvous");
    }
    let objects = || {
        Liar(LabServer::new(Bench {
            count: AtomicU32::new(0),
            kept: Mutex::default(),
            meeting: Barrier::new(2),
        }))
    };
    if crate::steps::is_ordered("close") {
        // Greets, lets go of its port, and lives on.
        let client = RendezvousClient::instance().unwrap();
        let port = client.take_receive(key(b"hlpr")).unwrap().unwrap();
        let greeting = port.receive(&ReceiveOptions::new()).unwrap();
        serve_one(greeting, &[Box::new(objects())]).send();
        drop(port);
        crate::steps::strike_at("close");
    }
    helper_pool::serve(objects()).unwrap();
    crate::steps::strike_at("end");
}

/// What shows that all helpers are gone.
pub(crate) struct Alive(PipeReader);

impl Alive {
    /// Waits until no process has its end of the pipe any more.
    pub(crate) fn wait_for_none(mut self) {
        let (sender, receiver) = std::sync::mpsc::channel();
        thread::spawn(move || sender.send(self.0.read(&mut [0; 1]).unwrap()));
        assert_eq!(receiver.recv_timeout(SOON), Ok(0), "a helper lives on");
    }
}

/// What launches helpers.
pub(crate) fn lab() -> (Launcher, Alive) {
    let (reader, writer) = io::pipe().unwrap();
    let mut launcher = Launcher::new(env::current_exe().unwrap());
    launcher
        .args(["lab::helper", "--exact", "--nocapture"])
        .env(HELPER, "yes")
        .env_remove("RUST_BACKTRACE")
        .stdin(Stdio::Null)
        .stdout(Stdio::Null)
        .fd(ALIVE, writer);
    (launcher, Alive(reader))
}

/// Settings with the helpers' words for themselves, and deadlines that only what hangs for ever meets.
pub(crate) fn builder() -> (Builder<LabClient>, Alive) {
    let (launcher, alive) = lab();
    let builder = HelperPool::<LabClient>::builder(launcher)
        .stderr(Stderr::Keep)
        .deadline(SOON)
        .start_deadline(SOON);
    (builder, alive)
}

/// A pool of so many helpers.
pub(crate) fn pool(helpers: usize) -> (HelperPool<LabClient>, Alive) {
    let (builder, alive) = builder();
    (builder.helpers(helpers).build().unwrap(), alive)
}

/// The process that a pool of one helper has, asked by a call.
pub(crate) fn pid(pool: &HelperPool<LabClient>) -> i32 {
    let options = helper_pool::CallOptions::new();
    pool.call_on(&options, |lab, pid| lab.echo(1).map(|_| pid))
        .unwrap()
}

/// Ends a process as somebody else would.
pub(crate) fn signal(pid: i32, signal: Signal) {
    kill(Pid::from_raw(pid), signal).unwrap();
}

/// Waits until a pool's counts are so, and returns them.
pub(crate) fn stats_when(
    pool: &HelperPool<LabClient>,
    is_so: impl Fn(&helper_pool::Stats) -> bool,
) -> helper_pool::Stats {
    let deadline = std::time::Instant::now() + SOON;
    loop {
        let stats = pool.stats();
        if is_so(&stats) {
            return stats;
        }
        assert!(std::time::Instant::now() < deadline, "{stats:?}");
        thread::sleep(Duration::from_millis(2));
    }
}
