//! `host_info` and its kin: what is known of the machine.

use core::ffi::{c_char, c_int};

use super::words::Words;
use super::{code, give, kernel_of_host};
use crate::headers::host_info::{
    HOST_BASIC_INFO, HOST_BASIC_INFO_COUNT, HOST_BASIC_INFO_OLD_COUNT, HOST_CAN_HAS_DEBUGGER,
    HOST_DEBUG_INFO_INTERNAL, HOST_MACH_MSG_TRAP, HOST_PREFERRED_USER_ARCH, HOST_PRIORITY_INFO,
    HOST_RESOURCE_SIZES, HOST_SCHED_INFO, HOST_SEMAPHORE_TRAPS, HOST_VM_PURGABLE, host_flavor_t,
    host_info_t, kernel_version_t,
};
use crate::headers::host_special_ports::{HOST_MAX_SPECIAL_PORT, HOST_PORT, HOST_PRIV_PORT};
use crate::headers::kern_return::{
    KERN_FAILURE, KERN_INVALID_ARGUMENT, KERN_NOT_SUPPORTED, KERN_SUCCESS, kern_return_t,
};
use crate::headers::mach_types::{host_priv_t, host_t};
use crate::headers::message::mach_msg_type_number_t;
use crate::headers::port::{MACH_PORT_NULL, mach_port_t};
use crate::kernel::Result;
use crate::sys::host::{kernel_version, machine};
use crate::sys::process::is_root;

/// The kind of processor, and its variant, as Mach numbers them.
const PROCESSOR: (i32, i32) = if cfg!(target_arch = "aarch64") {
    (0x0100_000c, 0)
} else {
    (7, 3)
};
/// The same for what programs are built for.
const PROGRAMS: (i32, i32) = (PROCESSOR.0 | 0x0100_0000, PROCESSOR.1);

/// Facts about the machine. Flavors of macOS that stand for nothing here are `KERN_NOT_SUPPORTED`, other numbers
/// `KERN_INVALID_ARGUMENT`; too small a count is `KERN_FAILURE`.
pub unsafe extern "C" fn host_info(
    host: host_t,
    flavor: host_flavor_t,
    host_info_out: host_info_t,
    host_info_out_count: *mut mach_msg_type_number_t,
) -> kern_return_t {
    code(kernel_of_host(host).map(drop).and_then(|()| {
        // SAFETY: the caller's promise.
        let answer = answer(flavor, unsafe { host_info_out_count.read() })?;
        // SAFETY: the caller's promise.
        unsafe { answer.give(host_info_out, host_info_out_count, KERN_FAILURE) }
    }))
}

/// The host's port, plain or privileged: one port here. Others are `MACH_PORT_NULL`. As on XNU only the system's
/// administrator can ask: `KERN_INVALID_ARGUMENT` otherwise.
pub unsafe extern "C" fn host_get_special_port(
    host_priv: host_priv_t,
    _node: c_int,
    which: c_int,
    port: *mut mach_port_t,
) -> kern_return_t {
    let found = kernel_of_host(host_priv).and_then(|mut kernel| {
        if !is_root() || !(HOST_PORT..=HOST_MAX_SPECIAL_PORT).contains(&which) {
            return Err(KERN_INVALID_ARGUMENT);
        }
        match which {
            HOST_PORT | HOST_PRIV_PORT => kernel.another_reference(host_priv),
            _ => Ok(MACH_PORT_NULL),
        }
    });
    // SAFETY: the caller's promise.
    unsafe { give(port, found) }
}

fn answer(flavor: host_flavor_t, room: mach_msg_type_number_t) -> Result<Words> {
    let words = Words::default();
    Ok(match flavor {
        HOST_BASIC_INFO => {
            let machine = machine();
            let memory = machine.memory.min(i32::MAX as u64);
            let basic = words
                .word(machine.configured)
                .word(machine.online)
                .size_32(memory)
                .signed(PROCESSOR.0)
                .signed(PROCESSOR.1);
            if (HOST_BASIC_INFO_OLD_COUNT..HOST_BASIC_INFO_COUNT).contains(&room) {
                return Ok(basic);
            }
            basic
                .word(0)
                .word(machine.cores)
                .word(machine.cores)
                .word(machine.online)
                .word(machine.configured)
                .long(machine.memory)
        }
        // A thread's turn is 10 ms on macOS, and a time is waited for as it is told.
        HOST_SCHED_INFO => words.word(1).word(10),
        HOST_PRIORITY_INFO => [80, 80, 64, 31, 0, 0, 0, 79]
            .into_iter()
            .fold(words, Words::word),
        HOST_PREFERRED_USER_ARCH => words.signed(PROGRAMS.0).signed(PROGRAMS.1),
        HOST_SEMAPHORE_TRAPS | HOST_MACH_MSG_TRAP => words,
        HOST_RESOURCE_SIZES
        | HOST_VM_PURGABLE
        | HOST_DEBUG_INFO_INTERNAL
        | HOST_CAN_HAS_DEBUGGER => return Err(KERN_NOT_SUPPORTED),
        _ => return Err(KERN_INVALID_ARGUMENT),
    })
}

/// The kernel's name, release and build, in a `kernel_version_t`: Linux's, where a program may expect Darwin's.
pub unsafe extern "C" fn host_kernel_version(host: host_t, version: *mut c_char) -> kern_return_t {
    if let Err(code) = kernel_of_host(host) {
        return code;
    }
    let mut text: kernel_version_t = [0; 512];
    // At least one byte is left to end it.
    let last = text.len() - 1;
    for (to, byte) in text[..last].iter_mut().zip(kernel_version().bytes()) {
        *to = byte as c_char;
    }
    // SAFETY: the caller's promise: there is room for as many bytes.
    unsafe { version.copy_from_nonoverlapping(text.as_ptr(), text.len()) };
    KERN_SUCCESS
}
