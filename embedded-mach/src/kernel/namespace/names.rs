//! Names: making them, finding what is under them, telling of them.

use super::space::{Entry, Object};
use crate::headers::kern_return::{
    KERN_INVALID_ARGUMENT, KERN_INVALID_NAME, KERN_INVALID_RIGHT, KERN_INVALID_VALUE,
    KERN_NOT_SUPPORTED,
};
use crate::headers::port::{
    MACH_PORT_DEAD, MACH_PORT_NULL, MACH_PORT_RIGHT_DEAD_NAME, MACH_PORT_RIGHT_NUMBER,
    MACH_PORT_RIGHT_PORT_SET, MACH_PORT_RIGHT_RECEIVE, MACH_PORT_RIGHT_SEND,
    MACH_PORT_RIGHT_SEND_ONCE, MACH_PORT_TYPE_DEAD_NAME, MACH_PORT_TYPE_DNREQUEST,
    MACH_PORT_TYPE_PORT_SET, MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND, MACH_PORT_TYPE_SPREQUEST,
    MACH_PORT_TYPE_SPREQUEST_DELAYED, MACH_PORT_VALID, mach_port_name_t, mach_port_right_t,
    mach_port_type_t, mach_port_urefs_t,
};
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::notify;
use crate::kernel::ports::port::{Home, Local};
use crate::kernel::ports::request::Wish;
use crate::kernel::ports::right::Right;
use crate::kernel::ports::set::PortSet;
use crate::kernel::{Kernel, Result};

/// Bits of `mach_port_qos_t`: the name of a new right is given; memory for a message is to be set aside.
const QOS_NAME: u32 = 1;
const QOS_PREALLOC: u32 = 2;

impl Kernel {
    /// Makes a new right under `name`, or under a name of the kernel's choice.
    pub(crate) fn allocate(
        &mut self,
        right: mach_port_right_t,
        name: Option<mach_port_name_t>,
    ) -> Result<mach_port_name_t> {
        if name.is_some_and(|name| !MACH_PORT_VALID(name)) {
            return Err(KERN_INVALID_VALUE);
        }
        match right {
            MACH_PORT_RIGHT_RECEIVE => self.allocate_port(name),
            MACH_PORT_RIGHT_PORT_SET => self.allocate_set(name),
            MACH_PORT_RIGHT_DEAD_NAME => {
                self.enter(Entry::new(MACH_PORT_TYPE_DEAD_NAME, 1, Object::Gone), name)
            }
            _ => Err(KERN_INVALID_VALUE),
        }
    }

    /// `mach_port_allocate_full`. Memory cannot be set aside for a message.
    pub(crate) fn allocate_full(
        &mut self,
        right: mach_port_right_t,
        proto_given: bool,
        qos: u32,
        name: mach_port_name_t,
    ) -> Result<mach_port_name_t> {
        let name = (qos & QOS_NAME != 0).then_some(name);
        if proto_given || name.is_some_and(|name| !MACH_PORT_VALID(name)) {
            return Err(KERN_INVALID_VALUE);
        }
        if qos & QOS_PREALLOC != 0 {
            return Err(KERN_NOT_SUPPORTED);
        }
        self.allocate(right, name)
    }

    /// `mach_port_allocate_qos`: under a name of the kernel's choice.
    pub(crate) fn allocate_qos(
        &mut self,
        right: mach_port_right_t,
        qos: u32,
    ) -> Result<mach_port_name_t> {
        if qos & QOS_NAME != 0 {
            return Err(KERN_INVALID_ARGUMENT);
        }
        self.allocate_full(right, false, qos, MACH_PORT_NULL)
    }

    fn enter(&mut self, entry: Entry, name: Option<mach_port_name_t>) -> Result<mach_port_name_t> {
        match name {
            None => self.space.insert(entry),
            Some(name) => self.space.insert_at(name, entry).map(|()| name),
        }
    }

    pub(in crate::kernel) fn allocate_port(
        &mut self,
        name: Option<mach_port_name_t>,
    ) -> Result<mach_port_name_t> {
        let key = self.add_port(Home::Local(Box::new(Local::new())));
        let entry = Entry::new(MACH_PORT_TYPE_RECEIVE, 1, Object::Port(key));
        match self.enter(entry, name) {
            Ok(name) => {
                if let Some(port) = self.port_mut(key) {
                    port.name = Some(name);
                }
                Ok(name)
            }
            Err(code) => {
                self.ports.remove(key);
                Err(code)
            }
        }
    }

    fn allocate_set(&mut self, name: Option<mach_port_name_t>) -> Result<mach_port_name_t> {
        let key = self.sets.insert(PortSet::new(MACH_PORT_NULL));
        let entry = Entry::new(MACH_PORT_TYPE_PORT_SET, 1, Object::Set(key));
        match self.enter(entry, name) {
            Ok(name) => {
                if let Some(set) = self.sets.get_mut(key) {
                    set.name = name;
                }
                Ok(name)
            }
            Err(code) => {
                self.sets.remove(key);
                Err(code)
            }
        }
    }

    /// Turns a name whose port has died into a dead name.
    pub(crate) fn refresh(&mut self, name: mach_port_name_t) {
        let Some((key, bits)) = self
            .space
            .get(name)
            .filter(|entry| !entry.has(MACH_PORT_TYPE_RECEIVE))
            .and_then(|entry| Some((entry.port()?, entry.bits)))
        else {
            return;
        };
        self.check_alive(key);
        if !self
            .port(key)
            .is_some_and(crate::kernel::ports::port::Port::is_dead)
        {
            return;
        }
        if let Some(entry) = self.space.get_mut(name) {
            entry.bits = MACH_PORT_TYPE_DEAD_NAME;
            entry.object = Object::Gone;
            entry.spent = false;
            if std::mem::take(&mut entry.fired) {
                entry.add_urefs(1);
            }
        }
        if let Some(port) = self.port_mut(key) {
            if bits & MACH_PORT_TYPE_SEND != 0 {
                port.srights = port.srights.saturating_sub(1);
                port.name = None;
            } else {
                port.sorights = port.sorights.saturating_sub(1);
            }
        }
        self.forget_if_unused(key);
    }

    /// The entry of a name, as a dead name if its port has died.
    pub(crate) fn look_at(&mut self, name: mach_port_name_t) -> Result<&mut Entry> {
        self.refresh(name);
        self.space.get_mut(name).ok_or(KERN_INVALID_NAME)
    }

    /// The port under a name that holds its receive right.
    pub(crate) fn receive_right(&self, name: mach_port_name_t) -> Result<PortKey> {
        let entry = self.space.get(name).ok_or(KERN_INVALID_NAME)?;
        match entry.port() {
            Some(key) if entry.has(MACH_PORT_TYPE_RECEIVE) => Ok(key),
            _ => Err(KERN_INVALID_RIGHT),
        }
    }

    /// Frees a name. A request on it is answered: the name is gone, whatever became of the port.
    pub(crate) fn remove_name(&mut self, name: mach_port_name_t) -> Option<Entry> {
        let mut entry = self.take_name(name)?;
        self.name_is_gone(name, &mut entry);
        Some(entry)
    }

    /// Frees a name whose right goes as well: what that brings about is told before [`Kernel::name_is_gone`].
    pub(super) fn take_name(&mut self, name: mach_port_name_t) -> Option<Entry> {
        let entry = self.space.remove(name)?;
        if let Some(key) = entry.port()
            && let Some(port) = self.port_mut(key)
        {
            port.requests.retain(|&n| n != name);
            if port.name == Some(name) {
                port.name = None;
            }
        }
        Some(entry)
    }

    /// Answers the request on a name that was freed.
    pub(super) fn name_is_gone(&mut self, name: mach_port_name_t, entry: &mut Entry) {
        if let Some(request) = entry.request.take() {
            self.post(notify::port_deleted(request.notify, name));
        }
    }

    /// Frees a name and gives up the one right that it had.
    pub(super) fn remove_with(&mut self, name: mach_port_name_t, right: Right) {
        let entry = self.take_name(name);
        self.release(right);
        if let Some(mut entry) = entry {
            self.name_is_gone(name, &mut entry);
        }
    }

    /// `mach_port_type`.
    pub(crate) fn type_of(&mut self, name: mach_port_name_t) -> Result<mach_port_type_t> {
        match name {
            MACH_PORT_NULL => Err(KERN_INVALID_NAME),
            MACH_PORT_DEAD => Ok(MACH_PORT_TYPE_DEAD_NAME),
            // Of the two kinds of request XNU tells in `mach_port_names` only.
            _ => self
                .look_at(name)
                .map(|entry| shown_type(entry) & !SEND_POSSIBLE_BITS),
        }
    }

    /// `mach_port_get_refs`.
    pub(crate) fn get_refs(
        &mut self,
        name: mach_port_name_t,
        right: mach_port_right_t,
    ) -> Result<mach_port_urefs_t> {
        if right >= MACH_PORT_RIGHT_NUMBER {
            return Err(KERN_INVALID_VALUE);
        }
        if !MACH_PORT_VALID(name) {
            return match right {
                MACH_PORT_RIGHT_SEND | MACH_PORT_RIGHT_SEND_ONCE => Ok(1),
                _ => Err(KERN_INVALID_NAME),
            };
        }
        let entry = self.look_at(name)?;
        if right > MACH_PORT_RIGHT_DEAD_NAME {
            return Err(KERN_INVALID_RIGHT);
        }
        Ok(entry.refs_of(1 << (right + 16)))
    }

    /// `mach_port_names`: each name with its type.
    pub(crate) fn all_names(&mut self) -> Vec<(mach_port_name_t, mach_port_type_t)> {
        let names: Vec<_> = self.space.names().collect();
        names
            .into_iter()
            .filter_map(|name| Some((name, self.look_at(name).ok().map(|e| shown_type(e))?)))
            .collect()
    }
}

/// What the type of a name with a send-possible request has beside `MACH_PORT_TYPE_DNREQUEST`.
const SEND_POSSIBLE_BITS: mach_port_type_t =
    MACH_PORT_TYPE_SPREQUEST | MACH_PORT_TYPE_SPREQUEST_DELAYED;

/// The type that is shown of a name: its rights and the request that stands on it.
fn shown_type(entry: &Entry) -> mach_port_type_t {
    entry.bits
        | match entry.request.as_ref().map(|request| request.wish) {
            None => 0,
            Some(Wish::DeadName) => MACH_PORT_TYPE_DNREQUEST,
            Some(Wish::SendPossible) => MACH_PORT_TYPE_DNREQUEST | SEND_POSSIBLE_BITS,
            Some(Wish::SendPossibleArmed) => MACH_PORT_TYPE_DNREQUEST | MACH_PORT_TYPE_SPREQUEST,
        }
}
