//! A monitor: a port that an agent speaks to, and what is done with what it says.

mod options;
mod progress;
mod queue;
mod service;
mod shared;
#[cfg(feature = "tokio")]
mod stream;

use std::sync::Arc;

use mach_ports::ReceiveRight;
use mach_ports::dispatch::{ExitEvent, MachReceiveSource, SerialQueue};
use parking_lot::Mutex;

use crate::target::{Claim, Seat, Target};
use crate::{AttachError, ImageList, Notice};
use service::{Service, announce_exit};

pub use options::MonitorOptions;
pub use progress::MonitorState;
pub use queue::Notices;
pub(crate) use shared::Shared;
#[cfg(feature = "tokio")]
pub use stream::NoticeStream;

/// Who is told of the images of one process, while it waits.
///
/// It is made first and then given to a launch, or attached to a process that was launched with another. Each event
/// comes as a [`Notice`], to a handler, into a [queue](Self::queue), or with the feature `tokio` as a stream; the process goes on when
/// that is answered.
///
/// It watches one process and no other after it.
///
/// Clones are the same monitor. When the last is dropped the process is told nothing more, and goes on at once if it waits.
/// The drop may be the handler's own: what it was called for is still answered.
///
/// A handler must not wait for the process to do something that comes after the event, nor panic, which ends this process as it does
/// on all of [`mach_ports::dispatch`]'s queues.
#[derive(Debug, Clone)]
#[must_use = "the process is not watched any more when the last clone is dropped"]
pub struct ImageMonitor {
    handle: Arc<Handle>,
}

#[derive(Debug)]
struct Handle {
    shared: Arc<Shared>,
    queue: SerialQueue,
    work: Mutex<Work>,
}

#[derive(Debug)]
#[expect(dead_code, reason = "a source works for as long as it is held")]
enum Work {
    Idle(ReceiveRight),
    Claimed,
    Running(MachReceiveSource),
}

impl ImageMonitor {
    /// A monitor with default options whose events are handled on a queue of its own, one after the other.
    ///
    /// # Errors
    /// The system is short of a resource.
    pub fn new(handler: impl FnMut(Notice) + Send + 'static) -> Result<Self, AttachError> {
        Self::with_options(MonitorOptions::new(), handler)
    }

    /// The same with options.
    ///
    /// # Errors
    /// The system is short of a resource.
    pub fn with_options(
        options: MonitorOptions,
        handler: impl FnMut(Notice) + Send + 'static,
    ) -> Result<Self, AttachError> {
        let queue = SerialQueue::new("image-monitor")?;
        Self::on_queue(&queue, options, handler)
    }

    /// The same on a queue that the caller has, and may have other work on.
    ///
    /// # Errors
    /// The system is short of a resource.
    pub fn on_queue(
        queue: &SerialQueue,
        options: MonitorOptions,
        handler: impl FnMut(Notice) + Send + 'static,
    ) -> Result<Self, AttachError> {
        let port = ReceiveRight::new()?;
        // Before anybody can send. Where it cannot be, ids are all there is.
        let _ = port.identify_senders();
        Ok(Self {
            handle: Arc::new(Handle {
                shared: Arc::new(Shared::new(options, Box::new(handler))),
                queue: queue.clone(),
                work: Mutex::new(Work::Idle(port)),
            }),
        })
    }

    /// A monitor whose events wait in a queue until somebody takes them. The process waits meanwhile.
    ///
    /// # Errors
    /// The system is short of a resource.
    pub fn queue(options: MonitorOptions) -> Result<(Self, Notices), AttachError> {
        let (sender, notices) = queue::queue();
        let handler = move |notice| {
            // Who does not listen any more has answered.
            drop(sender.send(notice));
        };
        Ok((Self::with_options(options, handler)?, notices))
    }

    /// The same for tasks, which wait for events without a thread. It takes no runtime.
    ///
    #[cfg_attr(target_os = "linux", doc = "```")]
    #[cfg_attr(not(target_os = "linux"), doc = "```no_run")]
    /// use futures_util::StreamExt;
    /// use image_monitor::{Event, ImageMonitor, MonitorOptions};
    /// use launcher::Launcher;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    /// # runtime.block_on(async {
    /// let (monitor, mut notices) = ImageMonitor::stream(MonitorOptions::new())?;
    /// let child = Launcher::new("true").image_monitor(&monitor).spawn()?;
    /// while let Some(notice) = notices.next().await {
    ///     // `true` goes on with each turn of the loop.
    ///     if let Event::Exit(_) = notice.event() {
    ///         break;
    ///     }
    /// }
    /// assert!(child.wait()?.success());
    /// # Ok(())
    /// # })
    /// # }
    /// ```
    ///
    /// # Errors
    /// The system is short of a resource.
    #[cfg(feature = "tokio")]
    pub fn stream(options: MonitorOptions) -> Result<(Self, NoticeStream), AttachError> {
        let (sender, notices) = stream::stream();
        let handler = move |notice| {
            // Who does not listen any more has answered.
            drop(sender.send(notice));
        };
        Ok((Self::with_options(options, handler)?, notices))
    }

    /// Has the moment before `main` handled by this from now on, instead of by the monitor's handler.
    pub fn set_main_handler(&self, handler: impl FnMut(Notice) + Send + 'static) {
        *self.handle.shared.main_handler.lock() = Some(Box::new(handler));
    }

    /// How it was made.
    pub fn options(&self) -> &MonitorOptions {
        &self.handle.shared.options
    }

    /// What it is to its process now.
    #[must_use]
    pub fn state(&self) -> MonitorState {
        self.handle.shared.state()
    }

    /// The images of the process as they are now; those of an event are in it from before the handler is called, and until an
    /// unload is answered. It does not change, however long it is kept.
    #[must_use]
    pub fn images(&self) -> Arc<ImageList> {
        self.handle.shared.images()
    }

    /// The process was launched without an agent, which the [options](MonitorOptions::allow_unwatched) allow. The
    /// monitor still tells its exit.
    pub fn unwatched(&self) {
        self.handle.shared.unwatched();
    }

    pub(crate) fn claim(&self, target: &Target, seat: Seat) -> Result<Claim, AttachError> {
        let mut work = self.handle.work.lock();
        match std::mem::replace(&mut *work, Work::Claimed) {
            Work::Idle(port) => {
                self.handle.shared.progress.lock().claimed(true);
                Ok(Claim::new(self.clone(), target.clone(), port, seat))
            }
            other => {
                *work = other;
                Err(AttachError::InUse)
            }
        }
    }

    pub(crate) fn unclaim(&self, port: ReceiveRight) {
        *self.handle.work.lock() = Work::Idle(port);
        self.handle.shared.progress.lock().claimed(false);
    }

    /// Begins to listen, to a process that may have spoken or ended already.
    pub(crate) fn start(
        &self,
        port: ReceiveRight,
        seat: Seat,
        target: Target,
        exit: ExitEvent,
    ) -> Result<(), AttachError> {
        port.request_no_senders(port.make_send_once()?, 0)?;
        let announced = port.make_send_once()?;
        let mut service = Service {
            shared: Arc::clone(&self.handle.shared),
            exit: exit.clone(),
            target,
            _seat: seat,
        };
        let source =
            MachReceiveSource::new(port, &self.handle.queue, move |port| service.serve(port))?;
        *self.handle.work.lock() = Work::Running(source);
        announce_exit(&exit, announced);
        Ok(())
    }
}
