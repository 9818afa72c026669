//! What the agent is linked with in the loader's place: the loader's name, and the one thing that the agent needs of it. So the
//! agent can be built for a system whose loader is not at hand.
#![no_std]

/// The place of the loader's variable of this name.
#[unsafe(no_mangle)]
pub static __libc_stack_end: core::sync::atomic::AtomicUsize =
    core::sync::atomic::AtomicUsize::new(0);

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
