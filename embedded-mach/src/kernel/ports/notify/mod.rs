//! Notifications: what the kernel says to who asked, and the asking.

mod no_senders;
mod request;
mod send_possible;

use zerocopy::IntoBytes;

use super::port::Home;
use super::right::Right;
use crate::headers::message::{
    MACH_MSG_PORT_DESCRIPTOR, MACH_MSG_TYPE_PORT_RECEIVE, mach_msg_id_t,
};
use crate::headers::ndr::NDR_record_t;
use crate::headers::notify::{
    MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_NO_SENDERS, MACH_NOTIFY_PORT_DELETED,
    MACH_NOTIFY_PORT_DESTROYED, MACH_NOTIFY_SEND_ONCE, MACH_NOTIFY_SEND_POSSIBLE,
};
use crate::headers::port::mach_port_name_t;
use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::{Descriptor, Kmsg, Sender};
use crate::wire::layout::PortDescriptor;

/// A notification that carries one number after the NDR record.
fn with_value(id: mach_msg_id_t, notify: Right, value: u32) -> Kmsg {
    let mut body = NDR_record_t::NATIVE.to_bytes().to_vec();
    body.extend_from_slice(&value.to_ne_bytes());
    Kmsg::simple(id, notify, body, Sender::default())
}

pub(crate) fn dead_name(notify: Right, name: mach_port_name_t) -> Kmsg {
    with_value(MACH_NOTIFY_DEAD_NAME, notify, name)
}

pub(crate) fn port_deleted(notify: Right, name: mach_port_name_t) -> Kmsg {
    with_value(MACH_NOTIFY_PORT_DELETED, notify, name)
}

pub(crate) fn send_possible(notify: Right, name: mach_port_name_t) -> Kmsg {
    with_value(MACH_NOTIFY_SEND_POSSIBLE, notify, name)
}

pub(crate) fn no_senders(notify: Right, mscount: u32) -> Kmsg {
    with_value(MACH_NOTIFY_NO_SENDERS, notify, mscount)
}

pub(crate) fn send_once(notify: Right) -> Kmsg {
    Kmsg::simple(MACH_NOTIFY_SEND_ONCE, notify, Vec::new(), Sender::default())
}

pub(crate) fn port_destroyed(notify: Right, port: Right) -> Kmsg {
    let mut body = 1u32.to_ne_bytes().to_vec();
    body.extend_from_slice(
        PortDescriptor {
            name: 0,
            pad1: 0,
            pad2: 0,
            disposition: MACH_MSG_TYPE_PORT_RECEIVE as u8,
            kind: MACH_MSG_PORT_DESCRIPTOR as u8,
        }
        .as_bytes(),
    );
    let mut message = Kmsg::simple(MACH_NOTIFY_PORT_DESTROYED, notify, body, Sender::default());
    message.complex = true;
    message.descriptors.push(Descriptor::Port {
        right: port,
        disposition: MACH_MSG_TYPE_PORT_RECEIVE,
        guard: None,
    });
    message
}

impl Kernel {
    /// Delivers a message of the kernel's own, which no queue limit holds back.
    pub(crate) fn post(&mut self, message: Kmsg) {
        let Some(key) = message.remote.port() else {
            self.destroy_message(message);
            return;
        };
        match self.port(key).map(|port| &port.home) {
            Some(Home::Local(_)) => self.enqueue(key, message),
            Some(Home::Remote(_)) => {
                // A full or broken link loses the notification with its right, which the other side sees end.
                if let Err(unsent) = self.send_away(key, message) {
                    self.destroy_message(unsent.message);
                }
            }
            _ => self.destroy_message(message),
        }
    }
}
