//! Replies without a link for each.
//!
//! A send-once right made for a message is a *slot* of its link where that can be: a number in the message. Its holder sends
//! the one message by the way back, a pair that the requester makes for all replies to what goes by the link. No socket is
//! made, passed and closed for each call. `docs/reply-slots.md` has the rules, to whose numbers the code refers.
//!
//! - `opening`: who makes the right (the requester) opens a slot, and what it does when the port that is to hear dies or
//!   moves, or the last send right goes;
//! - `returning`: what comes back to the requester;
//! - `held`: who has the right (the replier) claims it, replies, gives it up, makes a link of it;
//! - `forward`: what the requester says of slots, at the replier.

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

mod forward;
mod held;
mod opening;
mod returning;

use std::sync::Arc;

use crate::kernel::other_tasks::budget::Charge;
use crate::kernel::ports::ids::PortKey;
use crate::sys::foreign::Foreign;
use crate::wire::tree::{SLOTS, Slot};

pub(crate) use held::{Ledger, SMALL, send_reply};
pub(crate) use opening::Opened;

/// Marks keys of ways back among those of what a port's watch shows.
pub(crate) const BACK: u64 = 1 << 63;

/// The way back for the replies to what goes by a link.
#[derive(Debug)]
pub(crate) struct Back {
    /// What they are read from: this task made it, and no other has ever had it.
    pub(crate) fd: Arc<Foreign>,
    /// The link's sending end, by which it is said what becomes of slots.
    out: Arc<Foreign>,
    /// The port that it leads to, as long as there is a send right.
    to: PortKey,
    slots: [Use; SLOTS],
    /// The ports for which it has ever had a slot, and which it is a source of.
    sources: Vec<PortKey>,
    /// The last send right of the link is gone.
    left: bool,
    /// Nothing comes by it any more, and no slot is opened.
    spent: bool,
    /// Slots are being replaced: their end is no loss.
    replacing: bool,
    /// What has to be said of dead ports found no room.
    unsaid: bool,
    stamping: bool,
    /// When its last packet was sent, as far as is known.
    last: u64,
    /// How many milliseconds a read of it waits at most, 0 for as long as it takes.
    read_limit: u32,
}

/// The way back as the replier has it.
#[derive(Debug)]
pub(crate) struct WayBack {
    pub(crate) fd: Arc<Foreign>,
    /// The process that opens slots, as far as is known.
    opener: Option<i32>,
    _charge: Option<Charge>,
}

impl WayBack {
    /// One that came with the port, from who had it before.
    pub(crate) fn moved(fd: Foreign) -> Self {
        Self {
            fd: Arc::new(fd),
            opener: None,
            _charge: None,
        }
    }
}

/// What a slot is used for.
#[derive(Clone, Copy, Debug, Default)]
struct Use {
    generation: u32,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Free,
    /// A send-once right to this port is elsewhere.
    Open(PortKey),
    /// The port died; the other side has still to answer.
    Gone,
}

impl Back {
    fn new(fd: Foreign, out: Arc<Foreign>, to: PortKey) -> Self {
        Self {
            fd: Arc::new(fd),
            out,
            to,
            slots: [Use::default(); SLOTS],
            sources: Vec::new(),
            left: false,
            spent: false,
            replacing: false,
            unsaid: false,
            stamping: false,
            last: 0,
            read_limit: 0,
        }
    }

    /// By what it is read, and the limit that its reads have.
    pub(crate) fn reading(&mut self) -> (&Arc<Foreign>, &mut u32) {
        (&self.fd, &mut self.read_limit)
    }

    /// In a forked child: closes this process's copies, without saying anything.
    pub(crate) fn abandon(self) {
        Foreign::abandon(self.fd);
        // That of a send right is closed with it.
        if self.left {
            Foreign::abandon(self.out);
        }
    }

    /// What a slot is used for, unless that is over.
    fn used(&mut self, slot: Slot) -> Option<&mut Use> {
        let used = self.slots.get_mut(usize::from(slot.index));
        used.filter(|used| used.generation == slot.generation)
    }

    fn is_idle(&self) -> bool {
        self.slots.iter().all(|slot| slot.state == State::Free)
    }

    /// Whether the other side has still to hear of a port's death, or to answer.
    fn is_due(&self) -> bool {
        self.unsaid || self.slots.iter().any(|slot| slot.state == State::Gone)
    }

    /// The open slots, each with its port.
    fn open(&self) -> impl Iterator<Item = (Slot, PortKey)> {
        self.slots.iter().enumerate().filter_map(|(index, slot)| {
            let State::Open(port) = slot.state else {
                return None;
            };
            let index = index as u16;
            let generation = slot.generation;
            Some((Slot { index, generation }, port))
        })
    }

    /// How many send-once rights of a port are slots.
    pub(crate) fn open_for(&self, port: PortKey) -> usize {
        self.open().filter(|&(_, of)| of == port).count()
    }

    /// The time by which a packet is put in order, after that of all before it.
    fn in_order(&mut self, stamp: u64) -> u64 {
        self.last = stamp.max(self.last.saturating_add(1));
        self.last
    }
}
