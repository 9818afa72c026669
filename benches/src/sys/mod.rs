//! What differs between the systems.
//!
//! | item | what it is |
//! |---|---|
//! | `MODES` | where processes can be told to run |
//! | `pin` | puts this process, and those that it starts, on one processor |
//! | `cpu_time` | the processor time that another process has used |
//! | `end_with_parent` | ends this process when its parent ends |
//! | `pair` | the socket pair that everything is compared with |
//! | `processor` | what the machine computes with |
//! | `TRUE` | a program that does nothing |
//! | `LIBRARY` | a small library of the system's that this program does not link |
//! | `echoes`, `hand_overs`, `serve` | contenders that this system alone has, and their peers |

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_vendor = "apple")]
mod macos;

use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};

#[cfg(target_os = "linux")]
pub(crate) use linux::*;
#[cfg(target_vendor = "apple")]
pub(crate) use macos::*;

/// The processor time of this process and of those that it has waited for.
pub(crate) fn own_cpu_time() -> Duration {
    let of = |who| {
        getrusage(who).map_or(Duration::ZERO, |usage| {
            let used: TimeVal = usage.user_time() + usage.system_time();
            Duration::from_micros(used.num_microseconds().unsigned_abs())
        })
    };
    of(UsageWho::RUSAGE_SELF) + of(UsageWho::RUSAGE_CHILDREN)
}

/// The load averages of the last 1, 5 and 15 minutes.
pub(crate) fn load() -> String {
    let mut load = [0.0; 3];
    // SAFETY: the array has as many places as the call is told of.
    let count = unsafe { libc::getloadavg(load.as_mut_ptr(), 3) };
    if count == 3 {
        load.map(|load| format!("{load:.2}")).join(", ")
    } else {
        "unknown".to_owned()
    }
}
