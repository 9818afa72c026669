//! The calls on names: making rights, counting their references, giving them up.

use super::copyin::Refusal;
use super::guards::{Violation, violated};
use super::ids::PortKey;
use super::port::{Guard, Holder, Home, Local};
use super::request::Wish;
use super::right::Right;
use super::set::PortSet;
use super::space::{Entry, Object};
use super::{Kernel, Result, notify};
use crate::kern_return::{
    KERN_INVALID_ARGUMENT, KERN_INVALID_CAPABILITY, KERN_INVALID_NAME, KERN_INVALID_RIGHT,
    KERN_INVALID_VALUE, KERN_NAME_EXISTS, KERN_NOT_SUPPORTED, KERN_RIGHT_EXISTS,
};
use crate::message::{
    MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE,
    MACH_MSG_TYPE_MOVE_RECEIVE, mach_msg_type_name_t,
};
use crate::port::{
    MACH_PORT_DEAD, MACH_PORT_NULL, MACH_PORT_RIGHT_DEAD_NAME, MACH_PORT_RIGHT_NUMBER,
    MACH_PORT_RIGHT_PORT_SET, MACH_PORT_RIGHT_RECEIVE, MACH_PORT_RIGHT_SEND,
    MACH_PORT_RIGHT_SEND_ONCE, MACH_PORT_TYPE_DEAD_NAME, MACH_PORT_TYPE_DNREQUEST,
    MACH_PORT_TYPE_PORT_SET, MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND, MACH_PORT_TYPE_SEND_ONCE,
    MACH_PORT_TYPE_SPREQUEST, MACH_PORT_TYPE_SPREQUEST_DELAYED, MACH_PORT_UREFS_MAX,
    mach_port_delta_t, mach_port_name_t, mach_port_right_t, mach_port_type_t, mach_port_urefs_t,
};

/// `MACH_PORT_VALID`.
pub(crate) fn is_valid(name: mach_port_name_t) -> bool {
    name != MACH_PORT_NULL && name != MACH_PORT_DEAD
}

impl Kernel {
    /// Makes a new right under `name`, or under a name of the kernel's choice.
    pub(crate) fn allocate(
        &mut self,
        right: mach_port_right_t,
        name: Option<mach_port_name_t>,
    ) -> Result<mach_port_name_t> {
        if name.is_some_and(|name| !is_valid(name)) {
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

    fn enter(&mut self, entry: Entry, name: Option<mach_port_name_t>) -> Result<mach_port_name_t> {
        match name {
            None => self.space.insert(entry),
            Some(name) => self.space.insert_at(name, entry).map(|()| name),
        }
    }

    pub(super) fn allocate_port(
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
        if !self.port(key).is_some_and(super::port::Port::is_dead) {
            return;
        }
        if let Some(entry) = self.space.get_mut(name) {
            entry.bits = MACH_PORT_TYPE_DEAD_NAME;
            entry.object = Object::Gone;
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
    fn take_name(&mut self, name: mach_port_name_t) -> Option<Entry> {
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
    fn name_is_gone(&mut self, name: mach_port_name_t, entry: &mut Entry) {
        if let Some(request) = entry.request.take() {
            self.post(notify::port_deleted(request.notify, name));
        }
    }

    /// Frees a name and gives up the one right that it had.
    fn remove_with(&mut self, name: mach_port_name_t, right: Right) {
        let entry = self.take_name(name);
        self.release(right);
        if let Some(mut entry) = entry {
            self.name_is_gone(name, &mut entry);
        }
    }

    /// Takes `n` user references of a send right or dead name; with the last one goes the right.
    pub(crate) fn drop_urefs(&mut self, name: mach_port_name_t, n: u32) {
        let Some(entry) = self.space.get_mut(name) else {
            return;
        };
        if entry.pegged() && n < MACH_PORT_UREFS_MAX {
            return;
        }
        if entry.urefs > n {
            entry.urefs -= n;
            return;
        }
        let Some(key) = entry.port() else {
            self.remove_name(name);
            return;
        };
        if entry.has(MACH_PORT_TYPE_RECEIVE) {
            entry.bits &= !MACH_PORT_TYPE_SEND;
            entry.urefs = 1;
            self.release(Right::Send(key));
        } else {
            self.remove_with(name, Right::Send(key));
        }
    }

    fn drop_send_once(&mut self, name: mach_port_name_t) {
        if let Some(key) = self.space.get(name).and_then(Entry::port) {
            self.remove_with(name, Right::SendOnce(key));
        }
    }

    /// Gives up the receive right of a name.
    fn drop_receive(&mut self, name: mach_port_name_t) {
        let Some(entry) = self.space.get_mut(name) else {
            return;
        };
        let Some(key) = entry.port() else { return };
        if entry.has(MACH_PORT_TYPE_SEND) {
            entry.bits &= !MACH_PORT_TYPE_RECEIVE;
            let saved = self
                .local(key)
                .is_some_and(|local| local.port_destroyed.is_some());
            self.release(Right::Receive(key));
            if !saved {
                // Here, and nowhere else, a name becomes dead before anybody looks.
                self.refresh(name);
            }
        } else {
            self.remove_with(name, Right::Receive(key));
        }
    }

    /// `mach_port_deallocate`.
    pub(crate) fn deallocate(&mut self, name: mach_port_name_t) -> Result<()> {
        if !is_valid(name) {
            return Ok(());
        }
        let entry = self.look_at(name)?;
        if entry.has(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DEAD_NAME) {
            self.drop_urefs(name, 1);
        } else if entry.has(MACH_PORT_TYPE_SEND_ONCE) {
            self.drop_send_once(name);
        } else if entry.has(MACH_PORT_TYPE_PORT_SET) {
            self.destroy_set(name);
        } else {
            return Err(KERN_INVALID_RIGHT);
        }
        Ok(())
    }

    /// `mach_port_destroy`.
    pub(crate) fn destroy(&mut self, name: mach_port_name_t) -> Result<()> {
        if !is_valid(name) {
            return Ok(());
        }
        let entry = self.look_at(name)?;
        let bits = entry.bits;
        let Some(key) = entry.port() else {
            if bits & MACH_PORT_TYPE_PORT_SET != 0 {
                self.destroy_set(name);
            } else {
                self.remove_name(name);
            }
            return Ok(());
        };
        // To destroy is to give a guard of 0.
        if bits & MACH_PORT_TYPE_RECEIVE != 0 && self.guard_of(key).unwrap_or(0) != 0 {
            violated(name, Violation::Destroy);
            return Err(KERN_INVALID_RIGHT);
        }
        match bits & (MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_SEND_ONCE) {
            MACH_PORT_TYPE_SEND => self.remove_with(name, Right::Send(key)),
            MACH_PORT_TYPE_SEND_ONCE => self.remove_with(name, Right::SendOnce(key)),
            MACH_PORT_TYPE_RECEIVE => self.remove_with(name, Right::Receive(key)),
            _ => self.destroy_both(name, key),
        }
        Ok(())
    }

    /// Destroys a name with its send and its receive right. That there is no sender any more is told after the port's
    /// end, though it came before.
    fn destroy_both(&mut self, name: mach_port_name_t, key: PortKey) {
        let entry = self.take_name(name);
        let no_senders = self.count_off_sender(key);
        self.release(Right::Receive(key));
        if let Some(message) = no_senders {
            self.post(message);
        }
        if let Some(mut entry) = entry {
            self.name_is_gone(name, &mut entry);
        }
    }

    /// `mach_port_mod_refs`.
    pub(crate) fn mod_refs(
        &mut self,
        name: mach_port_name_t,
        right: mach_port_right_t,
        delta: mach_port_delta_t,
    ) -> Result<()> {
        if right >= MACH_PORT_RIGHT_NUMBER {
            return Err(KERN_INVALID_VALUE);
        }
        if !is_valid(name) {
            return match right {
                MACH_PORT_RIGHT_SEND | MACH_PORT_RIGHT_SEND_ONCE => Ok(()),
                _ => Err(KERN_INVALID_NAME),
            };
        }
        let bit = 1 << (right + 16);
        let entry = self.space.get(name).ok_or(KERN_INVALID_NAME)?;
        if right == MACH_PORT_RIGHT_DEAD_NAME || entry.has(bit) {
            self.refresh(name);
        }
        let entry = self.space.get(name).ok_or(KERN_INVALID_NAME)?;
        if right > MACH_PORT_RIGHT_DEAD_NAME || !entry.has(bit) {
            return Err(KERN_INVALID_RIGHT);
        }
        match right {
            MACH_PORT_RIGHT_SEND | MACH_PORT_RIGHT_DEAD_NAME => self.add_delta(name, delta),
            _ => match delta {
                0 => Ok(()),
                -1 => self.drop_right(name, right),
                _ => Err(KERN_INVALID_VALUE),
            },
        }
    }

    fn add_delta(&mut self, name: mach_port_name_t, delta: mach_port_delta_t) -> Result<()> {
        let magnitude = delta.unsigned_abs();
        let entry = self.space.get_mut(name).ok_or(KERN_INVALID_NAME)?;
        if magnitude > MACH_PORT_UREFS_MAX {
            return Err(KERN_INVALID_VALUE);
        }
        if delta >= 0 {
            entry.add_urefs(magnitude);
        } else if magnitude > entry.urefs {
            return Err(KERN_INVALID_VALUE);
        } else {
            self.drop_urefs(name, magnitude);
        }
        Ok(())
    }

    fn drop_right(&mut self, name: mach_port_name_t, right: mach_port_right_t) -> Result<()> {
        match right {
            MACH_PORT_RIGHT_SEND_ONCE => self.drop_send_once(name),
            MACH_PORT_RIGHT_PORT_SET => self.destroy_set(name),
            _ => {
                let key = self.receive_right(name)?;
                if self.guard_of(key).is_some() {
                    violated(name, Violation::Destroy);
                    return Err(KERN_INVALID_RIGHT);
                }
                self.drop_receive(name);
            }
        }
        Ok(())
    }

    /// `mach_port_destruct`.
    pub(crate) fn destruct(
        &mut self,
        name: mach_port_name_t,
        delta: mach_port_delta_t,
        guard: u64,
    ) -> Result<()> {
        let key = self.receive_right(name)?;
        let entry = self.space.get(name).ok_or(KERN_INVALID_NAME)?;
        let drop = delta.unsigned_abs();
        if delta != 0 && !entry.has(MACH_PORT_TYPE_SEND) {
            return Err(KERN_INVALID_RIGHT);
        }
        if delta > 0 {
            return Err(KERN_INVALID_VALUE);
        }
        if self.guard_of(key).is_some_and(|set| set != guard) {
            violated(name, Violation::Destroy);
            return Err(KERN_INVALID_ARGUMENT);
        }
        if drop > entry.urefs {
            return Err(KERN_INVALID_VALUE);
        }
        if drop > 0 {
            self.drop_urefs(name, drop);
        }
        self.drop_receive(name);
        Ok(())
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
        if !is_valid(name) {
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

    /// `mach_port_rename`, which no version of XNU supports any more.
    pub(crate) fn rename(&mut self) -> Result<()> {
        Err(KERN_NOT_SUPPORTED)
    }

    /// `mach_port_insert_right`.
    pub(crate) fn insert_right(
        &mut self,
        name: mach_port_name_t,
        poly: mach_port_name_t,
        disposition: mach_msg_type_name_t,
    ) -> Result<()> {
        let shorter = matches!(
            disposition,
            MACH_MSG_TYPE_MAKE_SEND | MACH_MSG_TYPE_COPY_SEND
        );
        if shorter && name == poly && self.look_at(poly)?.has(MACH_PORT_TYPE_DEAD_NAME) {
            // XNU has a shorter way for this, which looks for the port before it looks at the right.
            return Err(KERN_INVALID_CAPABILITY);
        }
        // From a dead name nothing is inserted, but what was to move is taken.
        let right = self
            .copyin_right(poly, disposition, true)
            .map_err(Refusal::code)?;
        self.enter_right(right, name).map_err(|(code, right)| {
            self.release(right);
            code
        })
    }

    /// Gives a right to a chosen name; hands it back if that cannot be.
    fn enter_right(
        &mut self,
        right: Right,
        name: mach_port_name_t,
    ) -> std::result::Result<(), (i32, Right)> {
        if !is_valid(name) {
            return Err((KERN_INVALID_VALUE, right));
        }
        let Some(key) = right.port() else {
            return Err((KERN_INVALID_CAPABILITY, right));
        };
        // A name that cannot be made comes before a port that has another, and that before a name in use.
        let free = match self.space.check_free(name) {
            Err(KERN_NAME_EXISTS) => false,
            Err(code) => return Err((code, right)),
            Ok(()) => true,
        };
        let once = matches!(right, Right::SendOnce(_));
        match self.port(key).and_then(|port| port.name) {
            Some(home) if !once && home != name => return Err((KERN_RIGHT_EXISTS, right)),
            Some(_) if !once => {}
            _ if !free => return Err((KERN_NAME_EXISTS, right)),
            _ => {}
        }
        self.place(right, Some(name))
            .map(drop)
            .map_err(|code| (code, Right::Null))
    }

    /// `mach_port_extract_right`: the right's name and the disposition it has there.
    pub(crate) fn extract_right(
        &mut self,
        name: mach_port_name_t,
        disposition: mach_msg_type_name_t,
    ) -> Result<(mach_port_name_t, mach_msg_type_name_t)> {
        if !(MACH_MSG_TYPE_MOVE_RECEIVE..=MACH_MSG_TYPE_MAKE_SEND_ONCE).contains(&disposition) {
            return Err(KERN_INVALID_VALUE);
        }
        if !is_valid(name) {
            return Err(KERN_INVALID_RIGHT);
        }
        let right = self
            .copyin_right(name, disposition, true)
            .map_err(Refusal::code)?;
        let arrived = super::copyin::arrival(disposition);
        Ok((self.copyout_right(right)?, arrived))
    }

    /// The holder of a receive right that is leaving this task's names.
    pub(crate) fn leave_task(&mut self, key: PortKey) {
        self.leave_sets(key);
        if let Some(local) = self.local_mut(key) {
            local.holder = Holder::Transit(None);
            local.seqno = 0;
            local.mscount = 0;
            local.context = 0;
            local.guard = Guard::None;
            local.immovable = false;
            local.moves = local.moves.wrapping_add(1);
            local.receivers.wake_all();
        }
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
