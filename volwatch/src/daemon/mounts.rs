//! Following what is mounted.

use std::io::{self, PipeWriter, pipe};
use std::os::fd::AsFd;
use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};

use crate::daemon::Event;
use crate::sys::MountChanges;

/// The thread that is told of mounts, until this is dropped.
#[derive(Debug)]
pub(super) struct Following {
    /// Its end wakes the thread.
    stop: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

pub(super) fn follow(mut changes: MountChanges, events: Sender<Event>) -> io::Result<Following> {
    let (stopped, stop) = pipe()?;
    let follow = move || {
        loop {
            match changes.wait(stopped.as_fd()) {
                Ok(true) if events.send(Event::Mounts).is_ok() => {}
                Ok(_) => return,
                Err(error) => {
                    tracing::error!(%error, "what is mounted cannot be followed any more");
                    return;
                }
            }
        }
    };
    let thread = thread::Builder::new()
        .name("mounts".to_owned())
        .spawn(follow)?;
    Ok(Following {
        stop: Some(stop),
        thread: Some(thread),
    })
}

impl Drop for Following {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // a panic has been printed
        }
    }
}
