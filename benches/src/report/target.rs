//! What is to be reached.

use crate::args::Mode;
use crate::groups::Group;
use crate::ours::{calls::echo, locks, safe, typed};

/// A row, divided by another one, is to be at most so much.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Target {
    /// The other row; `None` is the first of the table.
    pub(super) against: Option<&'static str>,
    pub(super) at_most: f64,
}

/// The target of a row, if it has one.
pub(super) fn target(group: Group, mode: Mode, level: Option<u64>, name: &str) -> Option<Target> {
    let (against, at_most) = match (group, name) {
        (Group::Request, echo::LONG_LIVED) => (None, if mode == Mode::Free { 0.25 } else { 1.5 }),
        (Group::Request, echo::SEND_ONCE) => (None, if mode == Mode::Free { 0.25 } else { 1.6 }),
        (Group::Request, safe::LONG_LIVED) => (Some(echo::LONG_LIVED), 1.1),
        (Group::Request, safe::SEND_ONCE) => (Some(echo::SEND_ONCE), 1.1),
        (Group::Typed, typed::ROUTINE) => (Some(typed::HAND), 1.15),
        (Group::Locks, locks::SESSION) => (None, 2.5),
        (Group::Locks, locks::VOLUME) => (Some(locks::WITH_RIGHT), 2.5),
        // Rates of 0.65 and 0.85 of the raw ones.
        (Group::Stream, "calls") => (None, if level == Some(64) { 1.54 } else { 1.18 }),
        (Group::Stream | Group::Memory, "safe layer") => (Some("calls"), 1.1),
        (Group::Memory, "calls") => (None, 1.4),
        (Group::Set, name) if name.contains("in a set") => (None, 1.3),
        (Group::Rights, name) if name.starts_with("calls") => (None, 1.5),
        (Group::Launch, "launcher, 4 ports, first message") => (None, 1.1),
        (Group::Launch, "launcher, launches by two threads") => {
            (Some("launcher, launches by one thread"), 0.67)
        }
        (Group::Resident, "large parent") => (None, 1.1),
        (Group::Plt, "one monitor") => (None, 1.1),
        (Group::Spawn, name) if name.starts_with("launcher") => (None, 1.2),
        _ => return None,
    };
    Some(Target { against, at_most })
}

/// How much dearer a request may be at a higher level than at the first one.
pub(super) const GROWTH: f64 = 1.15;
