//! What came by links, taken up one after the other.
//!
//! Whether a right leads to a port of this task may show only once other links have been read (see
//! `transfer::probe`), and what these bring may have rights of which the same is true. So whatever is read waits here
//! while a message is taken up. However much a peer sends, the next message is begun when the last one is done:
//! nothing is called deeper and deeper, and no probe comes into another's way.

use std::collections::VecDeque;

use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::{Kmsg, Sender};
use crate::kernel::ports::ids::{LinkKey, PortKey};
use crate::kernel::ports::right::Right;
use crate::wire::tree;

/// How many packets may be read while one message is taken up and those that were read with it. Without an end a peer
/// that never stops sending would keep all other threads out.
const MOST_AT_ONCE: usize = 16_384;

/// What came by a link.
#[derive(Debug)]
pub(crate) enum Arrived {
    Message {
        message: tree::Message,
        sender: Sender,
        stamp: u64,
    },
    /// A message that the kernel below has taken the descriptors from.
    Stump { id: i32, sender: Sender, stamp: u64 },
    /// There is nothing behind.
    End,
    /// A message that came back, for a port if that still lives.
    Reply {
        port: Option<PortKey>,
        message: tree::Message,
        sender: Sender,
        stamp: u64,
    },
    /// One that the kernel below has taken the descriptors from.
    ReplyStump {
        port: PortKey,
        id: i32,
        sender: Sender,
        stamp: u64,
    },
    /// A send-once right to a port ended unused.
    Unused { port: PortKey },
    /// This task has taken its end back: there is nothing behind, and nobody to be told.
    TakenBack,
}

/// What has been read and not been taken up.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    waiting: VecDeque<(LinkKey, Arrived)>,
    /// A message is being taken up.
    busy: bool,
    /// How many packets have been read meanwhile.
    read: usize,
}

impl Arrivals {
    pub(crate) fn add(&mut self, link: LinkKey, arrived: Arrived) {
        self.waiting.push_back((link, arrived));
    }

    /// Has what is read from now on wait; `false` if it does so already.
    pub(crate) fn begin(&mut self) -> bool {
        if !self.busy {
            self.read = 0;
        }
        !std::mem::replace(&mut self.busy, true)
    }

    pub(crate) fn end(&mut self) {
        self.busy = false;
    }

    /// Whether something that has been read waits.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy
    }

    /// Whether one more packet may be read now.
    pub(crate) fn admit(&mut self) -> bool {
        self.read += 1;
        !self.busy || self.read <= MOST_AT_ONCE
    }
}

impl Kernel {
    /// Takes up what has been read, unless that is under way.
    pub(crate) fn take_up_arrivals(&mut self) {
        if !self.arrivals.begin() {
            return;
        }
        while let Some((link, arrived)) = self.arrivals.waiting.pop_front() {
            self.take_up(link, arrived);
        }
        self.arrivals.end();
    }

    fn take_up(&mut self, link: LinkKey, arrived: Arrived) {
        match arrived {
            Arrived::Message {
                mut message,
                sender,
                stamp,
            } => {
                let slot = match message.reply {
                    tree::Right::Slot(slot) => {
                        message.reply = tree::Right::Null;
                        Some(slot)
                    }
                    _ => None,
                };
                let mut message = self.import_message(message, sender, Right::Null);
                if let Some(slot) = slot {
                    message.local = self.import_slot(link, slot);
                }
                self.deliver(link, message, stamp);
            }
            Arrived::Reply {
                port,
                message,
                sender,
                stamp,
            } => self.deliver_reply(port, message, sender, stamp),
            Arrived::ReplyStump {
                port,
                id,
                sender,
                stamp,
            } => self.deliver_reply_stump(port, id, sender, stamp),
            Arrived::Unused { port } => self.deliver_unused(port),
            Arrived::Stump { id, sender, stamp } => {
                let mut stump = Kmsg::simple(id, Right::Null, Vec::new(), sender);
                stump.rights_lost = true;
                self.deliver(link, stump, stamp);
            }
            Arrived::End => self.end_link(link),
            Arrived::TakenBack => {
                self.remove_link(link);
            }
        }
    }
}
