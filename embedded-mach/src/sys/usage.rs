//! What this process has used, memory and its threads' time, and what it may use.

use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit};

use super::memory::page_size;

/// Bytes of memory: mapped, and present.
pub(crate) fn memory() -> Option<(u64, u64)> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let mut pages = text.split_ascii_whitespace().map(str::parse::<u64>);
    let mut bytes = || Some(pages.next()?.ok()? * page_size() as u64);
    Some((bytes()?, bytes()?))
}

/// Bytes of memory by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds {
    /// Present, and of no file.
    pub(crate) anonymous: u64,
    /// Present, and of a file or shared.
    pub(crate) of_files: u64,
    pub(crate) swapped: u64,
}

pub(crate) fn kinds() -> Option<Kinds> {
    kinds_of(&std::fs::read_to_string("/proc/self/status").ok()?)
}

/// Lines such as `RssAnon:     100 kB`. What the system does not tell is none.
fn kinds_of(status: &str) -> Option<Kinds> {
    let kilobytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim_start_matches(':')
            .split_ascii_whitespace()
            .next()?
            .parse::<u64>()
            .ok()
    };
    let bytes = |name| kilobytes(name).unwrap_or(0).saturating_mul(1024);
    kilobytes("VmRSS")?;
    Some(Kinds {
        anonymous: bytes("RssAnon"),
        of_files: bytes("RssFile") + bytes("RssShmem"),
        swapped: bytes("VmSwap"),
    })
}

/// How many descriptors this process may have.
pub(crate) fn descriptor_limit() -> usize {
    limit(Resource::RLIMIT_NOFILE)
}

/// How many bytes it may put into a file. Memory in a file is no other: who goes beyond is sent a signal, which kills.
pub(crate) fn file_limit() -> usize {
    limit(Resource::RLIMIT_FSIZE)
}

fn limit(of: Resource) -> usize {
    getrlimit(of).map_or(0, |(soft, _)| usize::try_from(soft).unwrap_or(usize::MAX))
}

/// Time of the threads that exist now: in user mode, and in the kernel. Counted in ticks of the kernel's clock.
pub(crate) fn thread_times() -> Option<(Duration, Duration)> {
    // SAFETY: a question without arguments in memory.
    let ticks = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
    let ticks = u64::try_from(ticks).ok().filter(|&ticks| ticks > 0)?;
    let mut total = (0, 0);
    for thread in std::fs::read_dir("/proc/self/task").ok()? {
        // A thread can end while the others are counted.
        let Ok(text) = std::fs::read_to_string(thread.ok()?.path().join("stat")) else {
            continue;
        };
        let (user, system) = times_of(&text)?;
        total = (total.0 + user, total.1 + system);
    }
    let time = |count: u64| Duration::from_nanos(count.saturating_mul(1_000_000_000 / ticks));
    Some((time(total.0), time(total.1)))
}

/// Fields 14 and 15 of a `stat` file. Field 2 is a name in parentheses, in which anything may stand.
fn times_of(stat: &str) -> Option<(u64, u64)> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11).map(str::parse);
    Some((fields.next()?.ok()?, fields.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_any_name() {
        let stat = "7 (a) b) S 1 2 3 4 5 6 7 8 9 10 110 220 13 14";
        assert_eq!(times_of(stat), Some((110, 220)));
        assert_eq!(times_of("7 (a) S 1"), None);
        assert!(thread_times().is_some());
    }

    #[test]
    fn kinds_of_memory_are_told_apart() {
        let status =
            "VmRSS:\t 9 kB\nRssAnon:\t 5 kB\nRssFile: 3 kB\nRssShmem: 1 kB\nVmSwap: 2 kB\n";
        let kinds = Kinds {
            anonymous: 5 << 10,
            of_files: 4 << 10,
            swapped: 2 << 10,
        };
        assert_eq!(kinds_of(status), Some(kinds));
        assert_eq!(kinds_of(""), None);
        assert!(super::kinds().unwrap().anonymous > 0);
    }

    #[test]
    fn no_more_memory_is_present_than_mapped() {
        let (mapped, present) = memory().unwrap();
        assert!(0 < present && present <= mapped);
    }
}
