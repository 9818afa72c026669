//! Port sets.

use std::collections::VecDeque;

use super::ids::PortKey;
use super::signal::Signal;
use super::waiters::{Waiters, Waiting};
use crate::headers::port::mach_port_name_t;
use crate::sys::watch::Watch;

/// A set of ports that are received from together.
#[derive(Debug)]
pub(crate) struct PortSet {
    pub(crate) name: mach_port_name_t,
    pub(crate) members: Vec<PortKey>,
    /// Members with messages, in the order in which they became ready. One that was emptied directly is skipped.
    pub(crate) ready: VecDeque<PortKey>,
    /// Members that had something at the last look and have not been received from since. The next look comes when each has
    /// had its turn.
    pub(crate) turn: VecDeque<PortKey>,
    /// The members' links.
    pub(crate) watch: Option<Watch>,
    pub(crate) receivers: Waiters,
    pub(crate) waiting: Waiting,
    pub(crate) signal: Option<Signal>,
}

impl PortSet {
    pub(crate) fn new(name: mach_port_name_t) -> Self {
        Self {
            name,
            members: Vec::new(),
            ready: VecDeque::new(),
            turn: VecDeque::new(),
            watch: None,
            receivers: Waiters::default(),
            waiting: Waiting::default(),
            signal: None,
        }
    }

    pub(crate) fn mark_ready(&mut self, member: PortKey) {
        if !self.ready.contains(&member) {
            self.ready.push_back(member);
        }
    }

    /// Gives members a turn that have something, behind those that wait for theirs.
    pub(crate) fn give_turns(&mut self, members: impl IntoIterator<Item = PortKey>) {
        for member in members {
            if !self.turn.contains(&member) {
                self.turn.push_back(member);
            }
        }
    }
}
