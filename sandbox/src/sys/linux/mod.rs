//! Linux: landlock for files, seccomp for system calls, and what a process can give up of itself.

mod files;
mod filter;
mod imposed;
mod kernel;
mod loader;
mod lock;
mod namespaces;
mod own_code;
pub(crate) mod status;
mod threads;

use super::limits;
use crate::part::{Missing, Part};
use crate::profile::For;
use crate::{EnterError, Profile};

pub(crate) use imposed::Imposed;
use namespaces::Namespaces;

pub(super) type ResourceNumber = libc::__rlimit_resource_t;

pub(crate) fn missing(profile: &Profile, purpose: For) -> Vec<Missing> {
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
    if (1..kernel::TRUNCATION).contains(&abi) && (filter::writes(profile) || !has_filters) {
        lacks(
            Part::Files,
            "the kernel's landlock lets any file be truncated (6.2 and newer do not)",
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
    all.extend(Namespaces::of(profile, purpose).1);
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
        filters: filter::programs(profile, For::Entering)?,
        limits: limits::of(profile),
        is_hidden: !profile.inspectable,
        namespaces: Namespaces::of(profile, For::Entering).0,
    };
    let others = threads::others()?;
    if let Some(because) = threads::why_not_all(others, !lock.namespaces.is_empty()) {
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
    lock.namespaces
        .unshare()
        .and_then(|()| lock.first(threads))
        .and_then(|()| lock.last(threads))
        .map_err(lock::Failed::into_error)
}
