//! Tests across processes, and what they share.
//!
//! # The tests
//!
//! Each folder of `tests/tests/` is one executable, and each file in it a module. Tests of one executable run as threads
//! of one process; what needs a process to itself, because it chooses names, forks or counts what a task has, starts
//! one with [`second::alone`]. A file beside the folders is an executable of its own, and says at its top why.
//!
//! | | what |
//! |---|---|
//! | `name_space/` | names, rights and references, guards, attributes |
//! | `messages/` | headers, descriptors, queues, receiving, sets, receive rights that move |
//! | `notifications/` | requests, and what brings each notification |
//! | `tasks/` | tasks of tokio that receive, send, call and wait, and those that give up on the way |
//! | `services/` | semaphores, `mach_msg_server`, reply ports, bootstrap names |
//! | `fork.rs` | what a forked task has, and has not |
//! | `signals.rs` | what a signal does to a call that waits |
//! | `guard_assertions.rs` | a call that macOS 11 does not have |
//! | `model/` | sequences of calls, kept and random, against a model of them |
//! | `rendezvous/` | launcher, server and client, and peers that lie to them |
//! | `sandbox/` | helpers that are locked up: what works inside, what attacks come to, and ports for no others |
//! | `rendezvous_leaks.rs` | a thousand rendezvous leave nothing behind |
//! | `linux_deviations/` | where Linux differs, and what it does instead |
//! | `linux_hostile/` | peers that speak the embedded Mach's wire format, and lie |
//! | `soak.rs` | a second of the program that launches, kills, floods and moves for as long as it is told |
//! | `linux_faults/` | system calls that fail, processes that are killed or stopped, at each step |
//! | `linux_rendezvous.rs` | descriptors, sockets and folders of a rendezvous |
//! | `fuzz.rs` | inputs of the fuzzers that were hard once |
//! | `documents/` | the repository's own text: every fact that is named is written down |
//!
//! A test that is called `fact_39_…` holds a part of Mach fact 39 of `docs/mach-semantics.md`. What is true of Linux
//! alone is in what is named `linux_…`; all else runs on macOS as well.
//!
//! # What they share
//!
//! For the Mach calls themselves, whatever the platform:
//!
//! - [`raw`]: the calls, without `unsafe`; [`letter`]: messages, byte for byte; [`notice`]: notifications;
//! - [`second`]: a test in a process of its own, or between two; [`forked`]: a second task by `fork`;
//! - [`holding`]: what a task has under some names; [`in_flight`]: many rights on their way at once; [`patience`]: waiting for a thread to block;
//! - [`model`]: what the calls must do, for random sequences of them; [`fuzz`]: what fuzzers drive.
//!
//! For a rendezvous between a parent and its child:
//!
//! - [`mod@peer`]: the process on the other side, the binary of this package. It does what a test tells it, step by step, so
//!   that a test knows what has happened on both sides without waiting for time to pass;
//! - [`events`]: what becomes of ports, waited for; [`bytes`]: messages as the words they are made of.
//!
//! Whatever goes wrong here ends the test: helpers panic.

pub mod bytes;
pub mod events;
pub mod forked;
pub mod fuzz;
pub mod holding;
pub mod in_flight;
pub mod letter;
pub mod model;
pub mod notice;
pub mod patience;
pub mod peer;
pub mod raw;
pub mod second;

use std::time::Duration;

/// How long anything may take before a test gives up: it is for a machine that is busy with something else.
pub const LONG: Duration = Duration::from_secs(60);

/// The code in the documents compiles.
#[cfg(doctest)]
#[doc = include_str!("../../docs/guide.md")]
pub struct Guide;
