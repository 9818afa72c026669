//! Where a message goes once it is taken in.

use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::{Descriptor, Kmsg, Sender};
use crate::kernel::other_tasks::transfer::Why;
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::port::{Holder, Home};
use crate::kernel::ports::right::Right;

impl Kernel {
    /// Puts a message into its port's queue, or onto its way there. Without room it comes back, unless its sender had
    /// found some.
    pub(super) fn deliver_message(
        &mut self,
        mut message: Kmsg,
        room_found: bool,
    ) -> Result<(), (Why, Kmsg)> {
        let Some(key) = message.remote.port() else {
            self.destroy_message(message);
            return Ok(());
        };
        let once = matches!(message.remote, Right::SendOnce(_));
        match self.port(key).map(|port| &port.home) {
            Some(Home::Local(local)) => {
                if !once && !room_found && local.is_full() {
                    return Err((Why::Full, message));
                }
                // On the way to another task the kernel below says it.
                message.sender = self.as_sender();
                self.enqueue(key, message);
                Ok(())
            }
            Some(Home::Remote(_)) => {
                if !once && !self.has_room(key) {
                    return Err((Why::Full, message));
                }
                match self.send_away(key, message) {
                    Ok(()) => Ok(()),
                    Err(unsent) if unsent.why == Why::Dead => {
                        self.destroy_message(unsent.message);
                        Ok(())
                    }
                    Err(unsent) => Err((unsent.why, unsent.message)),
                }
            }
            Some(Home::Kernel(_)) => {
                self.answer_call(message);
                Ok(())
            }
            Some(Home::Dead) | None => {
                self.destroy_message(message);
                Ok(())
            }
        }
    }

    /// Notes that a port is in a message to another, unless it would be, at last, in its own queue, where nobody could
    /// get at it: whether it is not.
    pub(crate) fn put_in_transit(&mut self, port: PortKey, to: Option<PortKey>) -> bool {
        let mut at = to;
        while let Some(key) = at {
            if key == port {
                return false;
            }
            at = match self.local(key).map(|local| local.holder) {
                Some(Holder::Transit(next)) => next,
                _ => None,
            };
        }
        if let Some(local) = self.local_mut(port) {
            local.holder = Holder::Transit(to);
        }
        true
    }

    /// Whether a message carries a receive right that could not be put in transit.
    pub(super) fn goes_in_a_circle(&self, message: &Kmsg) -> bool {
        let stuck = |right: &Right| match right {
            Right::Receive(key) => self
                .local(*key)
                .is_some_and(|local| local.holder == Holder::Transit(None)),
            _ => false,
        };
        message
            .descriptors
            .iter()
            .any(|descriptor| match descriptor {
                Descriptor::Port { right, .. } => stuck(right),
                Descriptor::Ports { rights, .. } => rights.iter().any(stuck),
                Descriptor::Memory { .. } => false,
            })
    }

    pub(crate) fn as_sender(&self) -> Sender {
        Sender {
            pid: self.pid,
            uid: nix::unistd::getuid().as_raw(),
            gid: nix::unistd::getgid().as_raw(),
            version: self.version,
        }
    }
}
