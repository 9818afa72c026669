//! A reference model of Mach's ports: what the calls do to names, rights, queues and requests.
//!
//! It knows nothing of how the embedded Mach works: it is written from the facts and from XNU's sources, for any number
//! of tasks, in plain values without a lock, a descriptor or a thread. A [`World`] is played a sequence of
//! [`call::Call`]s and says what each must give; a [`player::Player`] has the real calls do the same and compares.
//!
//! - `world`: ports, messages, sets, and how they go; `space`: a task's names;
//! - `names`, `members`, `requests`, `copyin`, `send`, `receive`, `timers`: the calls, each after the routine of XNU's that it
//!   stands for;
//! - `call`: calls and outcomes as values; `real`: the same, by the real calls, and `remote`: those
//!   of another task;
//! - `step`: what is drawn at random, and how a draw becomes a call; `player`: both sides, step by step;
//! - `drawn`: how often and from which seed; `kept`: sequences that were hard once, played before those drawn at random.

pub mod call;
mod copyin;
pub mod drawn;
pub mod kept;
mod members;
mod names;
pub mod player;
pub mod real;
mod receive;
pub mod remote;
mod requests;
mod send;
mod space;
pub mod step;
mod timers;
mod world;

pub use world::{TaskId, World};
