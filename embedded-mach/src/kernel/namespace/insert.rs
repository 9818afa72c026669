//! Putting rights under chosen names, and taking them from names.

use crate::headers::kern_return::{
    KERN_INVALID_CAPABILITY, KERN_INVALID_RIGHT, KERN_INVALID_VALUE, KERN_NAME_EXISTS,
    KERN_RIGHT_EXISTS,
};
use crate::headers::message::{
    MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE,
    MACH_MSG_TYPE_MOVE_RECEIVE, mach_msg_type_name_t,
};
use crate::headers::port::{
    MACH_PORT_TYPE_DEAD_NAME, MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND, MACH_PORT_VALID,
    mach_port_name_t,
};
use crate::kernel::messages::copyin::{Refusal, arrival};
use crate::kernel::ports::right::Right;
use crate::kernel::{Kernel, Result};

impl Kernel {
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
        if shorter && name == poly {
            return self.add_reference(name, disposition);
        }
        // From a dead name nothing is inserted, but what was to move is taken.
        let right = self
            .copyin_right(poly, disposition, true)
            .map_err(Refusal::code)?;
        self.insert(right, name)
    }

    /// A send right more to a name's own port. XNU has a shorter way for this, which looks for the port before it looks at
    /// the right, and does not ask what the port is for.
    fn add_reference(
        &mut self,
        name: mach_port_name_t,
        disposition: mach_msg_type_name_t,
    ) -> Result<()> {
        let needed = if disposition == MACH_MSG_TYPE_MAKE_SEND {
            MACH_PORT_TYPE_RECEIVE
        } else {
            MACH_PORT_TYPE_SEND
        };
        let entry = self.look_at(name)?;
        if entry.has(MACH_PORT_TYPE_DEAD_NAME) {
            return Err(KERN_INVALID_CAPABILITY);
        }
        if !entry.has(needed) {
            return Err(KERN_INVALID_RIGHT);
        }
        let right = self.take_right(name, disposition);
        self.insert(right, name)
    }

    /// Gives a right that is in nobody's hands to a chosen name. One that cannot be is released.
    pub(crate) fn insert(&mut self, right: Right, name: mach_port_name_t) -> Result<()> {
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
        if !MACH_PORT_VALID(name) {
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
        let (right, arrived) = self.extract(name, disposition)?;
        Ok((self.copyout_right(right)?, arrived))
    }

    /// Takes or makes a right from a name; the disposition that it arrives with.
    pub(crate) fn extract(
        &mut self,
        name: mach_port_name_t,
        disposition: mach_msg_type_name_t,
    ) -> Result<(Right, mach_msg_type_name_t)> {
        if !(MACH_MSG_TYPE_MOVE_RECEIVE..=MACH_MSG_TYPE_MAKE_SEND_ONCE).contains(&disposition) {
            return Err(KERN_INVALID_VALUE);
        }
        if !MACH_PORT_VALID(name) {
            return Err(KERN_INVALID_RIGHT);
        }
        let right = self
            .copyin_right(name, disposition, true)
            .map_err(Refusal::code)?;
        Ok((right, arrival(disposition)))
    }
}
