//! Linux: landlock for files, seccomp for system calls, and what a process can give up of itself.

mod files;
mod filter;
mod imposed;
mod kernel;
mod limits;
mod loader;
mod lock;
mod own_code;
pub(crate) mod status;
mod threads;

use crate::part::{Missing, Part};
use crate::profile::Network;
use crate::{EnterError, Profile};

pub(crate) use imposed::Imposed;

pub(crate) fn missing(profile: &Profile) -> Vec<Missing> {
    let abi = kernel::landlock_abi();
    let has_filters = kernel::has_filters();
    let mut all = Vec::new();
    let mut lacks = |part, because| all.push(Missing { part, because });
    if abi == 0 {
        lacks(
            Part::Files,
            "the kernel has no landlock, or it is not among its security modules (lsm=… at boot)",
        );
    }
    if !has_filters {
        lacks(
            Part::SystemCalls,
            "the kernel has no seccomp filters, or refuses them",
        );
    }
    // Otherwise the filter lets a process signal itself only.
    if abi < kernel::SCOPES && (profile.processes || !has_filters) {
        lacks(
            Part::Signals,
            "the kernel's landlock has no scopes (6.12 and newer have)",
        );
    }
    if profile.network == Network::Loopback {
        lacks(
            Part::Loopback,
            "neither landlock nor seccomp tells addresses apart",
        );
    }
    all
}

pub(crate) fn enter(profile: &Profile) -> Result<(), EnterError> {
    let mut needed = own_code::files();
    if profile.processes {
        needed.extend(loader::system());
    }
    let ruleset = files::Rules::of(profile, needed).ruleset()?;
    let lock = lock::Lock {
        ruleset,
        filters: filter::programs(profile, filter::For::Entering)?,
        limits: limits::of(profile),
        is_hidden: !profile.inspectable,
    };
    let others = threads::others()?;
    if let Some(because) = threads::why_not_all(others) {
        return Err(EnterError::OtherThreads {
            count: others,
            because,
        });
    }
    let threads = if others == 0 {
        lock::Threads::This
    } else {
        lock::Threads::All
    };
    lock.first(threads)
        .and_then(|()| lock.last(threads))
        .map_err(lock::Failed::into_error)
}
