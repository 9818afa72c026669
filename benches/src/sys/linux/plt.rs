//! A call by way of the procedure linkage table, whose place the loader fills in at the first call (build.rs): Rust's own calls go
//! past it.

use std::arch::asm;

/// Calls a function of the C library's that does next to nothing.
pub(crate) fn call_by_plt() {
    // SAFETY: `abs` takes a number and gives one, and changes what the calling convention lets it.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        asm!("call {abs}@PLT", abs = sym libc::abs, inout("edi") 1 => _, clobber_abi("C"));
        #[cfg(target_arch = "aarch64")]
        asm!("bl {abs}", abs = sym libc::abs, inout("w0") 1 => _, clobber_abi("C"));
    }
}
