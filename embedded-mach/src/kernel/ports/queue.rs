//! Queues: messages in the order in which they were sent.

use super::ids::{LinkKey, PortKey};
use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::Kmsg;
use crate::sys::clock;

impl Kernel {
    /// Puts a message that came by a link into its port's queue.
    pub(crate) fn deliver(&mut self, link: LinkKey, mut message: Kmsg, stamp: u64) {
        let Some(from) = self.links.get_mut(link) else {
            self.destroy_message(message);
            return;
        };
        let port = from.port;
        message.stamp = stamp;
        if from.once {
            self.remove_link(link);
            message.remote = self.make_send_once(port);
        } else {
            from.in_hand += 1;
            message.link = Some(link);
            message.remote = self.copy_send(port);
        }
        self.enqueue(port, message);
    }

    /// Puts a message where its time of sending belongs in a port's queue, and tells who waits.
    pub(crate) fn enqueue(&mut self, port: PortKey, mut message: Kmsg) {
        let Some(local) = self.local_mut(port) else {
            self.destroy_message(message);
            return;
        };
        if message.link.is_none() && message.stamp == 0 {
            // After every earlier message of this task's own, also if the clock was set back in between.
            let own = local.queue.iter().rfind(|queued| queued.link.is_none());
            let floor = own.map_or(0, |queued| queued.stamp);
            // What came by a link is stamped even when that link is gone: its port has come home, with its queue.
            let stamped = local.queue.iter().any(|queued| queued.stamp > 0);
            let linked = !local.links.is_empty() || !local.backs.is_empty();
            if stamped || linked || local.stamping {
                message.stamp = clock::now_stamp().max(floor);
            }
            if linked && !local.stamping {
                self.stamp_links(port);
            }
        }
        let Some(local) = self.local_mut(port) else {
            return;
        };
        let at = local
            .queue
            .iter()
            .rposition(|queued| queued.stamp <= message.stamp)
            .map_or(0, |before| before + 1);
        local.queue.insert(at, message);
        self.message_arrived(port);
    }
}
