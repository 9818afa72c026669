use mach_ports::dispatch::ExitEvent;
use mach_ports::{ReceiveRight, SendRight};

use crate::target::{Seat, Target};
use crate::{AttachError, ImageMonitor};

/// A monitor that has a place in a process which is not there yet. Dropping it leaves the monitor as it was.
#[derive(Debug)]
#[must_use = "dropping it gives the place up"]
pub struct Claim {
    monitor: ImageMonitor,
    target: Target,
    port: Option<(ReceiveRight, Seat)>,
}

impl Claim {
    pub(crate) fn new(
        monitor: ImageMonitor,
        target: Target,
        port: ReceiveRight,
        seat: Seat,
    ) -> Self {
        Self {
            monitor,
            target,
            port: Some((port, seat)),
        }
    }

    /// A right to the monitor's port, for the agent. Nobody else may keep it: when it is gone the agent is.
    ///
    /// # Errors
    /// The system is short of a resource.
    pub fn right(&self) -> Result<SendRight, AttachError> {
        let (port, _) = self.port.as_ref().ok_or(AttachError::InUse)?;
        Ok(port.make_send()?)
    }

    /// How long the agent is to wait for an answer, in milliseconds.
    #[must_use]
    pub fn deadline_ms(&self) -> u32 {
        self.monitor.options().deadline_ms()
    }

    pub(crate) fn start(mut self, exit: ExitEvent) -> Result<(), AttachError> {
        let (port, seat) = self.port.take().ok_or(AttachError::InUse)?;
        self.monitor.start(port, seat, self.target.clone(), exit)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some((port, _)) = self.port.take() {
            self.monitor.unclaim(port);
        }
    }
}
