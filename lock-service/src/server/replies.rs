//! Requests that wait for their answers.

use std::collections::HashMap;
use std::ffi::CString;

use mach_interface::{DeferredReply, FixedText};

use crate::state::{Answer, Previous, Ticket};
use crate::wire::VOLUME_NAME;

/// The right to answer one request.
#[derive(Debug)]
pub(super) enum Reply {
    Volume(DeferredReply<i32>),
    Reboot(DeferredReply<(FixedText<VOLUME_NAME>, i32)>),
    Lock(DeferredReply<(i32, u32)>),
}

#[derive(Debug, Default)]
pub(super) struct Replies {
    waiting: HashMap<Ticket, Reply>,
    last: u64,
}

impl Replies {
    /// Keeps a reply until it is answered.
    pub(super) fn keep(&mut self, reply: Reply) -> Ticket {
        self.last += 1;
        let ticket = Ticket(self.last);
        self.waiting.insert(ticket, reply);
        ticket
    }

    /// Answers, and says whether that was possible.
    pub(super) fn answer(&mut self, ticket: Ticket, answer: Answer) -> bool {
        self.waiting
            .remove(&ticket)
            .is_some_and(|reply| reply.answer(answer))
    }
}

impl Reply {
    pub(super) fn answer(self, answer: Answer) -> bool {
        let status = answer.status.get();
        match self {
            Self::Volume(reply) => reply.try_reply(status),
            Self::Reboot(reply) => {
                let busy = answer.busy.as_deref().unwrap_or_default();
                reply.try_reply((volume_name(busy), status))
            }
            Self::Lock(reply) => {
                let previous = match answer.previous {
                    Previous::Unlocked => 0,
                    Previous::Died => 1,
                    Previous::Expired => 2,
                };
                reply.try_reply((status, previous))
            }
        }
    }
}

/// As much of a name as there is room for, whole characters only, up to the first NUL.
fn volume_name(name: &str) -> CString {
    let name = name.split('\0').next().unwrap_or_default();
    let fits = |end: &usize| *end < VOLUME_NAME;
    let ends = name.char_indices().map(|(at, char)| at + char.len_utf8());
    let end = ends.take_while(fits).last().unwrap_or_default();
    CString::new(&name[..end]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_between_characters() {
        let long = "é".repeat(60);
        assert_eq!(volume_name(&long).as_bytes(), "é".repeat(44).as_bytes());
        assert_eq!(volume_name("Data\0x").as_bytes(), b"Data");
        assert_eq!(volume_name("Data").as_bytes(), b"Data");
    }
}
