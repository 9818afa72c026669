//! Waiting for a child, and passing signals on to it.

use std::io;
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use mach_ports::dispatch::ExitEvent;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;

/// Runs a child to its end. A hang-up and a request to terminate are passed on to it; an interrupt of the keyboard's it gets
/// itself, as everything in the terminal's foreground. None of them ends this process before the child.
pub(super) fn run(mut command: Command) -> io::Result<ExitStatus> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM])?;
    let handle = signals.handle();
    let mut child = command.spawn()?;
    let pid = Pid::from_raw(child.id().cast_signed());
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let passing = thread::Builder::new().name("signals".to_owned());
        let passing = passing.spawn_scoped(scope, || {
            for signal in signals.forever() {
                let passed = Signal::try_from(signal).ok();
                let passed = passed.filter(|_| matches!(signal, SIGHUP | SIGTERM));
                if let Some(signal) = passed
                    && !ended.load(Ordering::Acquire)
                {
                    let _ = kill(pid, signal); // it may just have ended, and is not reaped yet
                }
            }
        });
        if let Err(error) = passing {
            eprintln!("volwatch: signals are not passed on: {error}");
        }
        // It is left to be reaped, so that its id stays its own. Whatever fails, it is waited for.
        if let Ok(exit) = ExitEvent::watch(pid.as_raw()) {
            exit.wait();
        }
        ended.store(true, Ordering::Release);
        handle.close();
    });
    child.wait()
}
