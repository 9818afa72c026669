//! User references: counting them, and giving up what they stand for.

use super::guards::{Violation, violated};
use super::space::Entry;
use crate::headers::kern_return::{
    KERN_INVALID_ARGUMENT, KERN_INVALID_NAME, KERN_INVALID_RIGHT, KERN_INVALID_VALUE,
};
use crate::headers::port::{
    MACH_PORT_RIGHT_DEAD_NAME, MACH_PORT_RIGHT_NUMBER, MACH_PORT_RIGHT_PORT_SET,
    MACH_PORT_RIGHT_SEND, MACH_PORT_RIGHT_SEND_ONCE, MACH_PORT_TYPE_DEAD_NAME,
    MACH_PORT_TYPE_PORT_SET, MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND, MACH_PORT_TYPE_SEND_ONCE,
    MACH_PORT_UREFS_MAX, MACH_PORT_VALID, mach_port_delta_t, mach_port_name_t, mach_port_right_t,
};
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::right::Right;
use crate::kernel::{Kernel, Result};

impl Kernel {
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
            let spent = entry.spent;
            let saved = self
                .local(key)
                .is_some_and(|local| local.port_destroyed.is_some());
            self.release(Right::Receive(key));
            if !saved {
                // Here, and nowhere else, a name becomes dead before anybody looks. XNU does not ask then whether a
                // request that it remembers has fired already: its reference counts once more.
                if let Some(entry) = self.space.get_mut(name) {
                    entry.fired |= spent;
                }
                self.refresh(name);
            }
        } else {
            self.remove_with(name, Right::Receive(key));
        }
    }

    /// `mach_port_deallocate`.
    pub(crate) fn deallocate(&mut self, name: mach_port_name_t) -> Result<()> {
        if !MACH_PORT_VALID(name) {
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
        if !MACH_PORT_VALID(name) {
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
        if !MACH_PORT_VALID(name) {
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
}
