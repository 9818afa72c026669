//! `mig_*`: what generated clients and servers call.

use core::cell::Cell;
use core::ffi::{c_char, c_int};
use std::thread::LocalKey;

use super::rights::{mach_port_deallocate, mach_port_mod_refs};
use super::task::mach_reply_port;
use super::thread::thread_get_special_reply_port;
use super::vm::allocate::{vm_allocate, vm_deallocate};
use crate::headers::kern_return::KERN_SUCCESS;
use crate::headers::message::{MACH_MSGH_BITS_LOCAL, mach_msg_header_t};
use crate::headers::mig::mig_reply_error_t;
use crate::headers::ndr::NDR_record_t;
use crate::headers::port::{
    MACH_PORT_NULL, MACH_PORT_RIGHT_RECEIVE, mach_port_name_t, mach_port_t,
};
use crate::headers::vm_statistics::VM_FLAGS_ANYWHERE;
use crate::headers::vm_types::{vm_address_t, vm_size_t};
use crate::kernel::task::{self, TASK_SELF};

/// A thread's port for replies.
struct ReplyPort {
    /// Its name, and the process in which that means it.
    known: Cell<(i32, mach_port_t)>,
    /// It was made with a send right, which goes with it.
    with_send: bool,
}

thread_local! {
    static REPLY_PORT: ReplyPort = const { ReplyPort::none(false) };
    static SPECIAL_REPLY_PORT: ReplyPort = const { ReplyPort::none(true) };
}

impl ReplyPort {
    const fn none(with_send: bool) -> Self {
        Self {
            known: Cell::new((0, MACH_PORT_NULL)),
            with_send,
        }
    }

    fn get(&self) -> mach_port_t {
        match self.known.get() {
            // A name of the parent's means nothing in a forked child.
            (pid, name) if pid == task::lock().pid => name,
            _ => MACH_PORT_NULL,
        }
    }

    fn set(&self, name: mach_port_t) {
        self.known.set((task::lock().pid, name));
    }

    fn release(&self) -> mach_port_t {
        let name = self.get();
        if name != MACH_PORT_NULL {
            self.set(MACH_PORT_NULL);
            // SAFETY: the calls take names only.
            unsafe {
                mach_port_mod_refs(TASK_SELF, name, MACH_PORT_RIGHT_RECEIVE, -1);
                if self.with_send {
                    mach_port_deallocate(TASK_SELF, name);
                }
            }
        }
        name
    }
}

impl Drop for ReplyPort {
    fn drop(&mut self) {
        if self.known.get().1 != MACH_PORT_NULL {
            self.release();
        }
    }
}

/// A port of the thread's, made at the first call.
fn known_or_made(
    port: &'static LocalKey<ReplyPort>,
    make: unsafe extern "C" fn() -> mach_port_name_t,
) -> mach_port_t {
    if let Ok(name) = port.try_with(ReplyPort::get)
        && name != MACH_PORT_NULL
    {
        return name;
    }
    // SAFETY: what makes a port takes no argument that could be wrong.
    let name = unsafe { make() };
    // A thread that is about to end keeps none.
    let _ = port.try_with(|port| port.set(name));
    name
}

/// Gives up a port of the thread's, whose name `reply_port` should be; another one loses a reference.
fn give_up(port: &'static LocalKey<ReplyPort>, reply_port: mach_port_t) {
    if let Ok(own) = port.try_with(ReplyPort::release)
        && own != MACH_PORT_NULL
        && own != reply_port
    {
        // SAFETY: the call takes names only.
        unsafe { mach_port_deallocate(TASK_SELF, reply_port) };
    }
}

/// The calling thread's port for replies, made at the first call; released when the thread ends.
pub unsafe extern "C" fn mig_get_reply_port() -> mach_port_t {
    known_or_made(&REPLY_PORT, mach_reply_port)
}

/// Gives up the thread's port for replies, whose name `reply_port` should be; another one loses a reference.
pub unsafe extern "C" fn mig_dealloc_reply_port(reply_port: mach_port_t) {
    give_up(&REPLY_PORT, reply_port);
}

/// As [`mig_get_reply_port`], by [`thread_get_special_reply_port`].
pub unsafe extern "C" fn mig_get_special_reply_port() -> mach_port_t {
    known_or_made(&SPECIAL_REPLY_PORT, thread_get_special_reply_port)
}

/// As [`mig_dealloc_reply_port`], of the port that [`mig_get_special_reply_port`] gives.
pub unsafe extern "C" fn mig_dealloc_special_reply_port(reply_port: mach_port_t) {
    give_up(&SPECIAL_REPLY_PORT, reply_port);
}

/// Does nothing: the port is the thread's until the thread ends.
pub unsafe extern "C" fn mig_put_reply_port(_reply_port: mach_port_t) {}

/// Makes the header of a reply to a request, to be sent to the request's local port. How the request went is left to the
/// caller to write.
pub unsafe extern "C" fn mig_reply_setup(
    request: *mut mach_msg_header_t,
    reply: *mut mach_msg_header_t,
) {
    let error = reply.cast::<mig_reply_error_t>();
    // SAFETY: the caller's promise: a header can be read from `request`, and an error reply written to `reply`.
    unsafe {
        let request = request.read_unaligned();
        (&raw mut (*error).Head).write_unaligned(mach_msg_header_t {
            msgh_bits: MACH_MSGH_BITS_LOCAL(request.msgh_bits),
            msgh_size: size_of::<mig_reply_error_t>() as u32,
            msgh_remote_port: request.msgh_local_port,
            msgh_local_port: MACH_PORT_NULL,
            msgh_voucher_port: MACH_PORT_NULL,
            msgh_id: request.msgh_id.wrapping_add(100),
        });
        (&raw mut (*error).NDR).write_unaligned(NDR_record_t::NATIVE);
    }
}

/// Copies a string into `len` bytes, cut if it is longer; its length in bytes, with the NUL.
pub unsafe extern "C" fn mig_strncpy(dest: *mut c_char, src: *const c_char, len: c_int) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { copy_string(dest, src, len) as c_int }
}

/// As [`mig_strncpy`], and fills the rest with zeros. No string leaves zeros alone, and its length is 0.
pub unsafe extern "C" fn mig_strncpy_zerofill(
    dest: *mut c_char,
    src: *const c_char,
    len: c_int,
) -> c_int {
    // SAFETY: the caller's promise: `dest` has room for `len` bytes.
    unsafe {
        let copied = copy_string(dest, src, len);
        if !dest.is_null() {
            let room = usize::try_from(len).unwrap_or(0);
            dest.add(copied).write_bytes(0, room.saturating_sub(copied));
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
