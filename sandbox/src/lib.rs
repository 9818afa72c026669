//! Locks a process up: what it may do besides its ports.
//!
//! Dangerous work, such as decoding what strangers send, is done by a helper that can do nothing but work and answer.
//! A [`Profile`] says what it may do besides its ports, and [`Profile::ports_only`] says nothing. The helper
//! [enters](Profile::enter) it before it takes its ports, or its parent imposes it by `Launcher::profile`.
//!
//! ```no_run
//! use sandbox::Profile;
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     // First of all, while this is the only thread.
//!     Profile::ports_only().enter()?;
//!     // Only now what is dangerous: take the ports, and work.
//!     Ok(())
//! }
//! ```
//!
//! What was opened before stays open, and what arrives by a port can be used: descriptors, memory, rights. A profile
//! is about what the process can get for itself.
//!
//! # By what
//! | | Linux | macOS |
//! |---|---|---|
//! | files, programs | landlock | seatbelt |
//! | network, processes, everything else that the kernel has | a seccomp filter that allows what the embedded Mach and Rust's runtime need | seatbelt |
//! | signals to others | the filter, and landlock's scopes | seatbelt |
//! | the loopback alone | namespaces of users and networks: a loopback of its own | seatbelt |
//! | mounts, processes, IPC, host name, users, network of its own | namespaces, where a profile [asks for them](Profile::namespace) | – |
//! | memory, processor time, descriptors | `setrlimit` | `setrlimit`, without memory |
//! | new privileges | `no_new_privs`, and no capabilities, also for root | – |
//! | debuggers, `/proc` | not dumpable | – |
//!
//! A part that this system cannot do is an error ([`EnterError::Missing`]) unless the profile
//! [does without](Profile::accept_without) it.
//!
//! # What it does not do
//! - Memory is the address space of the process. On Linux a memfd that is written to and not mapped does not count; a
//!   cgroup would count it.
//! - On Linux, the metadata of files (whether there is one, its size and times) can be asked for by path: landlock has no
//!   say in that.
//! - The kernel's own faults are open to whoever can make system calls; there are fewer of them to make.

mod enter;
mod error;
mod imposed;
mod namespace;
mod part;
mod profile;
mod status;
mod sys;

pub use enter::Entered;
pub use error::EnterError;
pub use imposed::Imposed;
pub use namespace::Namespace;
pub use part::{Missing, Part};
pub use profile::{Network, Profile};
pub use status::{Evidence, Status};
