//! The agent as an audit library of glibc's loader (`LD_AUDIT`): it tells monitors of each image that the loader loads or unloads.
//!
//! It runs in the program's process before the C library does, and must not disturb it: it has no `std`, no C library, no
//! thread-local storage and no allocation, and speaks to the kernel by itself. The loader calls the functions below, mostly with
//! its lock held, so none of them waits for another thread of the process; the monitors are waited for, each as long as its
//! deadline says.
//!
//! - `audit`: what the loader calls; `batch`: images that are yet to be told;
//! - `monitors`: who is told, and the wait for replies; `link`: one monitor's descriptors;
//! - `image`: what the loader's map and the image's headers say of it; `stack`: environment and auxiliary vector;
//! - `sys`: system calls, memory, and the little that is `unsafe` beside the loader's pointers.
#![no_std]
#![deny(
    missing_docs,
    rust_2018_idioms,
    unreachable_pub,
    unsafe_op_in_unsafe_fn,
    unused_must_use
)]
// Of clippy (scripts/agent.sh): as the workspace's crates, and nothing that could panic.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_safety_doc,
    clippy::panic,
    clippy::undocumented_unsafe_blocks,
    clippy::unwrap_used
)]

mod audit;
mod batch;
mod image;
mod link;
mod lock;
mod monitors;
mod stack;
mod sys;

/// Nothing here panics. Were it otherwise, there would be no way on.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    sys::trap()
}
