//! Commands that end the process, and such that ask what it is like.

use std::fs::File;
use std::io::Read;
use std::os::fd::FromRawFd;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigHandler, Signal, raise, signal};
use nix::unistd::{getpgrp, getpid};
use rendezvous_tests::events;

use crate::commands::{Answer, Words, word};

/// Descriptors beyond are not looked for.
const LAST_DESCRIPTOR: i32 = 255;

/// `exit STATUS`: at once, as a crash would, without any destructor.
pub(crate) fn exit(mut words: Words<'_>) -> Answer {
    let status = word(&mut words)?.parse()?;
    // SAFETY: takes a plain number and does not return.
    unsafe { libc::_exit(status) }
}

/// `exec PROGRAM [ARGUMENT…]`: executes it in this process's place. There is an answer only if that fails.
pub(crate) fn exec(mut words: Words<'_>) -> Answer {
    Err(Command::new(word(&mut words)?).args(words).exec().into())
}

/// `panic`, without a word about it.
pub(crate) fn panic() -> Answer {
    std::panic::set_hook(Box::new(|_| ()));
    panic!("on demand")
}

/// `die SIGNAL`: as if the signal came from a fault.
pub(crate) fn die(mut words: Words<'_>) -> Answer {
    let number: Signal = word(&mut words)?.parse()?;
    // A test does not want the core.
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    if number != Signal::SIGKILL && number != Signal::SIGSTOP {
        // SAFETY: the default action is no function, so there is nothing that could be called at a bad time.
        unsafe { signal(number, SigHandler::SigDfl) }?;
    }
    raise(number)?;
    Ok("survived".to_owned())
}

/// `arg0`: what the process was started as.
pub(crate) fn arg0() -> Answer {
    let name = std::env::args_os().next().ok_or("as nothing")?;
    Ok(name.display().to_string())
}

/// `env VARIABLE`
pub(crate) fn env(mut words: Words<'_>) -> Answer {
    let value = std::env::var_os(word(&mut words)?);
    Ok(match value {
        Some(value) => format!("is {}", value.display()),
        None => "is not set".to_owned(),
    })
}

/// `cwd`
pub(crate) fn cwd() -> Answer {
    Ok(std::env::current_dir()?.display().to_string())
}

/// `group`
pub(crate) fn group() -> Answer {
    let leads = getpgrp() == getpid();
    Ok(if leads { "leader" } else { "member" }.to_owned())
}

/// `fds`: the open descriptors that were not opened by this process itself.
pub(crate) fn descriptors() -> Answer {
    // SAFETY: takes plain numbers.
    let flags = |fd: i32| unsafe { libc::fcntl(fd, libc::F_GETFD) };
    // What this process opens is close-on-exec; what it inherits cannot be.
    let inherited = |fd: &i32| flags(*fd) == 0;
    let open: Vec<_> = (0..=LAST_DESCRIPTOR)
        .filter(inherited)
        .map(|fd| fd.to_string())
        .collect();
    Ok(open.join(" "))
}

/// `read DESCRIPTOR`: to its end, and closes it.
pub(crate) fn read(mut words: Words<'_>) -> Answer {
    let descriptor = word(&mut words)?.parse()?;
    // SAFETY: the process was started with this descriptor, which nothing else here uses.
    let mut file = unsafe { File::from_raw_fd(descriptor) };
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    Ok(text)
}

/// `complain WORD`: says it on standard error.
pub(crate) fn complain(mut words: Words<'_>) -> Answer {
    eprintln!("{}", word(&mut words)?);
    Ok("complained".to_owned())
}

/// `holdings`: how many names, references and descriptors the process has.
pub(crate) fn holdings() -> Answer {
    let [names, references, descriptors] = events::holdings();
    Ok(format!("{names} {references} {descriptors}"))
}

/// `limits`: the soft and the hard limit of descriptors.
pub(crate) fn limits() -> Answer {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(format!("{soft} {hard}"))
}

/// `raise-limit yes|no`: what the library is to make of it; answers as `limits`.
pub(crate) fn raise_limit(mut words: Words<'_>) -> Answer {
    mach_ports::platform::raise_descriptor_limit(word(&mut words)? == "yes");
    limits()
}

/// `limit-fds NUMBER`
pub(crate) fn limit_descriptors(mut words: Words<'_>) -> Answer {
    let limit = word(&mut words)?.parse()?;
    setrlimit(Resource::RLIMIT_NOFILE, limit, limit)?;
    Ok("limited".to_owned())
}
