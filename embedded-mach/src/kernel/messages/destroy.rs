//! `mach_msg_destroy`: a received message that its receiver does not want.

use zerocopy::FromBytes;

use super::send::GivenUp;
use crate::headers::message::{
    MACH_MSG_GUARD_FLAGS_UNGUARDED_ON_SEND, MACH_MSG_OOL_VOLATILE_DESCRIPTOR,
    MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_MOVE_RECEIVE,
    MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE,
};
use crate::headers::port::{MACH_PORT_RIGHT_RECEIVE, mach_port_name_t};
use crate::kernel::Kernel;
use crate::sys::user;
use crate::wire::layout::{self, COUNT, Header, RawDescriptor};

impl Kernel {
    /// Releases the rights of a message in a task's hands; the memory that goes with it is the caller's to unmap.
    pub(crate) fn destroy_received(&mut self, bytes: &[u8]) -> GivenUp {
        let mut given_up = Vec::new();
        let Ok((header, body)) = Header::read_from_prefix(bytes) else {
            return given_up;
        };
        self.destroy_named(header.remote, header.remote_disposition());
        self.destroy_named(header.voucher, header.voucher_disposition());
        if !header.is_complex() {
            return given_up;
        }
        let mut rest = body.get(COUNT..).unwrap_or_default();
        for _ in 0..layout::count(body).unwrap_or(0) {
            let Ok(raw) = layout::descriptor(rest) else {
                break;
            };
            rest = rest.get(raw.size()..).unwrap_or_default();
            self.destroy_descriptor(raw, &mut given_up);
        }
        given_up
    }

    fn destroy_descriptor(&mut self, raw: RawDescriptor, given_up: &mut GivenUp) {
        match raw {
            RawDescriptor::Port(port) => {
                self.destroy_named(port.name, u32::from(port.disposition));
            }
            RawDescriptor::Guarded(port) => {
                if u32::from(port.flags) & MACH_MSG_GUARD_FLAGS_UNGUARDED_ON_SEND == 0 {
                    // In vain if the guard is another by now; then the right stays as well.
                    let _ = self.unguard(port.name, port.context());
                }
                self.destroy_named(port.name, u32::from(port.disposition));
            }
            // Its sender may still change it: it is not the receiver's to free.
            RawDescriptor::Memory(region)
                if u32::from(region.kind) == MACH_MSG_OOL_VOLATILE_DESCRIPTOR => {}
            RawDescriptor::Memory(region) => {
                if region.deallocate != 0 && region.size > 0 {
                    given_up.push((region.address(), region.size as usize));
                }
            }
            RawDescriptor::Ports(region) => {
                let len = region.size as usize * size_of::<mach_port_name_t>();
                for name in user::read(region.address(), len)
                    .unwrap_or_default()
                    .as_chunks::<4>()
                    .0
                {
                    self.destroy_named(u32::from_ne_bytes(*name), u32::from(region.disposition));
                }
                if region.deallocate != 0 && len > 0 {
                    given_up.push((region.address(), len));
                }
            }
        }
    }

    fn destroy_named(&mut self, name: mach_port_name_t, disposition: u32) {
        // What cannot be released is not held: there is nothing to report, and nobody to report it to.
        match disposition {
            MACH_MSG_TYPE_MOVE_SEND | MACH_MSG_TYPE_MOVE_SEND_ONCE => {
                let _ = self.deallocate(name);
            }
            MACH_MSG_TYPE_MOVE_RECEIVE => {
                let _ = self.mod_refs(name, MACH_PORT_RIGHT_RECEIVE, -1);
            }
            MACH_MSG_TYPE_MAKE_SEND | MACH_MSG_TYPE_MAKE_SEND_ONCE => {
                if let Ok(right) = self.copyin_right(name, disposition, false) {
                    self.release(right);
                }
            }
            _ => {}
        }
    }
}
