//! Memory: `mach/mach_vm.h`.

pub use super::extra::{
    vm_allocate, vm_copy, vm_deallocate, vm_inherit, vm_map, vm_protect, vm_read, vm_read_list,
    vm_read_overwrite, vm_region_64, vm_region_recurse_64, vm_remap, vm_write,
};
pub use crate::calls::refused::memory::{
    mach_vm_behavior_set, mach_vm_machine_attribute, mach_vm_msync, mach_vm_page_info,
    mach_vm_page_query, mach_vm_purgable_control, mach_vm_reallocate, vm_reallocate,
};
pub use crate::calls::vm::allocate::{mach_vm_allocate, mach_vm_deallocate};
pub use crate::calls::vm::copy::{
    mach_vm_copy, mach_vm_read, mach_vm_read_list, mach_vm_read_overwrite, mach_vm_write,
};
pub use crate::calls::vm::entry::{mach_make_memory_entry, mach_make_memory_entry_64};
pub use crate::calls::vm::listed::{mach_vm_region, mach_vm_region_recurse};
pub use crate::calls::vm::map::mach_vm_map;
pub use crate::calls::vm::protect::{mach_vm_inherit, mach_vm_protect};
pub use crate::calls::vm::remap::mach_vm_remap;
