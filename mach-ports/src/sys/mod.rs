//! What a platform supplies. Everything outside this folder is the same code on every platform.
//!
//! A platform is one folder here with these modules and items:
//!
//! | item | what it is |
//! |---|---|
//! | `ffi` | the Mach calls, types and constants in mach2's module paths, and `ffi::extra` for those that mach2 lacks |
//! | `dispatch::Queue` | runs closures one after the other, never two at a time |
//! | `dispatch::Source` | calls a closure on a queue when a receive right or port set has a message, or when a process exits; runs another after the last call once it is cancelled |
//! | `watch::Watch` | with the feature `tokio`: has a task wait for a receive right or port set |
//! | `names::trouble` | why this thread's last bootstrap call failed, if there is more to say than its code |
//! | `process::executable_path` | the file that a process executes |
//! | `process::executable_of`, `process::TOKENS_NAME_PROGRAMS` | the same by a message's token, and whether that is one program's |
//! | `process::look_at` | has one look at the process that a token names, and at no other |
//! | `process::identify_senders` | has a port's messages name the processes that sent them by more than an id |
//! | `dispatch::Source::is_of` | whether a process that is watched sent such a message |
//! | `process::room_for_rights` | whether a message with so many rights could be sent |
//! | `process::sockets` | the sockets behind a name, where there are any |
//! | `process::raise_descriptor_limit` | makes room for rights, where they are descriptors |
//! | `process::wait_for_closings` | waits until what was given up is closed, where that takes a thread |
//! | `spawn::Actions`, `spawn::Attributes`, `spawn::spawn` | what is done in a child, how it differs, and making it |
//! | `spawn::Handle` | what stands for a process beside its number |
//! | `spawn::last_descriptor` | the largest descriptor number that a spawn can give |
//! | `spawn::close_others` | makes a child start with the named descriptors only |
//! | `spawn::give_bootstrap` | what it takes to give a child its bootstrap port |
//! | `spawn::pass_port`, `spawn::passed_port` | the same for a port that the child asks for, and the child's side of it |
//! | `names::renew` | sees to it that a bootstrap name of this task is found |
//!
//! A queue and a source are held to the rules that [`crate::dispatch`] documents; its tests check them.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_vendor = "apple")]
mod macos;

/// What macOS's stub is told, which needs no macOS to be read.
#[cfg(all(test, not(target_vendor = "apple")))]
#[path = "macos/spawn/stub/plan.rs"]
mod stub_plan;

#[cfg(all(target_os = "linux", feature = "tokio"))]
pub(crate) use linux::watch;
#[cfg(target_os = "linux")]
pub(crate) use linux::{dispatch, ffi, names, process, readiness, spawn};
#[cfg(all(target_vendor = "apple", feature = "tokio"))]
pub(crate) use macos::watch;
#[cfg(target_vendor = "apple")]
pub(crate) use macos::{dispatch, ffi, names, process, spawn};

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
compile_error!("mach-ports runs on macOS and on Linux");
#[cfg(not(target_pointer_width = "64"))]
compile_error!("mach-ports knows the message layout of 64-bit tasks only");

/// What a queue runs.
pub(crate) type Job = Box<dyn FnOnce() + Send>;
/// What a source calls for each event.
pub(crate) type Event = Box<dyn FnMut() + Send>;
