//! Memory: `mach/mach_vm.h`.

pub use crate::calls::vm::allocate::{mach_vm_allocate, mach_vm_deallocate};
pub use crate::calls::vm::entry::{mach_make_memory_entry, mach_make_memory_entry_64};
pub use crate::calls::vm::map::mach_vm_map;
