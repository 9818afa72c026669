//! `vm_wire`: pages that stay in memory.

use nix::errno::Errno;

use super::super::{code, kernel_of, kernel_of_host};
use super::region::{all_mapped, mapped, possible_pages, within_space};
use crate::headers::kern_return::{
    KERN_INVALID_ADDRESS, KERN_INVALID_ARGUMENT, KERN_INVALID_HOST, KERN_RESOURCE_SHORTAGE,
    kern_return_t,
};
use crate::headers::mach_types::host_priv_t;
use crate::headers::vm_prot::{VM_PROT_ALL, VM_PROT_NONE, vm_prot_t};
use crate::headers::vm_types::{
    mach_vm_address_t, mach_vm_size_t, vm_address_t, vm_map_t, vm_size_t,
};
use crate::sys::advice::{unwire, wire};
use crate::sys::process::is_root;

/// Keeps a range in memory that allows `desired_access`; with `VM_PROT_NONE` no longer. As on XNU it takes the privileged port
/// of the host, which only the system's administrator has.
pub unsafe extern "C" fn mach_vm_wire(
    host_priv: host_priv_t,
    task: vm_map_t,
    address: mach_vm_address_t,
    size: mach_vm_size_t,
    desired_access: vm_prot_t,
) -> kern_return_t {
    code(kernel_of_host(host_priv).and_then(|kernel| {
        drop(kernel);
        if !is_root() {
            return Err(KERN_INVALID_HOST);
        }
        let _kernel = kernel_of(task)?;
        if size == 0 {
            return Ok(());
        }
        let range = possible_pages(address, size)?.ok_or(KERN_INVALID_ARGUMENT)?;
        if desired_access & !VM_PROT_ALL != 0 {
            return Err(KERN_INVALID_ARGUMENT);
        }
        let range = within_space(range);
        if desired_access != VM_PROT_NONE {
            mapped(range.clone(), desired_access)?;
            return wire(&range).map_err(unwired);
        }
        let found = all_mapped(&range)?;
        if found
            .first()
            .is_none_or(|first| first.range.start > range.start)
        {
            return Err(KERN_INVALID_ADDRESS);
        }
        found
            .iter()
            .try_for_each(|region| unwire(&region.range))
            .map_err(unwired)
    }))
}

fn unwired(errno: Errno) -> kern_return_t {
    match errno {
        Errno::EINVAL => KERN_INVALID_ADDRESS,
        _ => KERN_RESOURCE_SHORTAGE,
    }
}

/// As [`mach_vm_wire`].
pub unsafe extern "C" fn vm_wire(
    host_priv: host_priv_t,
    task: vm_map_t,
    address: vm_address_t,
    size: vm_size_t,
    desired_access: vm_prot_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    unsafe { mach_vm_wire(host_priv, task, address as u64, size as u64, desired_access) }
}
