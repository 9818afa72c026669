//! Queues that are full, and the notification that one is no longer.

use std::os::fd::AsFd;

use super::send_possible;
use crate::headers::port::mach_port_name_t;
use crate::kernel::Kernel;
use crate::kernel::other_tasks::link::heard;
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::port::Home;
use crate::kernel::ports::request::Wish;

impl Kernel {
    /// Whether a message sent through a send right would have to wait.
    pub(crate) fn is_full(&mut self, key: PortKey) -> bool {
        self.hear_limit(key);
        match self.port_mut(key).map(|port| &mut port.home) {
            Some(Home::Local(local)) => local.is_full(),
            Some(Home::Remote(remote)) => remote
                .send
                .as_mut()
                .is_some_and(|end| !end.unread.look(end.fd.as_fd())),
            _ => false,
        }
    }

    /// Hears what has been said of the queue limit of a port in another task.
    pub(crate) fn hear_limit(&mut self, key: PortKey) {
        let Some(end) = self.sending_end(key) else {
            return;
        };
        let Some(limit) = heard(end.fd.as_fd()) else {
            return;
        };
        if limit != end.unread.limit() {
            end.unread.set_limit(limit);
        }
    }

    /// Arms the send-possible requests of a port whose full queue a sender with `MACH_SEND_NOTIFY` met.
    pub(crate) fn arm_send_possible(&mut self, name: mach_port_name_t) {
        let Some(entry) = self.space.get_mut(name) else {
            return;
        };
        if let Some(request) = &mut entry.request
            && request.wish == Wish::SendPossible
        {
            request.wish = Wish::SendPossibleArmed;
            if let Some(key) = entry.port() {
                self.watch_outward(key);
            }
        }
    }

    /// A message was received, or there is room on the way to another task: tells who asked. As in XNU a receive is
    /// enough, even one that leaves the queue full, and nothing else is, not even a higher limit.
    pub(crate) fn fire_send_possible(&mut self, key: PortKey) {
        let Some(port) = self.port(key) else { return };
        for name in port.requests.clone() {
            let Some(entry) = self.space.get_mut(name) else {
                continue;
            };
            if entry
                .request
                .as_ref()
                .is_none_or(|request| request.wish != Wish::SendPossibleArmed)
            {
                continue;
            }
            if let Some(request) = entry.request.take() {
                entry.spent = true;
                if let Some(port) = self.port_mut(key) {
                    port.requests.retain(|&n| n != name);
                }
                self.post(send_possible(request.notify, name));
            }
        }
    }
}
