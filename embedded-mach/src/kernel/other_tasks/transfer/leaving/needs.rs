//! What a message needs on the road, counted before anything of it is taken apart.

use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::{Descriptor, Kmsg};
use crate::kernel::ports::port::Home;
use crate::kernel::ports::right::Right;
use crate::wire::decode::MAX_DEPTH;

/// What a message needs on the road.
#[derive(Debug, Default)]
pub(super) struct Needs {
    pub(super) pairs: usize,
    /// Links of which each side makes its own end.
    pub(super) ahead: usize,
    pub(super) depth: usize,
}

impl Kernel {
    /// Counts what a message needs on the road, before anything is taken apart.
    pub(super) fn needs_of(&self, message: &Kmsg, depth: usize, needs: &mut Needs) {
        needs.depth = needs.depth.max(depth);
        if needs.depth > MAX_DEPTH {
            return;
        }
        self.needs_of_right(&message.local, depth, needs);
        for descriptor in &message.descriptors {
            match descriptor {
                Descriptor::Port { right, .. } => self.needs_of_right(right, depth, needs),
                Descriptor::Ports { rights, .. } => {
                    for right in rights {
                        self.needs_of_right(right, depth, needs);
                    }
                }
                Descriptor::Memory { .. } => {}
            }
        }
    }

    fn needs_of_right(&self, right: &Right, depth: usize, needs: &mut Needs) {
        let Some(port) = right.port().and_then(|key| self.port(key)) else {
            return;
        };
        match (right, &port.home) {
            (Right::Send(_), Home::Local(_)) | (Right::SendOnce(_), Home::Local(_)) => {
                needs.pairs += 1;
            }
            (Right::SendOnce(key), Home::Remote(_)) => {
                needs.pairs += usize::from(self.slot_of(*key).is_some());
            }
            (Right::Receive(_), Home::Local(local)) => {
                // As the receiver counts: the right that moves is the first.
                needs.depth = needs.depth.max(depth + 1);
                needs.ahead += 1;
                needs.pairs += port.sorights as usize;
                for notify in [&local.no_senders, &local.port_destroyed]
                    .into_iter()
                    .flatten()
                {
                    self.needs_of_right(notify, depth, needs);
                }
                for message in &local.queue {
                    self.needs_of(message, depth + 1, needs);
                }
            }
            _ => {}
        }
    }
}
