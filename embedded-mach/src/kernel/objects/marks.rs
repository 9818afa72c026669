//! What a program says of its memory and Linux does not keep.

use core::ffi::c_int;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::headers::vm_behavior::{VM_BEHAVIOR_DEFAULT, vm_behavior_t};
use crate::headers::vm_prot::{VM_PROT_ALL, vm_prot_t};
use crate::headers::vm_purgable::VM_PURGABLE_NONVOLATILE;

/// What is said of some pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// What the memory is for (`VM_MAKE_TAG`).
    pub(crate) tag: u8,
    /// How it will be used.
    pub(crate) behavior: vm_behavior_t,
    /// The most that it may ever allow.
    pub(crate) most: vm_prot_t,
    /// The object that it is part of, if it may vanish.
    pub(crate) purgeable: Option<Purgeable>,
}

/// Memory that may vanish while it is volatile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Purgeable {
    object: u64,
    pub(crate) state: c_int,
}

impl Default for Mark {
    fn default() -> Self {
        Self {
            tag: 0,
            behavior: VM_BEHAVIOR_DEFAULT,
            most: VM_PROT_ALL,
            purgeable: None,
        }
    }
}

/// The marks of all memory. What has none has the default.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    /// By where the part begins: where it ends, and its mark. No part is empty, and none overlap.
    parts: BTreeMap<usize, (usize, Mark)>,
    objects: u64,
}

impl Marks {
    /// An object that may vanish, fresh.
    pub(crate) fn new_purgeable(&mut self) -> Purgeable {
        self.objects += 1;
        Purgeable {
            object: self.objects,
            state: VM_PURGABLE_NONVOLATILE,
        }
    }

    /// The mark at an address, and all around it that has the same.
    pub(crate) fn at(&self, address: usize) -> (Range<usize>, Mark) {
        let before = self.parts.range(..=address).next_back();
        match before {
            Some((&start, &(end, mark))) if end > address => (start..end, mark),
            _ => {
                let start = before.map_or(0, |(_, (end, _))| *end);
                let next = self.parts.range(address..).next();
                let end = next.map_or(usize::MAX, |(start, _)| *start);
                (start..end, Mark::default())
            }
        }
    }

    /// The marks in a range, in ascending order, each with what of the range has it.
    pub(crate) fn within(&self, range: Range<usize>) -> Vec<(Range<usize>, Mark)> {
        let mut found = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let (part, mark) = self.at(at);
            let end = part.end.min(range.end);
            found.push((at..end, mark));
            at = end;
        }
        found
    }

    pub(crate) fn set(&mut self, range: Range<usize>, mark: Mark) {
        self.remove(&range);
        if mark != Mark::default() && !range.is_empty() {
            self.parts.insert(range.start, (range.end, mark));
        }
    }

    pub(crate) fn change(&mut self, range: Range<usize>, change: impl Fn(&mut Mark)) {
        for (part, mut mark) in self.within(range) {
            change(&mut mark);
            self.set(part, mark);
        }
    }

    /// Says how all of an object is.
    pub(crate) fn set_state(&mut self, of: Purgeable, state: c_int) {
        for (_, mark) in self.parts.values_mut() {
            if let Some(purgeable) = &mut mark.purgeable
                && purgeable.object == of.object
            {
                purgeable.state = state;
            }
        }
    }

    /// What is mapped of an object.
    pub(crate) fn of_object(&self, of: Purgeable) -> Vec<Range<usize>> {
        let parts = self.parts.iter().filter(|(_, (_, mark))| {
            mark.purgeable
                .is_some_and(|known| known.object == of.object)
        });
        parts.map(|(&start, &(end, _))| start..end).collect()
    }

    /// Parts of the objects that are in a state.
    pub(crate) fn in_state(&self, state: c_int) -> Vec<Purgeable> {
        let marks = self.parts.values();
        let known = marks.filter_map(|(_, mark)| mark.purgeable);
        known.filter(|known| known.state == state).collect()
    }

    /// A range shows something else.
    pub(crate) fn remove(&mut self, gone: &Range<usize>) {
        loop {
            let last = self.parts.range(..gone.end).next_back();
            let Some((&start, &(end, mark))) = last.filter(|(_, (end, _))| *end > gone.start)
            else {
                return;
            };
            self.parts.remove(&start);
            if end > gone.end {
                self.parts.insert(gone.end, (end, mark));
            }
            if start < gone.start {
                self.parts.insert(start, (gone.start, mark));
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tagged(tag: u8) -> Mark {
        Mark {
            tag,
            ..Mark::default()
        }
    }

    #[test]
    fn a_hole_in_a_marked_range_leaves_both_sides() {
        let mut marks = Marks::default();
        marks.set(10..40, tagged(1));
        marks.remove(&(20..30));
        assert_eq!(marks.at(15), (10..20, tagged(1)));
        assert_eq!(marks.at(20), (20..30, Mark::default()));
        assert_eq!(marks.at(30), (30..40, tagged(1)));
        marks.set(5..35, tagged(2));
        assert_eq!(marks.at(34), (5..35, tagged(2)));
        assert_eq!(marks.at(0), (0..5, Mark::default()));
        assert_eq!(marks.at(40), (40..usize::MAX, Mark::default()));
        marks.remove(&(0..100));
        assert_eq!(marks.at(7), (0..usize::MAX, Mark::default()));
    }

    #[test]
    fn a_change_keeps_what_it_does_not_change() {
        let mut marks = Marks::default();
        marks.set(10..20, tagged(3));
        marks.change(15..25, |mark| mark.most = 1);
        let part = |tag| Mark {
            most: 1,
            ..tagged(tag)
        };
        let found = marks.within(5..30);
        let wanted = [
            (5..10, Mark::default()),
            (10..15, tagged(3)),
            (15..20, part(3)),
            (20..25, part(0)),
            (25..30, Mark::default()),
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn all_of_an_object_is_in_one_state() {
        let mut marks = Marks::default();
        let (one, other) = (marks.new_purgeable(), marks.new_purgeable());
        for (range, purgeable) in [(0..10, one), (10..20, other)] {
            let purgeable = Some(purgeable);
            marks.set(
                range,
                Mark {
                    purgeable,
                    ..Mark::default()
                },
            );
        }
        marks.remove(&(4..6));
        marks.set_state(one, 1);
        assert_eq!(marks.of_object(one), [0..4, 6..10]);
        assert_eq!(marks.in_state(1).len(), 2);
        assert_eq!(marks.in_state(0), [other]);
    }
}
