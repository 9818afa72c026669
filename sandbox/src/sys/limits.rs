//! Limits of resources.

use super::platform::ResourceNumber;
use crate::Profile;

/// What can be limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource {
    CoreDumps,
    Memory,
    CpuTime,
    Descriptors,
}

/// A resource, and its soft and hard limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) resource: Resource,
    pub(super) soft: u64,
    pub(super) hard: u64,
}

/// Never `RLIMIT_FSIZE`: on Linux memory that is passed on is a file.
pub(super) fn of(profile: &Profile) -> Vec<Limit> {
    let limits = &profile.limits;
    let all = [
        (Resource::CoreDumps, Some((0, 0))),
        (Resource::Memory, limits.memory.map(|bytes| (bytes, bytes))),
        (
            Resource::CpuTime,
            limits.cpu_time.map(|time| {
                let begun = u64::from(time.subsec_nanos() > 0);
                let seconds = time.as_secs().saturating_add(begun);
                (seconds, seconds.saturating_add(1))
            }),
        ),
        (
            Resource::Descriptors,
            limits.descriptors.map(|count| (count.into(), count.into())),
        ),
    ];
    all.into_iter()
        .filter_map(|(resource, limit)| {
            let (soft, hard) = limit?;
            Some(Limit {
                resource,
                soft,
                hard,
            })
        })
        .collect()
}

impl Limit {
    /// Sets it, if the limit that there is is not lower; `errno` says why it cannot. It makes two system calls, and nothing
    /// else.
    pub(super) fn set(self) -> bool {
        let number = self.resource.number();
        let mut now = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        // SAFETY: the limit is valid to write.
        if unsafe { libc::getrlimit(number, &raw mut now) } != 0 {
            return false;
        }
        now.rlim_max = now.rlim_max.min(self.hard);
        now.rlim_cur = now.rlim_cur.min(self.soft).min(now.rlim_max);
        // SAFETY: the limit is valid to read.
        unsafe { libc::setrlimit(number, &raw const now) == 0 }
    }
}

impl Resource {
    pub(super) fn number(self) -> ResourceNumber {
        match self {
            Self::CoreDumps => libc::RLIMIT_CORE,
            Self::Memory => libc::RLIMIT_AS,
            Self::CpuTime => libc::RLIMIT_CPU,
            Self::Descriptors => libc::RLIMIT_NOFILE,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn time_is_rounded_up() {
        let of = |time| {
            let limit = of(&Profile::ports_only().cpu_time(time))[1];
            assert_eq!(limit.resource, Resource::CpuTime);
            (limit.soft, limit.hard)
        };
        assert_eq!(of(Duration::from_millis(1)), (1, 2));
        assert_eq!(of(Duration::from_secs(3)), (3, 4));
        assert_eq!(of(Duration::MAX), (u64::MAX, u64::MAX));
    }

    #[test]
    fn only_core_dumps_are_limited_unasked() {
        let all = of(&Profile::ports_only());
        assert!(matches!(
            all[..],
            [Limit {
                resource: Resource::CoreDumps,
                soft: 0,
                hard: 0
            }]
        ));
    }
}
