//! `mig_*`: what generated clients and servers call.

use core::cell::Cell;
use core::ffi::{c_char, c_int};

use super::rights::{mach_port_deallocate, mach_port_mod_refs};
use super::task::mach_reply_port;
use super::vm::allocate::{vm_allocate, vm_deallocate};
use crate::headers::kern_return::KERN_SUCCESS;
use crate::headers::message::mach_msg_header_t;
use crate::headers::mig::{MIG_BAD_ID, mig_reply_error_t};
use crate::headers::ndr::NDR_record_t;
use crate::headers::port::{MACH_PORT_NULL, MACH_PORT_RIGHT_RECEIVE, mach_port_t};
use crate::headers::vm_statistics::VM_FLAGS_ANYWHERE;
use crate::headers::vm_types::{vm_address_t, vm_size_t};
use crate::kernel::task::{self, TASK_SELF};

/// A thread's port for replies, and the process in which the name means it.
struct ReplyPort(Cell<(i32, mach_port_t)>);

thread_local! {
    static REPLY_PORT: ReplyPort = const { ReplyPort(Cell::new((0, MACH_PORT_NULL))) };
}

impl ReplyPort {
    fn get(&self) -> mach_port_t {
        match self.0.get() {
            // A name of the parent's means nothing in a forked child.
            (pid, name) if pid == task::lock().pid => name,
            _ => MACH_PORT_NULL,
        }
    }

    fn set(&self, name: mach_port_t) {
        self.0.set((task::lock().pid, name));
    }

    fn release(&self) -> mach_port_t {
        let name = self.get();
        if name != MACH_PORT_NULL {
            self.set(MACH_PORT_NULL);
            // SAFETY: the call takes names only.
            unsafe { mach_port_mod_refs(TASK_SELF, name, MACH_PORT_RIGHT_RECEIVE, -1) };
        }
        name
    }
}

impl Drop for ReplyPort {
    fn drop(&mut self) {
        if self.0.get().1 != MACH_PORT_NULL {
            self.release();
        }
    }
}

/// The calling thread's port for replies, made at the first call; released when the thread ends.
pub unsafe extern "C" fn mig_get_reply_port() -> mach_port_t {
    let known = REPLY_PORT.try_with(ReplyPort::get);
    if let Ok(name) = known
        && name != MACH_PORT_NULL
    {
        return name;
    }
    // SAFETY: no argument could be wrong.
    let name = unsafe { mach_reply_port() };
    // A thread that is about to end keeps none.
    let _ = REPLY_PORT.try_with(|port| port.set(name));
    name
}

/// Gives up the thread's port for replies, whose name `reply_port` should be; another one loses a reference.
pub unsafe extern "C" fn mig_dealloc_reply_port(reply_port: mach_port_t) {
    let own = REPLY_PORT.try_with(ReplyPort::release);
    if let Ok(own) = own
        && own != MACH_PORT_NULL
        && own != reply_port
    {
        // SAFETY: the call takes names only.
        unsafe { mach_port_deallocate(TASK_SELF, reply_port) };
    }
}

/// Does nothing: the port is the thread's until the thread ends.
pub unsafe extern "C" fn mig_put_reply_port(_reply_port: mach_port_t) {}

/// Makes a reply to a request: one that says that there is no such routine.
pub unsafe extern "C" fn mig_reply_setup(
    request: *mut mach_msg_header_t,
    reply: *mut mach_msg_header_t,
) {
    // SAFETY: the caller's promise: a header can be read from `request`, and an error reply written to `reply`.
    unsafe {
        let request = request.read_unaligned();
        let header = mach_msg_header_t {
            msgh_bits: request.msgh_bits & crate::headers::message::MACH_MSGH_BITS_REMOTE_MASK,
            msgh_size: size_of::<mig_reply_error_t>() as u32,
            msgh_remote_port: request.msgh_remote_port,
            msgh_local_port: MACH_PORT_NULL,
            msgh_voucher_port: 0,
            msgh_id: request.msgh_id.wrapping_add(100),
        };
        reply
            .cast::<mig_reply_error_t>()
            .write_unaligned(mig_reply_error_t {
                Head: header,
                NDR: NDR_record_t::NATIVE,
                RetCode: MIG_BAD_ID,
            });
    }
}

/// Copies a string into `len` bytes, cut if it is longer; its length in bytes, with the NUL.
pub unsafe extern "C" fn mig_strncpy(dest: *mut c_char, src: *const c_char, len: c_int) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { copy_string(dest, src, len) as c_int }
}

/// As [`mig_strncpy`], and fills the rest with zeros.
pub unsafe extern "C" fn mig_strncpy_zerofill(
    dest: *mut c_char,
    src: *const c_char,
    len: c_int,
) -> c_int {
    // SAFETY: the caller's promise: `dest` has room for `len` bytes.
    unsafe {
        let copied = copy_string(dest, src, len);
        if copied > 0 {
            dest.add(copied).write_bytes(0, len as usize - copied);
        }
        copied as c_int
    }
}

/// # Safety
/// `len` bytes at `dest` can be written; `src` is a string, or longer than that.
unsafe fn copy_string(dest: *mut c_char, src: *const c_char, len: c_int) -> usize {
    let Some(last) = usize::try_from(len).ok().and_then(|len| len.checked_sub(1)) else {
        return 0;
    };
    if dest.is_null() || src.is_null() {
        return 0;
    }
    // SAFETY: the caller's promise; nothing is read behind the NUL nor written behind `last`.
    unsafe {
        let text = libc::strnlen(src, last);
        dest.copy_from_nonoverlapping(src, text);
        dest.add(text).write(0);
        text + 1
    }
}

/// Fresh pages; 0 if there are none.
pub unsafe extern "C" fn mig_allocate(address: *mut vm_address_t, size: vm_size_t) {
    // SAFETY: the caller's promise.
    unsafe {
        if vm_allocate(TASK_SELF, address, size, VM_FLAGS_ANYWHERE) != KERN_SUCCESS {
            address.write(0);
        }
    }
}

/// Gives pages back.
pub unsafe extern "C" fn mig_deallocate(address: vm_address_t, size: vm_size_t) {
    // SAFETY: the caller's promise.
    unsafe { vm_deallocate(TASK_SELF, address, size) };
}
