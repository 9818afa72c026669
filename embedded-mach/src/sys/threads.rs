//! The threads of this process, as `/proc/self/task` tells.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use nix::time::ClockId;

use super::clock::nanoseconds;

/// What is known of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Thread {
    pub(crate) name: Vec<u8>,
    /// The letter that the system gives its state.
    pub(crate) state: u8,
    /// Time in user mode and in the kernel.
    pub(crate) times: (Duration, Duration),
    /// Time since it began.
    pub(crate) age: Duration,
    pub(crate) priority: i32,
    pub(crate) policy: i32,
    /// When it began, by which it is told from one that had its number before.
    pub(crate) began: u64,
}

/// The numbers of all threads, in ascending order.
pub(crate) fn all() -> Vec<i32> {
    let Ok(entries) = fs::read_dir("/proc/self/task") else {
        return Vec::new();
    };
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let mut numbers: Vec<i32> = numbers.collect();
    numbers.sort_unstable();
    numbers
}

/// What is known of a thread of this process; `None` if it has ended.
pub(crate) fn look(number: i32) -> Option<Thread> {
    let path: PathBuf = ["/proc/self/task", &number.to_string(), "stat"]
        .iter()
        .collect();
    // SAFETY: a question without arguments in memory.
    let ticks = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
    let ticks = u64::try_from(ticks).ok().filter(|&ticks| ticks > 0)?;
    let up = Duration::from_nanos(nanoseconds(ClockId::CLOCK_BOOTTIME));
    parse(&fs::read(path).ok()?, ticks, up)
}

/// A `stat` file: field 2 is a name in parentheses, in which anything may stand.
fn parse(stat: &[u8], ticks: u64, up: Duration) -> Option<Thread> {
    let open = stat.iter().position(|&byte| byte == b'(')?;
    let close = stat.iter().rposition(|&byte| byte == b')')?;
    let fields = std::str::from_utf8(stat.get(close + 1..)?).ok()?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    // The first of these is field 3.
    let field = |number: usize| fields.get(number - 3).copied();
    let count = |number| field(number)?.parse::<u64>().ok();
    let time = |count: u64| {
        let nanoseconds = u128::from(count) * 1_000_000_000 / u128::from(ticks);
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    };
    let began = count(22)?;
    Some(Thread {
        name: stat.get(open + 1..close)?.to_vec(),
        state: *field(3)?.as_bytes().first()?,
        times: (time(count(14)?), time(count(15)?)),
        age: up.saturating_sub(time(began)),
        priority: field(18)?.parse().ok()?,
        policy: field(41)?.parse().ok()?,
        began,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_understood_whatever_the_name_is() {
        let mut stat = b"7 (a) S 1) R".to_vec();
        for field in 4..=52 {
            stat.extend_from_slice(format!(" {field}").as_bytes());
        }
        let thread = parse(&stat, 100, Duration::from_secs(1)).unwrap();
        assert_eq!(thread.name, b"a) S 1");
        assert_eq!(
            (thread.state, thread.priority, thread.policy),
            (b'R', 18, 41)
        );
        let (user, system) = thread.times;
        assert_eq!((user.as_millis(), system.as_millis()), (140, 150));
        assert_eq!((thread.began, thread.age.as_millis()), (22, 780));
        assert_eq!(parse(b"7 (a", 100, Duration::ZERO), None);
    }

    #[test]
    fn this_thread_is_one_of_all() {
        let own = nix::unistd::gettid().as_raw();
        assert!(all().contains(&own));
        let seen = look(own).unwrap();
        assert_eq!(seen.state, b'R');
        assert_eq!(look(own).unwrap().began, seen.began);
        assert_eq!(look(1 << 30), None);
    }
}
