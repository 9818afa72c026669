//! What a task holds, under some names or open, to compare before and after.

use mach_ports::ffi::port::{mach_port_name_t, mach_port_type_t};

#[cfg(target_os = "linux")]
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::raw::{Given, refs, type_of};

/// One name: its type, and its user references by kind of right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The name.
    pub name: mach_port_name_t,
    /// Its type, or why it has none.
    pub kind: Given<mach_port_type_t>,
    /// References as send, receive, send-once right, port set and dead name.
    pub refs: [Given<u32>; 5],
}

/// How many descriptors this process has open.
#[cfg(target_os = "linux")]
#[must_use]
pub fn descriptors() -> usize {
    let listed = std::fs::read_dir("/proc/self/fd").expect("a list").count();
    // The folder that is read is one.
    listed - 1
}

/// How many of `wanted` things a test may have, each of which takes `each` of the descriptors that a process may have at
/// most: a machine with a low limit has fewer of them, and some are left for all else.
///
/// # Panics
/// If the limit cannot be asked for.
#[cfg(target_os = "linux")]
#[must_use]
pub fn as_many(wanted: usize, each: usize) -> usize {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("a limit");
    let most = usize::try_from(hard).unwrap_or(usize::MAX) / 4 * 3;
    wanted.min(most / each)
}

/// Lets this process have no more descriptors than so many.
///
/// # Panics
/// If that is above the hard limit.
#[cfg(target_os = "linux")]
pub fn limit_descriptors(most: u64) {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("a limit");
    setrlimit(Resource::RLIMIT_NOFILE, most, hard).expect("below the hard one");
}

/// What is held under a name.
#[must_use]
pub fn holding(name: mach_port_name_t) -> Holding {
    Holding {
        name,
        kind: type_of(name),
        refs: std::array::from_fn(|right| refs(name, right as u32)),
    }
}

/// What is held under several names.
#[must_use]
pub fn holdings(names: &[mach_port_name_t]) -> Vec<Holding> {
    names.iter().copied().map(holding).collect()
}
