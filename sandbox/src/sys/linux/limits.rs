//! Limits of resources.

use crate::Profile;

/// A resource's number, and its soft and hard limit.
pub(super) type Limit = (u32, u64, u64);

/// Never `RLIMIT_FSIZE`: memory that is passed on is a file.
pub(super) fn of(profile: &Profile) -> Vec<Limit> {
    let limits = &profile.limits;
    let mut all = vec![(libc::RLIMIT_CORE, 0, 0)];
    if let Some(bytes) = limits.memory {
        all.push((libc::RLIMIT_AS, bytes, bytes));
    }
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn time_is_rounded_up() {
        let of = |time| of(&Profile::ports_only().cpu_time(time))[1];
        assert_eq!(of(Duration::from_millis(1)), (libc::RLIMIT_CPU, 1, 2));
        assert_eq!(of(Duration::from_secs(3)), (libc::RLIMIT_CPU, 3, 4));
        assert_eq!(of(Duration::MAX), (libc::RLIMIT_CPU, u64::MAX, u64::MAX));
    }

    #[test]
    fn only_core_dumps_are_limited_unasked() {
        assert_eq!(of(&Profile::ports_only()), [(libc::RLIMIT_CORE, 0, 0)]);
    }
}
