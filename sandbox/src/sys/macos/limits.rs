//! Limits of resources.

use std::io;

use crate::Profile;

/// A resource's number, and its soft and hard limit.
type Limit = (i32, u64, u64);

pub(super) fn of(profile: &Profile) -> Vec<Limit> {
    let limits = &profile.limits;
    let mut all = vec![(libc::RLIMIT_CORE, 0, 0)];
    if let Some(time) = limits.cpu_time {
        let seconds = time
            .as_secs()
            .saturating_add((time.subsec_nanos() > 0).into());
        all.push((libc::RLIMIT_CPU, seconds, seconds.saturating_add(1)));
    }
    if let Some(count) = limits.descriptors {
        all.push((libc::RLIMIT_NOFILE, count.into(), count.into()));
    }
    all
}

/// No limit becomes higher than it was.
pub(super) fn set(profile: &Profile) -> io::Result<()> {
    for (resource, soft, hard) in of(profile) {
        let mut now = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        // SAFETY: the limit is valid to write.
        if unsafe { libc::getrlimit(resource, &raw mut now) } != 0 {
            return Err(io::Error::last_os_error());
        }
        now.rlim_max = now.rlim_max.min(hard);
        now.rlim_cur = now.rlim_cur.min(soft).min(now.rlim_max);
        // SAFETY: the limit is valid to read.
        if unsafe { libc::setrlimit(resource, &raw const now) } != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}
