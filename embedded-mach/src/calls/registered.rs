//! `mach_ports_*`: three rights that a task keeps for whoever knows its port.

use super::children::tell_children;
use super::names::{give_array, in_pages};
use super::{code, kernel_of};
use crate::headers::kern_return::{KERN_INVALID_ARGUMENT, kern_return_t};
use crate::headers::mach_types::task_t;
use crate::headers::message::{
    MACH_MSG_TYPE_COPY_SEND, MACH_SEND_INVALID_RIGHT, mach_msg_type_number_t,
};
use crate::headers::port::{MACH_PORT_DEAD, MACH_PORT_NULL, mach_port_array_t, mach_port_t};
use crate::kernel::ports::right::Right;
use crate::kernel::{Kernel, Result};

/// Keeps copies of up to three send rights in the place of those kept before. Children inherit them, by the
/// environment, which this changes.
#[allow(non_snake_case, reason = "the parameter's name in mach2")]
pub unsafe extern "C" fn mach_ports_register(
    target_task: task_t,
    init_port_set: mach_port_array_t,
    init_port_setCnt: mach_msg_type_number_t,
) -> kern_return_t {
    code(kernel_of(target_task).and_then(|mut kernel| {
        let count = init_port_setCnt as usize;
        if count > kernel.registered.len() {
            return Err(KERN_INVALID_ARGUMENT);
        }
        // SAFETY: the caller's promise: there are as many names as it says.
        let names = (0..count).map(|at| unsafe { init_port_set.add(at).read() });
        let mut rights = [const { Right::Null }; 3];
        for (right, name) in rights.iter_mut().zip(names) {
            match kernel.copied(name) {
                Ok(copy) => *right = copy,
                Err(code) => {
                    kernel.release_all(rights);
                    return Err(code);
                }
            }
        }
        let before = std::mem::replace(&mut kernel.registered, rights);
        kernel.release_all(before);
        drop(kernel);
        tell_children();
        Ok(())
    }))
}

/// The three rights that are kept, or `MACH_PORT_NULL` for each, in an array that the caller frees with `vm_deallocate`.
#[allow(non_snake_case, reason = "the parameter's name in mach2")]
pub unsafe extern "C" fn mach_ports_lookup(
    target_task: task_t,
    init_port_set: *mut mach_port_array_t,
    init_port_setCnt: *mut mach_msg_type_number_t,
) -> kern_return_t {
    let names = kernel_of(target_task).and_then(|mut kernel| {
        let mut names = Vec::new();
        for at in 0..kernel.registered.len() {
            let right = kernel.copy_of_kept(|kernel| &kernel.registered[at]);
            names.push(kernel.copyout_right(right)?);
        }
        Ok(names)
    });
    let names = names.and_then(|names| in_pages(&names));
    // SAFETY: the caller's promise.
    unsafe { give_array(init_port_set, init_port_setCnt, names) }
}

impl Kernel {
    /// A copy of a right that the task keeps.
    pub(super) fn copy_of_kept(&mut self, kept: impl Fn(&Self) -> &Right) -> Right {
        match kept(self) {
            Right::Dead => Right::Dead,
            right => right.port().map_or(Right::Null, |key| self.copy_send(key)),
        }
    }

    /// A copy of a send right to keep.
    pub(super) fn copied(&mut self, name: mach_port_t) -> Result<Right> {
        match name {
            MACH_PORT_NULL => Ok(Right::Null),
            MACH_PORT_DEAD => Ok(Right::Dead),
            _ => self
                .copyin_right(name, MACH_MSG_TYPE_COPY_SEND, true)
                .map_err(|_| MACH_SEND_INVALID_RIGHT),
        }
    }

    fn release_all(&mut self, rights: [Right; 3]) {
        for right in rights {
            self.release(right);
        }
    }
}
