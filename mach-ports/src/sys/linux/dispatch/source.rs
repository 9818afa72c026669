//! A source: a descriptor that is watched for the queue's sake.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use nix::errno::Errno;
use parking_lot::Mutex;

use crate::calls::Name;
use crate::dispatch::DispatchError;
use crate::error::Error;
use crate::message::AuditToken;
use crate::sys::linux::dispatch::queue::Queue;
use crate::sys::linux::dispatch::runner::{Token, system};
use crate::sys::linux::process::{is_child, pidfd_open, wait_without_reaping};
use crate::sys::linux::spawn::Handle;
use crate::sys::{Event, Job};

pub(crate) struct Source(Arc<Watch>);

/// What the source and its queue share.
struct Watch {
    queue: Queue,
    subject: Subject,
    /// Set by the first cancellation.
    cancelled: AtomicBool,
    /// Until the source has come to its end. The lock is taken on the queue only.
    closures: Mutex<Option<(Event, Job)>>,
}

/// What is watched.
enum Subject {
    /// A port's messages. The descriptor is readable while there may be one.
    Messages { port: Name, at: Place },
    /// A process's exit. Its descriptor stays readable, so it is watched for one event only.
    Exit { at: Place },
    /// The exit of a child of this process's, for which a thread waits: nothing stands for processes here.
    Waited,
    /// A process that was gone before it could be watched.
    Gone,
}

/// What the queue's thread watches.
struct Place {
    descriptor: OwnedFd,
    token: Token,
}

impl Source {
    pub(crate) fn mach_receive(
        port: Name,
        queue: &Queue,
        event: Event,
        cancelled: Job,
    ) -> Result<Self, DispatchError> {
        let descriptor = embedded_mach::linux::readiness_fd(port)
            .map_err(|code| Error::new("readiness_fd", code))?;
        Self::watch(descriptor, queue, event, cancelled, |at| {
            Subject::Messages { port, at }
        })
    }

    pub(crate) fn process_exit(
        pid: i32,
        handle: Handle,
        queue: &Queue,
        event: Event,
        cancelled: Job,
    ) -> Result<Self, DispatchError> {
        match handle.into_descriptor().map_or_else(|| pidfd_open(pid), Ok) {
            Ok(descriptor) => Self::watch(descriptor, queue, event, cancelled, |at| {
                Subject::Exit { at }
            }),
            Err(Errno::ESRCH) => {
                let watch = Arc::new(Watch::new(queue, event, cancelled, Subject::Gone));
                watch.fire();
                Ok(Self(watch))
            }
            // A sandbox, or an old kernel.
            Err(errno @ (Errno::EPERM | Errno::ENOSYS)) if is_child(pid) => {
                let watch = Arc::new(Watch::new(queue, event, cancelled, Subject::Waited));
                let waiting = Arc::downgrade(&watch);
                let thread = thread::Builder::new().name(format!("exit-of-{pid}"));
                thread
                    .spawn(move || {
                        wait_without_reaping(pid);
                        if let Some(watch) = waiting.upgrade() {
                            watch.fire();
                        }
                    })
                    .map_err(|_| system("pidfd_open", errno))?;
                Ok(Self(watch))
            }
            Err(errno) => Err(system("pidfd_open", errno)),
        }
    }

    fn watch(
        descriptor: OwnedFd,
        queue: &Queue,
        event: Event,
        cancelled: Job,
        subject: impl FnOnce(Place) -> Subject,
    ) -> Result<Self, DispatchError> {
        let runner = queue.runner();
        let subject = subject(Place {
            descriptor,
            token: runner.token(),
        });
        // It stays readable when the process has ended.
        let once = matches!(subject, Subject::Exit { .. });
        let watch = Arc::new(Watch::new(queue, event, cancelled, subject));
        if let Some(at) = watch.subject.place() {
            let ready = Arc::clone(&watch);
            let ready = Arc::new(move || ready.run());
            runner.add(&at.descriptor, at.token, once, ready)?;
        }
        Ok(Self(watch))
    }

    /// Whether it watches the exit of the process that a token of an identifying port is of.
    pub(crate) fn is_of(&self, token: &AuditToken) -> bool {
        let Subject::Exit { at } = &self.0.subject else {
            // The number is all that is known of a child that is waited for.
            return matches!(self.0.subject, Subject::Waited);
        };
        embedded_mach::linux::process_version(&at.descriptor).cast_signed() == token.pid_version()
    }

    pub(crate) fn cancel(&self) {
        let watch = &self.0;
        if watch.cancelled.swap(true, Ordering::AcqRel) {
            return;
        }
        if let Some(at) = watch.subject.place() {
            watch.queue.runner().remove(&at.descriptor, at.token);
        }
        let ending = Arc::clone(watch);
        // Behind every event that the queue has been given; those that come later find no closures.
        watch.queue.run(Box::new(move || {
            if let Some((event, cancelled)) = ending.closures.lock().take() {
                drop(event);
                cancelled();
            }
        }));
    }
}

impl Watch {
    fn new(queue: &Queue, event: Event, cancelled: Job, subject: Subject) -> Self {
        Self {
            queue: queue.clone(),
            subject,
            cancelled: AtomicBool::new(false),
            closures: Mutex::new(Some((event, cancelled))),
        }
    }

    /// Hands the event to the queue.
    fn fire(self: &Arc<Self>) {
        let watch = Arc::clone(self);
        self.queue.run(Box::new(move || watch.run()));
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    /// On the queue: calls the handler.
    fn run(&self) {
        if self.is_cancelled() {
            return;
        }
        match &self.subject {
            Subject::Messages { port, .. } => {
                // Readiness can be spurious, and somebody else may have received the message.
                if embedded_mach::linux::has_message(*port) {
                    self.call();
                }
            }
            Subject::Exit { .. } | Subject::Waited | Subject::Gone => self.call(),
        }
    }

    fn call(&self) {
        if let Some((event, _)) = &mut *self.closures.lock() {
            event();
        }
    }
}

impl Subject {
    fn place(&self) -> Option<&Place> {
        match self {
            Self::Messages { at, .. } | Self::Exit { at } => Some(at),
            Self::Waited | Self::Gone => None,
        }
    }
}
