//! What a locked-up process may not do, on Linux: each asks the kernel, and says what that answers.

use std::fs::{File, OpenOptions};
use std::io;
use std::net::TcpStream;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixStream};
use std::ptr;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::Outcome;

pub(crate) fn obey(name: &str, value: &str) -> Option<Outcome> {
    Some(match name {
        "open" => File::open(value).map(done),
        "create" => OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(value)
            .map(done),
        "truncate" => OpenOptions::new()
            .write(true)
            .truncate(true)
            .open(value)
            .map(done),
        "truncate-unwritten" => truncate_unwritten(value),
        "append" => OpenOptions::new().append(true).open(value).map(done),
        "list" => std::fs::read_dir(value).map(done),
        "remove" => std::fs::remove_file(value).map(done),
        "metadata" => std::fs::metadata(value).map(done),
        "make-public" => make_public(value),
        "connect" => TcpStream::connect(value).map(done),
        "serve-itself" => serve_itself(),
        "connect-path" => UnixStream::connect(value).map(done),
        "connect-abstract" => abstract_name(value)
            .and_then(|name| UnixStream::connect_addr(&name))
            .map(done),
        "datagram-abstract" => datagram(value),
        "exec" => exec(value),
        "fork" => fork(),
        "trace" => trace(pid(value)),
        "peek" => peek(pid(value)),
        "take-descriptor" => take_descriptor(pid(value)),
        "kill" => kill(Pid::from_raw(pid(value)), Signal::SIGKILL)
            .map_err(into)
            .map(done),
        "kill-self" => kill(Pid::this(), None).map(done).map_err(into),
        "kill-by-descriptor" => kill_by_descriptor(pid(value)),
        "owner" => signal_by_owner(pid(value)),
        "parent" => File::open(format!("/proc/{}/{value}", nix::unistd::getppid())).map(done),
        "io-uring" => io_uring(),
        "namespace" => call(libc::SYS_unshare, [libc::CLONE_NEWUSER as i64, 0, 0]),
        "namespace-in-thread" => call(
            libc::SYS_clone,
            [(libc::CLONE_NEWUSER | libc::SIGCHLD) as i64, 0, 0],
        ),
        "raise-limits" => raise_limits(),
        "allocate" => allocate(value),
        "descriptors" => descriptors(value),
        "spin" => loop {
            std::hint::spin_loop();
        },
        "own-memory" => File::open("/proc/self/maps").map(done),
        "user" => call(libc::SYS_setresuid, [65534, 65534, 65534]),
        "no-landlock" => filter(Some(libc::SYS_landlock_create_ruleset)),
        "no-unshare" => filter(Some(libc::SYS_unshare)),
        "no-filters" => filter(Some(libc::SYS_seccomp)),
        "filter-this-thread" => filter(None),
        _ => return None,
    })
}

fn done<T>(_: T) -> String {
    "done".to_owned()
}

fn into(errno: Errno) -> io::Error {
    errno.into()
}

fn pid(value: &str) -> i32 {
    value.parse().expect("a pid")
}

/// A system call that takes numbers only.
fn call(number: i64, arguments: [i64; 3]) -> Outcome {
    let [one, two, three] = arguments;
    // SAFETY: the calls above take numbers only; a new process, which goes on here, ends at once.
    let result = unsafe { libc::syscall(number, one, two, three, 0, 0) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    if number == libc::SYS_clone && result == 0 {
        // SAFETY: ends this process.
        unsafe { libc::_exit(0) };
    }
    Ok(done(()))
}

/// A file need not be open for writing to be cut off.
fn truncate_unwritten(path: &str) -> Outcome {
    use nix::fcntl::{OFlag, open};
    open(
        path,
        OFlag::O_RDONLY | OFlag::O_TRUNC,
        nix::sys::stat::Mode::empty(),
    )
    .map_err(into)
    .map(done)
}

fn make_public(path: &str) -> Outcome {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o666)).map(done)
}

/// Its own server on the loopback.
fn serve_itself() -> Outcome {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let _client = TcpStream::connect(listener.local_addr()?)?;
    listener.accept().map(done)
}

fn abstract_name(name: &str) -> io::Result<SocketAddr> {
    SocketAddr::from_abstract_name(name.as_bytes())
}

/// A datagram needs no connection.
fn datagram(name: &str) -> Outcome {
    let (one, _other) = UnixDatagram::pair()?;
    one.send_to_addr(b"x", &abstract_name(name)?).map(done)
}

fn exec(program: &str) -> Outcome {
    let program = std::ffi::CString::new(program)?;
    let arguments = [program.as_ptr(), ptr::null()];
    // SAFETY: both are strings and lists of them that end in null.
    unsafe { libc::execv(program.as_ptr(), arguments.as_ptr()) };
    Err(io::Error::last_os_error())
}

fn fork() -> Outcome {
    // SAFETY: the child ends at once.
    match unsafe { libc::fork() } {
        0 => {
            // SAFETY: ends this process.
            unsafe { libc::_exit(0) }
        }
        child if child > 0 => {
            nix::sys::wait::waitpid(Pid::from_raw(child), None)?;
            Ok(done(()))
        }
        _ => Err(io::Error::last_os_error()),
    }
}

fn trace(pid: i32) -> Outcome {
    // SAFETY: takes numbers only. It does not stop the process.
    match unsafe { libc::ptrace(libc::PTRACE_SEIZE, pid, 0, 0) } {
        0 => Ok(done(())),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Reads a word of another process, which has none at that address: `EFAULT` says that it may.
fn peek(pid: i32) -> Outcome {
    let mut word = 0_u64;
    let local = libc::iovec {
        iov_base: (&raw mut word).cast(),
        iov_len: 8,
    };
    let remote = libc::iovec {
        iov_base: ptr::null_mut(),
        iov_len: 8,
    };
    // SAFETY: the local word is valid to write; the other is not this process's.
    let read = unsafe { libc::process_vm_readv(pid, &raw const local, 1, &raw const remote, 1, 0) };
    match Errno::result(read) {
        Ok(_) | Err(Errno::EFAULT) => Ok(done(())),
        Err(errno) => Err(errno.into()),
    }
}

fn open_process(pid: i32) -> io::Result<OwnedFd> {
    use std::os::fd::FromRawFd;
    // SAFETY: takes numbers only.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    let fd = Errno::result(fd)?;
    // SAFETY: the kernel has just made it for its caller.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

fn take_descriptor(pid: i32) -> Outcome {
    let process = open_process(pid)?;
    call(libc::SYS_pidfd_getfd, [process.as_raw_fd().into(), 0, 0])
}

fn kill_by_descriptor(pid: i32) -> Outcome {
    let process = open_process(pid)?;
    call(
        libc::SYS_pidfd_send_signal,
        [process.as_raw_fd().into(), libc::SIGKILL.into(), 0],
    )
}

/// Has another process signalled when a pipe of this one's can be read. The kernel does not say whether it did.
fn signal_by_owner(pid: i32) -> Outcome {
    let (reader, _writer) = io::pipe()?;
    // SAFETY: takes numbers only.
    let set = unsafe { libc::fcntl(reader.as_raw_fd(), libc::F_SETOWN, pid) };
    Errno::result(set)?;
    Ok(done(()))
}

fn io_uring() -> Outcome {
    let mut parameters = [0_u64; 15];
    // SAFETY: the parameters are as long as `struct io_uring_params`, 120 bytes, and valid to read and write.
    let ring = unsafe { libc::syscall(libc::SYS_io_uring_setup, 1, parameters.as_mut_ptr()) };
    Errno::result(ring).map_err(into).map(done)
}

/// Root may, unless it has given that up.
fn raise_limits() -> Outcome {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let lower = hard.min(1000);
    setrlimit(Resource::RLIMIT_NOFILE, lower, lower)?;
    setrlimit(Resource::RLIMIT_NOFILE, lower, lower + 1)
        .map_err(into)
        .map(done)
}

fn allocate(bytes: &str) -> Outcome {
    let mut memory: Vec<u8> = Vec::new();
    match memory.try_reserve_exact(bytes.parse().expect("a number")) {
        Ok(()) => Ok(done(())),
        Err(_) => Err(Errno::ENOMEM.into()),
    }
}

fn descriptors(count: &str) -> Outcome {
    let (reader, _writer) = io::pipe()?;
    let mut all: Vec<OwnedFd> = Vec::new();
    for _ in 0..count.parse().expect("a number") {
        all.push(reader.try_clone()?.into());
    }
    Ok(done(fcntl(&reader, FcntlArg::F_GETFD)))
}

/// Has the kernel behave as one that does not know a system call, for this process, or take away nothing at all from
/// the calling thread.
fn filter(unknown: Option<i64>) -> Outcome {
    let instruction = |code, k, if_not| libc::sock_filter {
        code,
        jt: 0,
        jf: if_not,
        k,
    };
    let number = unknown.unwrap_or(-1) as u32;
    let program = [
        instruction((libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16, 0, 0),
        instruction(
            (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16,
            number,
            1,
        ),
        instruction(
            (libc::BPF_RET | libc::BPF_K) as u16,
            libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32,
            0,
        ),
        instruction(
            (libc::BPF_RET | libc::BPF_K) as u16,
            libc::SECCOMP_RET_ALLOW,
            0,
        ),
    ];
    let program = libc::sock_fprog {
        len: 4,
        filter: program.as_ptr().cast_mut(),
    };
    // SAFETY: the program is valid to read; the rest are numbers.
    let installed = unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        libc::prctl(
            libc::PR_SET_SECCOMP,
            libc::SECCOMP_MODE_FILTER,
            &raw const program,
        )
    };
    Errno::result(installed).map_err(into).map(done)
}
