//! A task's name space.

use std::collections::{BTreeMap, HashMap};

use mach_ports::ffi::port::{
    MACH_PORT_TYPE_DEAD_NAME, MACH_PORT_TYPE_SEND, MACH_PORT_TYPE_SEND_ONCE,
};

use super::world::{PortId, SetId};

/// The most references that a name counts (`MACH_PORT_UREFS_MAX`, which mach2 lacks).
pub(super) const UREFS_MAX: u32 = 65_535;

/// What a name denotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Object {
    Nothing,
    Port(PortId),
    Set(SetId),
}

/// A name's rights.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// `MACH_PORT_TYPE_*` bits of the rights.
    pub(super) rights: u32,
    /// User references of its send right, send-once right or dead name.
    pub(super) references: u32,
    pub(super) object: Object,
    /// It has a slot among its port's requests, be it one that has fired.
    pub(super) requested: bool,
}

impl Entry {
    pub(super) fn has(&self, rights: u32) -> bool {
        self.rights & rights != 0
    }

    pub(super) fn port(&self) -> Option<PortId> {
        match self.object {
            Object::Port(port) => Some(port),
            _ => None,
        }
    }

    /// Adds a reference, up to the most there can be.
    pub(super) fn add(&mut self, references: u32) {
        self.references = (self.references + references).min(UREFS_MAX);
    }

    /// What `mach_port_get_refs` says of one right.
    pub(super) fn references_of(&self, right: u32) -> u32 {
        let counted = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_SEND_ONCE | MACH_PORT_TYPE_DEAD_NAME;
        match 1 << (right + 16) {
            bit if !self.has(bit) => 0,
            bit if bit & counted != 0 => self.references,
            _ => 1,
        }
    }
}

/// The names of one task. The model's own names are 1, 2, 3 and so on; none is used twice.
#[derive(Debug, Default)]
pub(super) struct Space {
    pub(super) names: BTreeMap<u32, Entry>,
    /// The one name of a port's receive and send rights.
    pub(super) home: HashMap<PortId, u32>,
    last: u32,
}

impl Space {
    /// A name that nothing has had.
    pub(super) fn mint(&mut self) -> u32 {
        self.last += 1;
        self.last
    }

    /// The name that will be minted next.
    pub(super) fn next(&self) -> u32 {
        self.last + 1
    }

    /// The names that were, and are no more.
    pub(super) fn former(&self) -> impl Iterator<Item = u32> {
        (1..=self.last).filter(|name| !self.names.contains_key(name))
    }

    pub(super) fn enter(&mut self, name: u32, rights: u32, object: Object) {
        let entry = Entry {
            rights,
            references: 1,
            object,
            requested: false,
        };
        assert!(
            self.names.insert(name, entry).is_none(),
            "a name of its own"
        );
        if let Object::Port(port) = object
            && rights & MACH_PORT_TYPE_SEND_ONCE == 0
        {
            self.home.insert(port, name);
        }
    }

    pub(super) fn remove(&mut self, name: u32) -> Entry {
        let entry = self.names.remove(&name).expect("a name to remove");
        self.forget_home(&entry, name);
        entry
    }

    /// The name is no longer where rights to its port go.
    pub(super) fn forget_home(&mut self, entry: &Entry, name: u32) {
        if let Some(port) = entry.port()
            && self.home.get(&port) == Some(&name)
        {
            self.home.remove(&port);
        }
    }
}
