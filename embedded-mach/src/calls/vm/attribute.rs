//! `vm_machine_attribute`: caches of the processor.

use super::super::{code, kernel_of};
use super::region::{all_mapped, possible_pages};
use crate::headers::kern_return::{KERN_FAILURE, KERN_INVALID_ADDRESS, kern_return_t};
use crate::headers::mach_types::vm_task_entry_t;
use crate::headers::vm_attributes::{
    MATTR_CACHE, vm_machine_attribute_t, vm_machine_attribute_val_t,
};
use crate::headers::vm_types::{
    mach_vm_address_t, mach_vm_size_t, vm_address_t, vm_map_t, vm_size_t,
};
use crate::sys::mapping::SPACE;

/// Checks the range. The processor keeps its caches by itself, so `MATTR_CACHE` has nothing to do; other attributes are
/// `KERN_INVALID_ADDRESS`, as on XNU. `value` is left as it is.
pub unsafe extern "C" fn mach_vm_machine_attribute(
    target_task: vm_task_entry_t,
    address: mach_vm_address_t,
    size: mach_vm_size_t,
    attribute: vm_machine_attribute_t,
    _value: *mut vm_machine_attribute_val_t,
) -> kern_return_t {
    code(kernel_of(target_task).and_then(|_kernel| {
        if size == 0 {
            return Ok(());
        }
        let range = possible_pages(address, size)?.ok_or(KERN_INVALID_ADDRESS)?;
        if range.start < SPACE.start || range.end > SPACE.end || attribute != MATTR_CACHE {
            return Err(KERN_INVALID_ADDRESS);
        }
        let found = all_mapped(&range)?;
        let mapped: usize = found.iter().map(|region| region.range.len()).sum();
        match mapped == range.len() {
            true => Ok(()),
            false => Err(KERN_FAILURE),
        }
    }))
}

/// As [`mach_vm_machine_attribute`].
pub unsafe extern "C" fn vm_machine_attribute(
    target_task: vm_map_t,
    address: vm_address_t,
    size: vm_size_t,
    attribute: vm_machine_attribute_t,
    value: *mut vm_machine_attribute_val_t,
) -> kern_return_t {
    let (address, size) = (address as u64, size as u64);
    // SAFETY: the caller's promise.
    unsafe { mach_vm_machine_attribute(target_task, address, size, attribute, value) }
}
