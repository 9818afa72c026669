//! Which process is to get what: the bookkeeping, generic over what is kept so
//! that it can be tested without processes.

use std::collections::BTreeMap;
use std::collections::btree_map;

/// Tells registrations for one pid apart: a pid comes back once its process was
/// reaped, a serial never does.
pub(crate) type Serial = u64;

#[derive(Debug)]
pub(crate) struct Table<E> {
    entries: BTreeMap<i32, (Serial, E)>,
    next_serial: Serial,
}

impl<E> Table<E> {
    pub(crate) const fn new() -> Self {
        Self {
            entries: BTreeMap::new(),
            next_serial: 0,
        }
    }

    pub(crate) fn contains(&self, pid: i32) -> bool {
        self.entries.contains_key(&pid)
    }

    /// The serial of the next [`Self::insert`]; each is given once.
    pub(crate) fn reserve(&mut self) -> Serial {
        let serial = self.next_serial;
        self.next_serial = self.next_serial.wrapping_add(1);
        serial
    }

    /// Adds an entry and gives back what it replaces.
    pub(crate) fn insert(&mut self, pid: i32, serial: Serial, entry: E) -> Option<E> {
        self.entries
            .insert(pid, (serial, entry))
            .map(|(_, old)| old)
    }

    /// The entry of a process.
    pub(crate) fn get(&self, pid: i32) -> Option<&E> {
        self.entries.get(&pid).map(|(_, entry)| entry)
    }

    /// As [`Self::get`], to change it.
    pub(crate) fn get_mut(&mut self, pid: i32) -> Option<&mut E> {
        self.entries.get_mut(&pid).map(|(_, entry)| entry)
    }

    /// Takes the entry of a process that asks: a collection is claimed once.
    pub(crate) fn claim(&mut self, pid: i32) -> Option<E> {
        self.entries.remove(&pid).map(|(_, entry)| entry)
    }

    /// Takes the entry of a process that exited, unless it is a later process's
    /// with the same pid.
    pub(crate) fn expire(&mut self, pid: i32, serial: Serial) -> Option<E> {
        match self.entries.entry(pid) {
            btree_map::Entry::Occupied(entry) if entry.get().0 == serial => Some(entry.remove().1),
            _ => None,
        }
    }

    /// Takes everything.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = E> + use<E> {
        std::mem::take(&mut self.entries)
            .into_values()
            .map(|(_, entry)| entry)
    }

    /// Everything that is held, by ascending pid.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (i32, &E)> {
        self.entries.iter().map(|(pid, (_, entry))| (*pid, entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_claimed_once() {
        let mut table = Table::new();
        let serial = table.reserve();
        assert_eq!(table.insert(7, serial, "ports"), None);
        assert!(table.contains(7));
        assert_eq!(table.claim(8), None);
        assert_eq!(table.claim(7), Some("ports"));
        assert_eq!(table.claim(7), None);
        assert_eq!(table.expire(7, serial), None);
    }

    #[test]
    fn a_late_exit_does_not_take_the_next_process_entry() {
        let mut table = Table::new();
        let first = table.reserve();
        table.insert(7, first, "first");
        let second = table.reserve();
        assert_eq!(table.insert(7, second, "second"), Some("first"));
        assert_eq!(table.expire(7, first), None);
        assert_eq!(table.expire(7, second), Some("second"));
    }

    #[test]
    fn drain_leaves_nothing() {
        let mut table = Table::new();
        for pid in [3, 1, 2] {
            let serial = table.reserve();
            table.insert(pid, serial, pid);
        }
        assert_eq!(
            table.iter().map(|(pid, _)| pid).collect::<Vec<_>>(),
            [1, 2, 3]
        );
        assert_eq!(table.drain().count(), 3);
        assert_eq!(table.iter().count(), 0);
    }
}
