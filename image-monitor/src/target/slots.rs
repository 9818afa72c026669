//! Which monitors a process has places for.

/// As many as dyld's.
pub(crate) const SLOTS: usize = image_protocol::MAX_MONITORS;

/// The places of one process.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    holders: [Option<u64>; SLOTS],
    next: u64,
}

/// A place and who has it: no two holders of a place have one ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket {
    place: usize,
    holder: u64,
}

impl Slots {
    /// Takes the first free place; `None` if there is none.
    pub(crate) fn claim(&mut self) -> Option<Ticket> {
        let place = self.holders.iter().position(Option::is_none)?;
        let holder = self.next;
        self.next += 1;
        self.holders[place] = Some(holder);
        Some(Ticket { place, holder })
    }

    /// Clears a place if it is still this holder's, and says whether it was.
    pub(crate) fn release(&mut self, ticket: Ticket) -> bool {
        let is_its = self.holders[ticket.place] == Some(ticket.holder);
        if is_its {
            self.holders[ticket.place] = None;
        }
        is_its
    }

    /// How many places are taken.
    pub(crate) fn taken(&self) -> usize {
        self.holders.iter().flatten().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ninth_finds_no_place_until_one_is_free() {
        let mut slots = Slots::default();
        let tickets: Vec<_> = std::iter::from_fn(|| slots.claim()).collect();
        assert_eq!(tickets.len(), 8);
        assert_eq!(slots.claim(), None);
        assert!(slots.release(tickets[3]));
        let next = slots.claim().unwrap();
        assert_eq!(next.place, 3);
        assert_ne!(next, tickets[3]);
        assert_eq!(slots.claim(), None);
    }

    #[test]
    fn who_ends_late_does_not_clear_the_place_of_the_next() {
        let mut slots = Slots::default();
        let first = slots.claim().unwrap();
        assert!(slots.release(first));
        let second = slots.claim().unwrap();
        assert_eq!(second.place, first.place);
        assert!(!slots.release(first));
        assert_eq!(slots.taken(), 1);
        assert!(slots.release(second));
        assert!(!slots.release(second));
        assert_eq!(slots.taken(), 0);
    }
}
