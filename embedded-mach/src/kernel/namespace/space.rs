//! A task's name space: which 32-bit names stand for what.
//!
//! Pure bookkeeping. A name is `index << 8 | generation << 2 | 3`; a freed index is used again before a new one,
//! last freed first, under the next of 64 generations, so that a stale name does not soon mean something new.

use crate::headers::kern_return::{
    KERN_FAILURE, KERN_INVALID_VALUE, KERN_NAME_EXISTS, KERN_NO_SPACE, kern_return_t,
};
use crate::headers::port::{
    MACH_PORT_TYPE_DEAD_NAME, MACH_PORT_TYPE_SEND, MACH_PORT_TYPE_SEND_ONCE, MACH_PORT_UREFS_MAX,
    mach_port_name_t, mach_port_type_t,
};
use crate::kernel::ports::ids::{PortKey, SetKey};
use crate::kernel::ports::request::Request;

/// One more than the highest index a name may have.
const MAX_ENTRIES: u32 = 1 << 20;
const GENERATIONS: u8 = 64;
/// The bits that every name has set.
const LOW_BITS: u32 = 3;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Object {
    /// Nothing any more: a dead name.
    Gone,
    Port(PortKey),
    Set(SetKey),
}

/// One name's rights.
#[derive(Debug)]
pub(crate) struct Entry {
    /// `MACH_PORT_TYPE_*` bits of the rights held; request bits are derived, not stored.
    pub(crate) bits: mach_port_type_t,
    /// User references of the send right, send-once right or dead name.
    pub(crate) urefs: u32,
    pub(crate) object: Object,
    /// The dead-name or send-possible request that stands on the name.
    pub(crate) request: Option<Request>,
    /// A request fired when the port died: the dead name will hold one reference more.
    pub(crate) fired: bool,
    /// A send-possible request fired, and nothing has been asked since: XNU remembers that it was there.
    pub(crate) spent: bool,
}

impl Entry {
    pub(crate) fn new(bits: mach_port_type_t, urefs: u32, object: Object) -> Self {
        Self {
            bits,
            urefs,
            object,
            request: None,
            fired: false,
            spent: false,
        }
    }

    pub(crate) fn has(&self, bits: mach_port_type_t) -> bool {
        self.bits & bits != 0
    }

    pub(crate) fn port(&self) -> Option<PortKey> {
        match self.object {
            Object::Port(key) => Some(key),
            _ => None,
        }
    }

    pub(crate) fn set(&self) -> Option<SetKey> {
        match self.object {
            Object::Set(key) => Some(key),
            _ => None,
        }
    }

    /// Adds user references; a full count stays at its maximum.
    pub(crate) fn add_urefs(&mut self, n: u32) {
        self.urefs = self.urefs.saturating_add(n).min(MACH_PORT_UREFS_MAX);
    }

    /// Whether the count is at its maximum, where it ignores single steps.
    pub(crate) fn pegged(&self) -> bool {
        self.urefs >= MACH_PORT_UREFS_MAX
    }

    /// User references under one kind of right.
    pub(crate) fn refs_of(&self, bit: mach_port_type_t) -> u32 {
        match bit {
            _ if !self.has(bit) => 0,
            MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_SEND_ONCE | MACH_PORT_TYPE_DEAD_NAME => self.urefs,
            _ => 1,
        }
    }
}

#[derive(Debug, Default)]
struct Slot {
    generation: u8,
    entry: Option<Entry>,
}

/// The name table of one task.
#[derive(Debug)]
pub(crate) struct Space {
    slots: Vec<Slot>,
    free: Vec<u32>,
}

fn make_name(index: u32, generation: u8) -> mach_port_name_t {
    index << 8 | u32::from(generation) << 2 | LOW_BITS
}

fn split(name: mach_port_name_t) -> (usize, u8) {
    ((name >> 8) as usize, (name >> 2 & 0x3f) as u8)
}

impl Space {
    /// An empty table. Index 0 is never used, so that no name is small.
    pub(crate) fn new() -> Self {
        Self {
            slots: vec![Slot::default()],
            free: Vec::new(),
        }
    }

    /// Enters `entry` under a name of the table's choice.
    pub(crate) fn insert(&mut self, entry: Entry) -> Result<mach_port_name_t, kern_return_t> {
        let index = match self.free.pop() {
            Some(index) => index,
            None if self.slots.len() as u32 >= MAX_ENTRIES => return Err(KERN_NO_SPACE),
            None => {
                self.slots.push(Slot::default());
                self.slots.len() as u32 - 1
            }
        };
        let slot = &mut self.slots[index as usize];
        slot.entry = Some(entry);
        Ok(make_name(index, slot.generation))
    }

    /// Whether `name` is one that an entry could be made under.
    ///
    /// A name in use is `KERN_NAME_EXISTS`; see Mach fact 2 for the others.
    pub(crate) fn check_free(&self, name: mach_port_name_t) -> Result<(), kern_return_t> {
        let (index, generation) = split(name);
        if index >= MAX_ENTRIES as usize {
            return Err(KERN_NO_SPACE);
        }
        if name & LOW_BITS != LOW_BITS {
            return Err(KERN_INVALID_VALUE);
        }
        match self.slots.get(index) {
            _ if index == 0 => Err(KERN_FAILURE),
            Some(slot) if slot.entry.is_some() && slot.generation == generation => {
                Err(KERN_NAME_EXISTS)
            }
            Some(slot) if slot.entry.is_some() => Err(KERN_FAILURE),
            _ => Ok(()),
        }
    }

    /// Enters `entry` under a chosen name.
    pub(crate) fn insert_at(
        &mut self,
        name: mach_port_name_t,
        entry: Entry,
    ) -> Result<(), kern_return_t> {
        self.check_free(name)?;
        let (index, generation) = split(name);
        if index >= self.slots.len() {
            // Lowest on top, so that growth by hand and growth by use give names in the same order.
            let fresh = self.slots.len() as u32..index as u32;
            self.free.splice(0..0, fresh.rev());
            self.slots.resize_with(index + 1, Slot::default);
        } else {
            self.free.retain(|&free| free != index as u32);
        }
        let slot = &mut self.slots[index];
        slot.generation = generation;
        slot.entry = Some(entry);
        Ok(())
    }

    pub(crate) fn get(&self, name: mach_port_name_t) -> Option<&Entry> {
        let (index, generation) = split(name);
        let slot = self.slots.get(index)?;
        (name & LOW_BITS == LOW_BITS && slot.generation == generation)
            .then_some(slot.entry.as_ref())
            .flatten()
    }

    pub(crate) fn get_mut(&mut self, name: mach_port_name_t) -> Option<&mut Entry> {
        let (index, generation) = split(name);
        let slot = self.slots.get_mut(index)?;
        (name & LOW_BITS == LOW_BITS && slot.generation == generation)
            .then_some(slot.entry.as_mut())
            .flatten()
    }

    /// Frees a name.
    pub(crate) fn remove(&mut self, name: mach_port_name_t) -> Option<Entry> {
        self.get(name)?;
        let (index, _) = split(name);
        let slot = self.slots.get_mut(index)?;
        let entry = slot.entry.take();
        slot.generation = (slot.generation + 1) % GENERATIONS;
        self.free.push(index as u32);
        entry
    }

    /// Names there is room for before the table grows.
    pub(crate) fn size(&self) -> u32 {
        self.slots.len() as u32
    }

    /// All names, ascending by index.
    pub(crate) fn names(&self) -> impl Iterator<Item = mach_port_name_t> {
        self.slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| slot.entry.is_some())
            .map(|(index, slot)| make_name(index as u32, slot.generation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dead() -> Entry {
        Entry::new(MACH_PORT_TYPE_DEAD_NAME, 1, Object::Gone)
    }

    #[test]
    fn the_last_freed_index_comes_first_under_the_next_generation() {
        let mut space = Space::new();
        assert_eq!(space.insert(dead()), Ok(0x103));
        assert_eq!(space.insert(dead()), Ok(0x203));
        space.remove(0x103);
        space.remove(0x203);
        assert_eq!(space.insert(dead()), Ok(0x207));
        assert_eq!(space.insert(dead()), Ok(0x107));
        assert!(space.get(0x103).is_none());
    }

    #[test]
    fn a_number_comes_back_after_64_uses() {
        let mut space = Space::new();
        let first = space.insert(dead()).unwrap();
        space.remove(first);
        let again = (1..)
            .find(|_| {
                let name = space.insert(dead()).unwrap();
                space.remove(name);
                name == first
            })
            .unwrap();
        assert_eq!(again, 64);
    }

    #[test]
    fn chosen_names() {
        let mut space = Space::new();
        assert_eq!(space.insert_at(122, dead()), Err(KERN_INVALID_VALUE));
        assert_eq!(space.insert_at(123, dead()), Err(KERN_FAILURE));
        assert_eq!(space.insert_at(0xffff_fe00, dead()), Err(KERN_NO_SPACE));
        assert_eq!(space.insert_at(0x507, dead()), Ok(()));
        assert_eq!(space.insert_at(0x507, dead()), Err(KERN_NAME_EXISTS));
        assert_eq!(space.insert_at(0x50b, dead()), Err(KERN_FAILURE));
        assert_eq!(space.insert(dead()), Ok(0x103));
        assert_eq!(space.names().collect::<Vec<_>>(), [0x103, 0x507]);
    }

    #[test]
    fn references_stay_at_the_maximum() {
        let mut entry = dead();
        entry.add_urefs(u32::MAX);
        assert_eq!(entry.urefs, MACH_PORT_UREFS_MAX);
        assert!(entry.pegged());
    }
}
