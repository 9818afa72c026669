//! What fuzzers drive, one function for each target: any bytes are an input, and whatever is wrong panics.
//!
//! - `packets`: a peer with raw sockets, its packets and descriptors, on Linux;
//! - [`messages`]: `mach_msg` with any bytes, and what `mach-ports` makes of what arrives;
//! - [`server`]: a rendezvous server's handler; [`reply`]: a client's reader of replies;
//! - [`typed`]: a typed interface's server;
//! - [`descriptions`]: what volumes say of themselves to `volwatch`;
//! - [`calls`]: sequences of calls, against the model.
//!
//! `tests/fuzz/` runs them under libFuzzer. `tests/tests/fuzz.rs` plays the inputs that are kept in `tests/fuzz/seeds/`,
//! each of which was hard once or leads to much.

pub mod calls;
pub mod descriptions;
mod given;
mod left;
pub mod messages;
#[cfg(target_os = "linux")]
pub mod packets;
pub mod reply;
pub mod server;
pub mod typed;
