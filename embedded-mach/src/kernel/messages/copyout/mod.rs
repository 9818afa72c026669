//! From rights to a task's names: what a received message carries is entered into the receiver's name space.

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

mod body;

use super::kmsg::Kmsg;
use crate::headers::message::{
    MACH_MSG_IPC_SPACE, MACH_MSG_VM_SPACE, MACH_RCV_GUARDED_DESC, mach_msg_option_t,
    mach_msg_return_t,
};
use crate::headers::port::{
    MACH_PORT_DEAD, MACH_PORT_NULL, MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND,
    MACH_PORT_TYPE_SEND_ONCE, mach_port_name_t,
};
use crate::kernel::namespace::space::{Entry, Object};
use crate::kernel::ports::right::Right;
use crate::kernel::{Kernel, Result};
use crate::wire::layout::{self, Header};

/// Where a message goes to, for the guarded receive rights in it.
#[derive(Clone, Copy, Debug)]
struct Destination {
    /// The address of the buffer, which becomes a guard.
    buffer: usize,
    guarded: Guarded,
}

/// What becomes of a receive right in a guarded descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guarded {
    /// The receiver did not say that it understands such descriptors: the right is destroyed.
    Refused,
    /// It is guarded, and stays with the receiver.
    Kept,
    /// It is guarded, and its sender, who has it back, may send it again.
    Returned,
}

/// A message as its receiver sees it, without trailer.
#[derive(Debug)]
pub(crate) struct Delivered {
    pub(crate) header: Header,
    pub(crate) body: Vec<u8>,
    /// What could not be delivered, as bits for the return code; 0 if all could.
    pub(crate) failed: mach_msg_return_t,
}

impl Kernel {
    /// Gives a right a name in this task.
    pub(crate) fn copyout_right(&mut self, right: Right) -> Result<mach_port_name_t> {
        self.place(right, None)
    }

    /// Gives a right a name, `chosen` if it has none yet. Without room for a name the right is released.
    pub(crate) fn place(
        &mut self,
        right: Right,
        chosen: Option<mach_port_name_t>,
    ) -> Result<mach_port_name_t> {
        let key = match right {
            Right::Null => return Ok(MACH_PORT_NULL),
            Right::Dead => return Ok(MACH_PORT_DEAD),
            Right::Send(key) | Right::SendOnce(key) | Right::Receive(key) => key,
        };
        // A right whose port died on its way arrives as a dead one. Of a slot that is known (Slot rule 24).
        if self.slot_of(key).is_none() {
            self.check_alive(key);
        }
        let Some(port) = self.port(key) else {
            return Ok(MACH_PORT_DEAD);
        };
        if port.is_dead() {
            self.release(right);
            return Ok(MACH_PORT_DEAD);
        }
        let bit = match right {
            Right::Send(_) => MACH_PORT_TYPE_SEND,
            Right::Receive(_) => MACH_PORT_TYPE_RECEIVE,
            _ => MACH_PORT_TYPE_SEND_ONCE,
        };
        let home = port.name.filter(|_| bit != MACH_PORT_TYPE_SEND_ONCE);
        let name = match home {
            Some(name) => {
                self.join_name(name, right);
                name
            }
            None => {
                let entry = Entry::new(bit, 1, Object::Port(key));
                let entered = match chosen {
                    None => self.space.insert(entry),
                    Some(name) => self.space.insert_at(name, entry).map(|()| name),
                };
                match entered {
                    Ok(name) => name,
                    Err(code) => {
                        self.release(right);
                        return Err(code);
                    }
                }
            }
        };
        if bit != MACH_PORT_TYPE_SEND_ONCE
            && let Some(port) = self.port_mut(key)
        {
            port.name = Some(name);
        }
        if bit == MACH_PORT_TYPE_RECEIVE
            && let Some(local) = self.local_mut(key)
        {
            local.holder = crate::kernel::ports::port::Holder::Name;
        }
        Ok(name)
    }

    /// Adds a right to the name that its port has.
    fn join_name(&mut self, name: mach_port_name_t, right: Right) {
        let Some(entry) = self.space.get_mut(name) else {
            return;
        };
        match right {
            Right::Send(_) if entry.has(MACH_PORT_TYPE_SEND) => {
                entry.add_urefs(1);
                // The name counts as one send right, whatever its user references.
                self.release(right);
            }
            Right::Send(_) => entry.bits |= MACH_PORT_TYPE_SEND,
            _ => entry.bits |= MACH_PORT_TYPE_RECEIVE,
        }
    }

    /// Delivers a message to this task, into a buffer at an address.
    pub(crate) fn copyout(
        &mut self,
        message: Kmsg,
        option: mach_msg_option_t,
        buffer: usize,
    ) -> Delivered {
        let (mut message, mut body, mut failed) = self.read_body(message);
        let guarded = if option & MACH_RCV_GUARDED_DESC == 0 {
            Guarded::Refused
        } else {
            Guarded::Kept
        };
        let to = Destination { buffer, guarded };
        let complex = message.complex_bit();
        let remote_disposition = message.remote.disposition();
        let local_disposition = u32::from(message.local_disposition);
        let reply = self.place_or(message.local, &mut failed);
        let destination = self.name_of_destination(&message.remote);
        self.release_destination(message.remote);
        if message.complex {
            let descriptors = std::mem::take(&mut message.descriptors);
            failed |= self.copyout_body(&mut body, descriptors, to);
        }
        if message.rights_lost {
            failed |= MACH_MSG_IPC_SPACE;
        }
        Delivered {
            header: Header {
                bits: complex | local_disposition | remote_disposition << 8,
                size: layout::HEADER.saturating_add(body.len()) as u32,
                remote: reply,
                local: destination,
                voucher: message.voucher,
                id: message.id,
            },
            body,
            failed,
        }
    }

    /// Gives a message that could not be sent back to its sender: as on arrival, but the header not reversed.
    pub(crate) fn copyout_pseudo(&mut self, message: Kmsg, buffer: usize) -> Delivered {
        let (message, mut body, mut failed) = self.read_body(message);
        let to = Destination {
            buffer,
            guarded: Guarded::Returned,
        };
        let complex = message.complex_bit();
        let remote_disposition = message.remote.disposition();
        let local_disposition = u32::from(message.local_disposition);
        let remote = self.place_or(message.remote, &mut failed);
        let local = self.place_or(message.local, &mut failed);
        if message.complex {
            failed |= self.copyout_body(&mut body, message.descriptors, to);
        }
        Delivered {
            header: Header {
                bits: complex | remote_disposition | local_disposition << 8,
                size: layout::HEADER.saturating_add(body.len()) as u32,
                remote,
                local,
                voucher: message.voucher,
                id: message.id,
            },
            body,
            failed,
        }
    }

    /// A message without its body, the body, and whether there was no room for it: the message then has neither.
    fn read_body(&mut self, mut message: Kmsg) -> (Kmsg, Vec<u8>, mach_msg_return_t) {
        let body = std::mem::replace(&mut message.body, Vec::new().into());
        if let Ok(body) = body.read() {
            return (message, body, 0);
        }
        let mut rest = Kmsg::simple(message.id, Right::Null, Vec::new(), message.sender);
        rest.descriptors = std::mem::take(&mut message.descriptors);
        self.destroy_now(rest);
        message.complex = false;
        (message, Vec::new(), MACH_MSG_VM_SPACE)
    }

    fn place_or(&mut self, right: Right, failed: &mut mach_msg_return_t) -> mach_port_name_t {
        self.copyout_right(right).unwrap_or_else(|_| {
            *failed |= MACH_MSG_IPC_SPACE;
            MACH_PORT_NULL
        })
    }

    /// The name of the receive right that a message came to.
    fn name_of_destination(&self, remote: &Right) -> mach_port_name_t {
        remote
            .port()
            .and_then(|key| self.port(key))
            .and_then(|port| port.name)
            .unwrap_or(MACH_PORT_NULL)
    }

    /// The right that a received message went through is used up: a send-once right without notification.
    pub(crate) fn release_destination(&mut self, remote: Right) {
        match remote {
            Right::SendOnce(key) => self.send_once_used(key),
            other => self.release(other),
        }
    }
}
