//! Linux: memory by `process_vm_readv`, the loader's list by what the kernel told the loader.

mod clock;
pub(crate) mod exit;
pub(crate) mod memory;
pub(crate) mod program;
pub(crate) mod snapshot;
