//! The service's thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mach_interface::Subsystem;
use mach_interface::server::serve_one;
use mach_ports::{
    Notification, PortSet, ReceiveError, ReceiveOptions, ReceiveRight, ReceivedMessage,
};
use parking_lot::Mutex;

use crate::server::core::Core;
use crate::server::processes::Inbox;

/// The largest request; those of the service's own interfaces are far smaller.
const LARGEST_REQUEST: usize = 1 << 16;

/// What the service's thread and its handles share.
pub(super) struct Shared {
    pub(super) core: Mutex<Core>,
    pub(super) set: PortSet,
    pub(super) inbox: Arc<Inbox>,
    pub(super) stopped: AtomicBool,
}

/// The ports beside the sessions', all members of the set.
pub(super) struct Ports {
    pub(super) _service: ReceiveRight,
    /// Where deaths of clients' ports are told.
    pub(super) notify: Arc<ReceiveRight>,
    /// A message to it wakes the thread.
    pub(super) control: ReceiveRight,
}

/// Answers requests, and does what deaths and deadlines call for, until the service is stopped.
pub(super) fn run(shared: &Shared, ports: &Ports, objects: &[Box<dyn Subsystem>]) {
    while !shared.stopped.load(Ordering::Acquire) {
        let mut core = shared.core.lock();
        let (machine, now, outside) = core.parts();
        machine.expire(now, outside);
        let wait = machine.next_deadline();
        let wait = wait.map(|deadline| deadline.saturating_duration_since(now));
        drop(core);
        let options = ReceiveOptions::new()
            .max_size(LARGEST_REQUEST)
            .timeout(wait);
        match shared.set.receive(&options) {
            Ok(message) => handle(shared, ports, objects, message),
            Err(ReceiveError::TimedOut) => {}
            Err(error @ (ReceiveError::Failed(_) | ReceiveError::PortChanged)) => {
                tracing::error!(%error, "the lock service cannot receive any more");
                return;
            }
            Err(error) => tracing::debug!(%error, "a request was destroyed"),
        }
    }
}

fn handle(
    shared: &Shared,
    ports: &Ports,
    objects: &[Box<dyn Subsystem>],
    message: ReceivedMessage,
) {
    let port = message.port();
    if port == ports.control.name() {
        return shared.core.lock().take_exits();
    }
    // Only the kernel can send to this one.
    if port == ports.notify.name() {
        if let Some(Notification::DeadName { name }) = message.notification() {
            shared.core.lock().port_died(name);
        }
        return;
    }
    serve_one(message, objects).send();
}
