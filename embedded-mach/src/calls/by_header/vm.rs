//! Memory: `mach/mach_vm.h`.

pub use super::extra::{
    mach_vm_page_range_query, mach_vm_remap_new, mach_vm_wire, vm_allocate, vm_behavior_set,
    vm_copy, vm_deallocate, vm_inherit, vm_machine_attribute, vm_map, vm_map_page_query, vm_msync,
    vm_protect, vm_purgable_control, vm_read, vm_read_list, vm_read_overwrite, vm_region,
    vm_region_64, vm_region_recurse, vm_region_recurse_64, vm_remap, vm_remap_new, vm_wire,
    vm_write,
};
pub use crate::calls::refused::memory::{mach_vm_reallocate, vm_reallocate};
pub use crate::calls::vm::advice::{mach_vm_behavior_set, mach_vm_msync};
pub use crate::calls::vm::allocate::{mach_vm_allocate, mach_vm_deallocate};
pub use crate::calls::vm::attribute::mach_vm_machine_attribute;
pub use crate::calls::vm::copy::{
    mach_vm_copy, mach_vm_read, mach_vm_read_list, mach_vm_read_overwrite, mach_vm_write,
};
pub use crate::calls::vm::entry::{mach_make_memory_entry, mach_make_memory_entry_64};
pub use crate::calls::vm::listed::{mach_vm_region, mach_vm_region_recurse};
pub use crate::calls::vm::map::mach_vm_map;
pub use crate::calls::vm::page::{mach_vm_page_info, mach_vm_page_query};
pub use crate::calls::vm::protect::{mach_vm_inherit, mach_vm_protect};
pub use crate::calls::vm::purgeable::mach_vm_purgable_control;
pub use crate::calls::vm::remap::mach_vm_remap;
