//! The loop.

use std::collections::HashMap;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mach_ports::notification::{Notification, NotificationError, Posted};
use mach_ports::time::{Expiry, Timer, TimerControl};
use mach_ports::{
    Error, Message, Name, PortSet, ReceiveError, ReceiveOptions, ReceiveRight, ReceivedMessage,
    SemaphoreError, SemaphoreHandle, SendOptions, SendRight,
};
use zerocopy::{FromBytes, Immutable, IntoBytes};

use super::waiting::Waiting;
use crate::server::{Request, Service, Subsystem};

/// One loop for all that a program waits for (`mach_ipc_dispatch`): it calls out for each event, on the thread that runs it,
/// one after the other.
///
/// When a callout returns, what belongs to its event has an end: a routine's reply is sent, a lock that was granted is
/// released with its guard. Messages, requests and timers come by a set of ports; for what is no port
/// ([`on_semaphore`](Self::on_semaphore), [`on_notification`](Self::on_notification), [`on_wait`](Self::on_wait)) a thread
/// waits, and takes up nothing more until its event was dispatched.
///
/// ```
/// use std::time::Duration;
/// use mach_interface::work_loop::{Dispatched, WorkLoop};
/// use mach_ports::notification::Notification;
/// use mach_ports::time::{AbsoluteTime, Timer};
///
/// let mut work = WorkLoop::new()?;
/// let timer = Timer::new()?;
/// timer.arm_at(AbsoluteTime::now())?;
/// work.on_timer(timer, |_, expiry| assert_eq!(expiry.missed, 0))?;
///
/// let state = Notification::new(0_u32)?;
/// let [memory, semaphore] = state.rights()?;
/// work.on_notification(Notification::<u32>::from_rights(memory, semaphore)?, |posted| {
///     assert_eq!(posted.state, 7);
/// })?;
/// state.post(&7)?;
///
/// for _ in 0..2 {
///     assert_eq!(work.dispatch(Duration::from_secs(10))?, Dispatched::Event);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct WorkLoop {
    set: PortSet,
    sources: HashMap<Name, Source>,
    /// A member of the set: a message to it ends a run.
    control: ReceiveRight,
    stopper: Stopper,
    options: ReceiveOptions,
}

/// What is called for a message. It owns the port that the message comes to.
type Source = Box<dyn FnMut(ReceivedMessage) + Send>;

/// What a loop waits for, to be removed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SourceId(Name);

/// What one turn of the loop has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dispatched {
    /// It has called out for an event, or has found that one was none.
    Event,
    /// Nothing came in time.
    Nothing,
    /// The loop was told to stop.
    Stopped,
}

/// Ends a loop's run, from any thread or callout. Clones are for the same loop.
#[derive(Debug, Clone)]
pub struct Stopper {
    stopped: Arc<AtomicBool>,
    control: Arc<SendRight>,
}

impl Stopper {
    /// Has the run end once its callout has returned. It is remembered until then.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        // A full queue has enough messages.
        let options = SendOptions::new().timeout(Duration::ZERO);
        let _ = Message::new(0).send(&self.control, &options);
    }
}

impl WorkLoop {
    /// A loop that waits for nothing. It takes messages of up to 1 MiB, out-of-line memory not counted.
    ///
    /// # Errors
    ///
    /// The kernel is out of names or memory.
    pub fn new() -> Result<Self, Error> {
        let (set, control) = (PortSet::new()?, ReceiveRight::new()?);
        set.insert(&control)?;
        let stopper = Stopper {
            stopped: Arc::new(AtomicBool::new(false)),
            control: Arc::new(control.make_send()?),
        };
        Ok(Self {
            set,
            sources: HashMap::new(),
            control,
            stopper,
            options: ReceiveOptions::new(),
        })
    }

    /// What ends a run of the loop.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Calls out for each message to a port.
    ///
    /// # Errors
    ///
    /// The kernel is out of memory; the port is destroyed.
    pub fn on_message(
        &mut self,
        port: ReceiveRight,
        mut callout: impl FnMut(&ReceiveRight, ReceivedMessage) + Send + 'static,
    ) -> Result<SourceId, Error> {
        self.set.insert(&port)?;
        let name = port.name();
        Ok(self.add(name, move |message| callout(&port, message)))
    }

    /// Answers requests by the routines of an object, behind a new port. The reply is sent when the routine has returned.
    ///
    /// # Errors
    ///
    /// The kernel is out of names or memory.
    pub fn serve(
        &mut self,
        object: impl Subsystem + 'static,
    ) -> Result<(SourceId, SendRight), Error> {
        let port = ReceiveRight::new()?;
        let right = port.make_send()?;
        self.set.insert(&port)?;
        let name = port.name();
        let service = Service::new(port, vec![Box::new(object)], false);
        let source = self.add(name, move |message| {
            service.answer(Request::new(message)).send();
        });
        Ok((source, right))
    }

    /// Calls out when a timer is due. The callout can arm it for another time.
    ///
    /// # Errors
    ///
    /// The kernel is out of memory; the timer is destroyed.
    pub fn on_timer(
        &mut self,
        timer: Timer,
        mut callout: impl FnMut(&TimerControl, Expiry) + Send + 'static,
    ) -> Result<SourceId, Error> {
        self.set.insert(timer.port())?;
        let name = timer.port().name();
        Ok(self.add(name, move |message| match timer.accept(&message) {
            Ok(Some(expiry)) => callout(&timer, expiry),
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "a timer could not be armed again"),
        }))
    }

    /// Calls out for each signal of a semaphore, until it is destroyed.
    ///
    /// # Errors
    ///
    /// No thread or no port can be made.
    pub fn on_semaphore(
        &mut self,
        semaphore: SemaphoreHandle,
        mut callout: impl FnMut() + Send + 'static,
    ) -> io::Result<SourceId> {
        let wait = move |turn: Duration| match semaphore.wait(turn) {
            Ok(()) => ControlFlow::Continue(Some(())),
            Err(SemaphoreError::TimedOut) => ControlFlow::Continue(None),
            Err(error) => {
                tracing::debug!(%error, "a semaphore is waited for no more");
                ControlFlow::Break(())
            }
        };
        self.on_wait(wait, move |()| callout())
    }

    /// Calls out for posts to a notification, until it has ended.
    ///
    /// # Errors
    ///
    /// No thread or no port can be made.
    pub fn on_notification<T>(
        &mut self,
        notification: Notification<T>,
        callout: impl FnMut(Posted<T>) + Send + 'static,
    ) -> io::Result<SourceId>
    where
        T: FromBytes + IntoBytes + Immutable + Send + 'static,
    {
        let wait = move |turn: Duration| match notification.wait(turn) {
            Ok(posted) => ControlFlow::Continue(Some(posted)),
            Err(NotificationError::TimedOut | NotificationError::Busy) => {
                ControlFlow::Continue(None)
            }
            Err(error) => {
                tracing::debug!(%error, "a notification is waited for no more");
                ControlFlow::Break(())
            }
        };
        self.on_wait(wait, callout)
    }

    /// Calls out for what a function waits for, on a thread of its own: it returns an event, or `None` if there was none in
    /// the time that it is told, which it should not exceed; or `Break`, if there will be no more. The event is the callout's:
    /// a lock's guard that it drops is released with that.
    ///
    /// # Errors
    ///
    /// No thread or no port can be made.
    pub fn on_wait<E: Send + 'static>(
        &mut self,
        wait: impl FnMut(Duration) -> ControlFlow<(), Option<E>> + Send + 'static,
        mut callout: impl FnMut(E) + Send + 'static,
    ) -> io::Result<SourceId> {
        let bell = ReceiveRight::new().map_err(io::Error::other)?;
        let ring = bell.make_send().map_err(io::Error::other)?;
        self.set.insert(&bell).map_err(io::Error::other)?;
        let name = bell.name();
        let waiting = Waiting::begin(ring, wait)?;
        Ok(self.add(name, move |_| {
            // It lives as long as somebody may ring it.
            let _ = &bell;
            if let Some(event) = waiting.take() {
                callout(event);
            }
        }))
    }

    fn add(
        &mut self,
        name: Name,
        source: impl FnMut(ReceivedMessage) + Send + 'static,
    ) -> SourceId {
        self.sources.insert(name, Box::new(source));
        SourceId(name)
    }

    /// Waits no more for something, and destroys its port; `false` if that was removed before. A thread that waits for it
    /// ends before this returns, which takes up to a quarter of a second.
    pub fn remove(&mut self, source: SourceId) -> bool {
        self.sources.remove(&source.0).is_some()
    }

    /// Waits for one event, for `timeout` at most (`None` is for ever; zero only looks), and calls out for it.
    ///
    /// # Errors
    ///
    /// The set could not be received from. What is wrong with a single message is logged.
    pub fn dispatch(
        &mut self,
        timeout: impl Into<Option<Duration>>,
    ) -> Result<Dispatched, ReceiveError> {
        if self.stopper.stopped.swap(false, Ordering::AcqRel) {
            return Ok(Dispatched::Stopped);
        }
        let message = match self.set.receive(&self.options.timeout(timeout)) {
            Ok(message) => message,
            Err(ReceiveError::TimedOut) => return Ok(Dispatched::Nothing),
            Err(
                error @ (ReceiveError::TooLarge { .. }
                | ReceiveError::Damaged(_)
                | ReceiveError::Malformed),
            ) => {
                tracing::debug!(%error, "a message was destroyed");
                return Ok(Dispatched::Event);
            }
            Err(error) => return Err(error),
        };
        if message.port() == self.control.name() {
            // One that was sent for a stop that has been taken note of is none any more.
            return Ok(match self.stopper.stopped.swap(false, Ordering::AcqRel) {
                true => Dispatched::Stopped,
                false => Dispatched::Event,
            });
        }
        if let Some(source) = self.sources.get_mut(&message.port()) {
            source(message);
        }
        Ok(Dispatched::Event)
    }

    /// Calls out for events until it is [stopped](Stopper::stop).
    ///
    /// # Errors
    ///
    /// As [`dispatch`](Self::dispatch).
    pub fn run(&mut self) -> Result<(), ReceiveError> {
        while self.dispatch(None)? != Dispatched::Stopped {}
        Ok(())
    }
}

impl std::fmt::Debug for WorkLoop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WorkLoop")
            .field("sources", &self.sources.len())
            .finish_non_exhaustive()
    }
}
