//! The source that watches a timer.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use crate::dispatch::{DispatchError, MachReceiveSource, SerialQueue};
use crate::message::{ReceiveError, ReceiveOptions};
use crate::time::{Expiry, Timer, TimerControl};

/// Calls a handler on a queue when a timer is due. It owns the timer, which can be armed and disarmed through it
/// ([`TimerControl`]). Dropping the source ends the calls and destroys the timer after the last call.
///
/// ```
/// use std::sync::mpsc;
/// use std::time::Duration;
/// use mach_ports::dispatch::{SerialQueue, TimerSource};
/// use mach_ports::time::{AbsoluteTime, Timer};
///
/// let queue = SerialQueue::new("ticks")?;
/// let (ticks, ticked) = mpsc::channel();
/// let source = TimerSource::new(Timer::new()?, &queue, move |_, expiry| {
///     let _ = ticks.send(1 + expiry.missed);
/// })?;
/// source.arm_every(AbsoluteTime::now(), Duration::from_millis(1))?;
/// ticked.recv_timeout(Duration::from_secs(10))?;
/// ticked.recv_timeout(Duration::from_secs(10))?;
/// source.cancel_and_wait()?; // the handler will not be called again
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a source that is dropped calls nothing"]
#[derive(Debug)]
pub struct TimerSource {
    source: MachReceiveSource,
    control: Arc<TimerControl>,
}

impl TimerSource {
    /// Watches a timer from now on, armed or not. The handler gets what can be done with the timer, and when it was due.
    ///
    /// # Errors
    ///
    /// The system is short of a resource; the timer is destroyed.
    pub fn new(
        timer: Timer,
        queue: &SerialQueue,
        mut handler: impl FnMut(&TimerControl, Expiry) + Send + 'static,
    ) -> Result<Self, DispatchError> {
        let (port, control) = timer.into_parts();
        let shared = Arc::clone(&control);
        let source = MachReceiveSource::new(port, queue, move |port| {
            let message = match port.receive(&ReceiveOptions::new().timeout(Duration::ZERO)) {
                Ok(message) => message,
                // It was disarmed meanwhile.
                Err(ReceiveError::TimedOut) => return,
                Err(error) => return tracing::warn!(%error, "a timer's message was lost"),
            };
            match shared.accept(&message) {
                Ok(Some(expiry)) => handler(&shared, expiry),
                Ok(None) => {}
                Err(error) => tracing::error!(%error, "a timer could not be armed again"),
            }
        })?;
        Ok(Self { source, control })
    }

    /// Ends the calls, and waits for the last one. The timer is destroyed.
    ///
    /// # Errors
    ///
    /// The caller runs on the source's queue, or in a process that was forked from the queue's. The source is cancelled all the
    /// same.
    pub fn cancel_and_wait(self) -> Result<(), DispatchError> {
        self.source.cancel_and_wait().map(drop)
    }
}

impl Deref for TimerSource {
    type Target = TimerControl;

    fn deref(&self) -> &TimerControl {
        &self.control
    }
}
