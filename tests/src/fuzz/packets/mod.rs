//! Linux: a peer with raw sockets, which speaks the embedded Mach's wire format as an input says.
//!
//! Both sides are in one process: the peer has the descriptor that a child would be passed, and what arrives by it. All
//! ends that it makes are this process's for the kernel; `linux_hostile` has what takes a second process.
//!
//! - `stage`: the two sides, and what each can do; `packet`: what the peer writes; `palette`: descriptors that it sends.

mod packet;
mod palette;
mod stage;

use arbitrary::Unstructured;

use super::left::nothing_left;
use stage::Stage;

/// Plays what the bytes say.
///
/// # Panics
/// If something is left behind, or honest senders are not heard any more.
pub fn run(data: &[u8]) {
    nothing_left(|| {
        let mut input = Unstructured::new(data);
        let mut stage = Stage::new();
        // Less than a deed needs is the end.
        while !input.is_empty() && stage.act(&mut input).is_ok() {}
        stage.end();
    });
}
