//! A message while it belongs to no task: its rights are objects, its memory is owned.

use std::os::fd::OwnedFd;

use crate::headers::message::{MACH_MSGH_BITS_COMPLEX, mach_msg_id_t, mach_msg_type_name_t};
use crate::headers::port::{MACH_PORT_NULL, mach_port_name_t};
use crate::kernel::other_tasks::budget::Charge;
use crate::kernel::ports::ids::LinkKey;
use crate::kernel::ports::right::Right;
use crate::sys::bytes::Bytes;
use crate::sys::packet::Credentials;
use crate::sys::process;

/// A message between its send and its receive.
#[derive(Debug)]
pub(crate) struct Kmsg {
    pub(crate) id: mach_msg_id_t,
    pub(crate) complex: bool,
    /// The right it was sent through.
    pub(crate) remote: Right,
    /// The reply right.
    pub(crate) local: Right,
    /// The disposition of the reply right, which stays when the right turned out dead.
    pub(crate) local_disposition: u8,
    /// `msgh_voucher_port` of a message without a voucher: once it had no meaning, and it still arrives as it was sent.
    pub(crate) voucher: mach_port_name_t,
    /// All that follows the header, descriptors in their places.
    pub(crate) body: Bytes,
    pub(crate) descriptors: Vec<Descriptor>,
    pub(crate) sender: Sender,
    /// When it was sent; 0 counts as before everything else.
    pub(crate) stamp: u64,
    /// The link it came by, which is read again when this message is gone from the queue.
    pub(crate) link: Option<LinkKey>,
    /// Rights that it carried could not be received.
    pub(crate) rights_lost: bool,
    /// What its sender is charged for it until it is received.
    pub(crate) charge: Option<Box<Charge>>,
}

/// What a message carries beside its bytes.
#[derive(Debug)]
pub(crate) enum Descriptor {
    Port {
        right: Right,
        disposition: mach_msg_type_name_t,
        /// For a guarded port descriptor: the context and the flags.
        guard: Option<(u64, u16)>,
    },
    Memory {
        memory: Memory,
        /// The sender asked for a virtual copy: the receiver's descriptor says "deallocate".
        virtual_copy: bool,
        volatile: bool,
    },
    Ports {
        rights: Vec<Right>,
        disposition: mach_msg_type_name_t,
    },
}

/// Out-of-line memory on its way.
#[derive(Debug)]
pub(crate) enum Memory {
    /// Little enough to travel in the packet.
    Bytes(Bytes),
    /// A sealed memfd and how much of it counts.
    Sealed(OwnedFd, usize),
}

impl Memory {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Sealed(_, len) => *len,
        }
    }
}

/// Who sent a message, as the audit trailer tells it. All zeros is the kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sender {
    pub(crate) pid: i32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// Which of the processes of that pid, for a port that asks.
    pub(crate) version: u32,
}

impl Sender {
    /// The sender of a packet.
    pub(crate) fn from_credentials(credentials: Credentials) -> Self {
        Self {
            pid: process::number(credentials.pid),
            uid: credentials.uid,
            gid: credentials.gid,
            version: credentials.version,
        }
    }

    /// The security token: user and group. The kernel's is 0 and 1.
    pub(crate) fn security_token(&self) -> [u32; 2] {
        if *self == Self::default() {
            [0, 1]
        } else {
            [self.uid, self.gid]
        }
    }

    /// The token's words: audit user, effective user and group, real user and group, pid, session, pid version.
    pub(crate) fn audit_token(&self) -> [u32; 8] {
        [
            self.uid,
            self.uid,
            self.gid,
            self.uid,
            self.gid,
            self.pid as u32,
            0,
            self.version,
        ]
    }
}

impl Kmsg {
    /// A message without rights or memory beside the right it goes through.
    pub(crate) fn simple(id: mach_msg_id_t, remote: Right, body: Vec<u8>, sender: Sender) -> Self {
        Self {
            id,
            complex: false,
            remote,
            local: Right::Null,
            local_disposition: 0,
            voucher: MACH_PORT_NULL,
            body: body.into(),
            descriptors: Vec::new(),
            sender,
            stamp: 0,
            link: None,
            rights_lost: false,
            charge: None,
        }
    }

    /// What the header's bits say of descriptors.
    pub(crate) fn complex_bit(&self) -> u32 {
        if self.complex {
            MACH_MSGH_BITS_COMPLEX
        } else {
            0
        }
    }

    /// The size that the receiver's header states.
    pub(crate) fn size(&self) -> usize {
        crate::wire::layout::HEADER + self.body.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_has_the_kernels_token() {
        let stranger = Credentials {
            pid: 0,
            uid: 0,
            gid: 0,
            version: 0,
        };
        assert_ne!(Sender::from_credentials(stranger).audit_token(), [0; 8]);
        assert_eq!(Sender::default().audit_token(), [0; 8]);
    }
}
