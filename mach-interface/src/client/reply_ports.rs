//! The ports that a client's tasks get their replies at.

use std::sync::Arc;

use mach_ports::ReceiveRight;
use mach_ports::tokio::Receiver;
use parking_lot::Mutex;
use tokio::runtime::{Handle, Id};

use crate::client::CallError;

/// How many ports a client keeps while no call uses them.
const KEPT: usize = 8;

/// Ports that no call uses.
#[derive(Debug, Clone, Default)]
pub(super) struct ReplyPorts(Arc<Mutex<Vec<Kept>>>);

/// A port, the runtime that watches it, and the process that it was made in.
#[derive(Debug)]
struct Kept {
    receiver: Receiver<ReceiveRight>,
    place: (Id, u32),
}

/// A reply port for one call. It is destroyed afterwards, so that no late reply is taken for another's, unless the call says that
/// none can come.
pub(super) struct ReplyPort<'a> {
    kept: Kept,
    ports: &'a ReplyPorts,
}

impl ReplyPorts {
    pub(super) fn take(&self) -> Result<ReplyPort<'_>, CallError> {
        let place = (Handle::current().id(), std::process::id());
        let kept = {
            let mut ports = self.0.lock();
            let found = ports.iter().position(|kept| kept.place == place);
            found.map(|index| ports.swap_remove(index))
        };
        let kept = match kept {
            Some(kept) => kept,
            None => {
                let port = ReceiveRight::new().map_err(CallError::ReplyPort)?;
                let receiver = Receiver::new(port).map_err(CallError::Watch)?;
                Kept { receiver, place }
            }
        };
        Ok(ReplyPort { kept, ports: self })
    }
}

impl ReplyPort<'_> {
    pub(super) const fn receiver(&self) -> &Receiver<ReceiveRight> {
        &self.kept.receiver
    }

    /// Leaves it to the next call in the same runtime.
    pub(super) fn keep(self) {
        let Self { kept, ports } = self;
        let surplus = {
            let mut ports = ports.0.lock();
            // Those of a runtime that has ended are the oldest.
            let surplus = (ports.len() >= KEPT).then(|| ports.remove(0));
            ports.push(kept);
            surplus
        };
        drop(surplus);
    }
}
