//! What is asked of the kernel, and what compiled code takes for granted of a C library.

#[cfg_attr(target_arch = "x86_64", path = "x86_64.rs")]
#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
mod machine;

pub(crate) mod descriptor;
mod memory;
pub(crate) mod probe;
pub(crate) mod process;
pub(crate) mod signals;
pub(crate) mod socket;

pub(crate) use machine::trap;
use machine::{number, syscall};

/// What the kernel answers: a number, or an error's number below zero.
fn result(answer: isize) -> Result<usize, i32> {
    usize::try_from(answer).map_err(|_| answer.wrapping_neg() as i32)
}
