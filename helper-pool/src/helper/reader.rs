//! The thread that reads what helpers write to their standard errors, so that none waits for room there.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use parking_lot::Mutex;

use crate::helper::Tail;

/// Dropping it ends the thread.
#[derive(Debug)]
pub(crate) struct Reader {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    tails: Mutex<Vec<Arc<Tail>>>,
    /// A byte here has the thread look at the list again.
    wake: PipeWriter,
    stopped: AtomicBool,
}

impl Reader {
    pub(crate) fn new() -> io::Result<Self> {
        let (woken, wake) = io::pipe()?;
        let shared = Arc::new(Shared {
            tails: Mutex::default(),
            wake,
            stopped: AtomicBool::new(false),
        });
        let of_thread = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("helpers-stderr".to_owned())
            .spawn(move || run(&of_thread, &woken))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    pub(crate) fn add(&self, tail: Arc<Tail>) {
        self.shared.tails.lock().push(tail);
        self.shared.wake();
    }

    pub(crate) fn remove(&self, tail: &Arc<Tail>) {
        let mut tails = self.shared.tails.lock();
        tails.retain(|other| !Arc::ptr_eq(other, tail));
        drop(tails);
        self.shared.wake();
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Release);
        self.shared.wake();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the reader of standard errors has panicked");
        }
    }
}

impl Shared {
    fn wake(&self) {
        // The thread holds the other end for as long as it runs.
        let _ = (&self.wake).write_all(&[0]);
    }
}

fn run(shared: &Shared, mut woken: &PipeReader) {
    while !shared.stopped.load(Ordering::Acquire) {
        let tails = shared.tails.lock().clone();
        let mut watched: Vec<_> = std::iter::once(woken.as_fd())
            .chain(tails.iter().map(|tail| tail.as_fd()))
            .map(|fd| PollFd::new(fd, PollFlags::POLLIN))
            .collect();
        if let Err(error) = poll(&mut watched, PollTimeout::NONE) {
            tracing::debug!(%error, "cannot wait for what helpers write");
            continue;
        }
        let ready: Vec<bool> = watched
            .iter()
            .map(|fd| fd.any().unwrap_or_default())
            .collect();
        if ready.first() == Some(&true) {
            let _ = woken.read(&mut [0; 64]);
        }
        let ended: Vec<_> = tails
            .iter()
            .zip(ready.iter().skip(1))
            .filter(|(tail, ready)| **ready && !tail.drain())
            .map(|(tail, _)| tail)
            .collect();
        if !ended.is_empty() {
            let has_ended = |tail: &Arc<Tail>| ended.iter().any(|other| Arc::ptr_eq(other, tail));
            shared.tails.lock().retain(|tail| !has_ended(tail));
        }
    }
}
