//! Memory: `mach/mach_vm.h`.

pub use crate::calls::vm::{mach_vm_allocate, mach_vm_deallocate};
