//! What came by links, taken up one after the other.
//!
//! Whether a right leads to a port of this task may show only once other links have been read (see
//! `transfer::probe`), and what these bring may have rights of which the same is true. So whatever is read waits here
//! while a message is taken up. However much a peer sends, the next message is begun when the last one is done:
//! nothing is called deeper and deeper, and no probe comes into another's way.

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

use std::collections::VecDeque;
use std::time::Duration;

use nix::errno::Errno;

use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::{Kmsg, Sender};
use crate::kernel::other_tasks::budget::Charge;
use crate::kernel::ports::ids::LinkKey;
use crate::kernel::ports::right::Right;
use crate::sys::packet::{self, Arrival};
use crate::wire::tree;

/// How many packets may be read while one message is taken up and those that were read with it. Without an end a peer
/// that never stops sending would keep all other threads out.
const MOST_AT_ONCE: usize = 16_384;

/// How long something that is short is waited for before the next look.
pub(crate) const PAUSE: Duration = Duration::from_millis(1);

/// What came by a link.
#[derive(Debug)]
pub(crate) enum Arrived {
    Message {
        message: tree::Message,
        sender: Sender,
        stamp: u64,
        charge: Option<Charge>,
    },
    /// A message that the kernel below has taken the descriptors from.
    Stump { id: i32, sender: Sender, stamp: u64 },
    /// There is nothing behind.
    End,
    /// A message that came back, through the right that ends with it, or to nobody.
    Reply {
        to: Right,
        message: tree::Message,
        sender: Sender,
        stamp: u64,
        charge: Option<Charge>,
    },
    /// One that the kernel below has taken the descriptors from.
    ReplyStump {
        to: Right,
        id: i32,
        sender: Sender,
        stamp: u64,
    },
    /// A send-once right ended unused.
    Unused { right: Right },
    /// This task has taken its end back: there is nothing behind, and nobody to be told.
    TakenBack,
}

/// What has been read and not been taken up.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    /// Each with how many packets had been read by then.
    waiting: VecDeque<(LinkKey, Arrived, u64)>,
    /// A message is being taken up.
    busy: bool,
    /// How many packets have been read meanwhile.
    read: usize,
    /// How many packets have ever been read.
    all: u64,
    /// How many had been when the message came that is being taken up.
    since: u64,
    /// The link that it came by.
    link: LinkKey,
    /// A read has failed for want of something: what it was to bring is there still.
    short: bool,
    /// Links that have come while all of a port's are read.
    fresh: Option<Vec<LinkKey>>,
    /// How often the kernel below was asked for a packet, or what has any.
    #[cfg(test)]
    pub(crate) asked: usize,
}

impl Arrivals {
    pub(crate) fn add(&mut self, link: LinkKey, arrived: Arrived) {
        self.waiting.push_back((link, arrived, self.all));
    }

    /// How many packets have ever been read.
    pub(crate) fn count(&self) -> u64 {
        self.all
    }

    /// How many packets had been read when the message came that is being taken up. What was sent before that message
    /// has been read by now, if its link was read to its end after so many packets.
    pub(crate) fn since(&self) -> u64 {
        self.since
    }

    /// The link that the message came by that is being taken up; none has the key of one that came by no link.
    pub(crate) fn link(&self) -> LinkKey {
        self.link
    }

    /// A message is taken up that did not come by a link: whatever has been read is older.
    pub(crate) fn begin_own(&mut self) {
        self.link = LinkKey::default();
        self.all = self.all.saturating_add(1);
        self.since = self.all;
    }

    /// What a read has brought: one that failed for want of something has found nothing, and is to be made again.
    pub(crate) fn note_want(&mut self, got: Result<Arrival, Errno>) -> Result<Arrival, Errno> {
        got.map_err(|errno| {
            let is_want = packet::is_want(errno);
            if is_want {
                tracing::debug!(%errno, "a read is put off");
                self.short = true;
            }
            if is_want { Errno::EAGAIN } else { errno }
        })
    }

    /// Whether a read has failed for want of something since this was last asked. Whoever looks again waits for [`PAUSE`]
    /// before, and not with the kernel locked: what is there shows all the time.
    pub(crate) fn take_want(&mut self) -> bool {
        std::mem::take(&mut self.short)
    }

    /// Has links that come from now on be remembered, in place of those that were to be.
    pub(crate) fn expect_links(&mut self, fresh: Option<Vec<LinkKey>>) -> Option<Vec<LinkKey>> {
        std::mem::replace(&mut self.fresh, fresh)
    }

    /// A link that has come since that was asked for, once each.
    pub(crate) fn next_fresh(&mut self) -> Option<LinkKey> {
        self.fresh.as_mut()?.pop()
    }

    /// A link has come.
    pub(crate) fn note_link(&mut self, link: LinkKey) {
        if let Some(fresh) = &mut self.fresh {
            fresh.push(link);
        }
    }

    /// The kernel below is asked once more.
    pub(crate) fn note_step(&mut self) {
        #[cfg(test)]
        {
            self.asked += 1;
        }
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
        self.note_step();
        self.read = self.read.saturating_add(1);
        self.all = self.all.saturating_add(1);
        !self.busy || self.read <= MOST_AT_ONCE
    }
}

impl Kernel {
    /// Takes up what has been read, unless that is under way.
    pub(crate) fn take_up_arrivals(&mut self) {
        if !self.arrivals.begin() {
            return;
        }
        while let Some((link, arrived, read)) = self.arrivals.waiting.pop_front() {
            self.arrivals.since = read;
            self.arrivals.link = link;
            self.take_up(link, arrived);
        }
        self.arrivals.link = LinkKey::default();
        self.arrivals.end();
    }

    fn take_up(&mut self, link: LinkKey, arrived: Arrived) {
        match arrived {
            Arrived::Message {
                mut message,
                sender,
                stamp,
                charge,
            } => {
                let slot = match message.reply {
                    tree::Right::Slot(slot) => {
                        message.reply = tree::Right::Null;
                        Some(slot)
                    }
                    _ => None,
                };
                let mut message = self.import_message(message, sender, Right::Null);
                message.charge = charge.map(Box::new);
                if let Some(slot) = slot {
                    message.local = self.import_slot(link, slot);
                }
                self.deliver(link, message, stamp);
            }
            Arrived::Reply {
                to,
                message,
                sender,
                stamp,
                charge,
            } => self.deliver_reply(to, (message, charge), sender, stamp),
            Arrived::ReplyStump {
                to,
                id,
                sender,
                stamp,
            } => self.deliver_reply_stump(to, id, sender, stamp),
            Arrived::Unused { right } => self.deliver_unused(right),
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
