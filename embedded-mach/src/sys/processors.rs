//! The processors that a thread may run on.

use std::cell::Cell;

use nix::sched::{CpuSet, sched_getaffinity};
use nix::unistd::Pid;

thread_local! {
    static SEVERAL: Cell<Option<bool>> = const { Cell::new(None) };
}

/// Whether this thread may run on more than one, as far as was known when they were last counted.
pub(crate) fn are_several() -> bool {
    let known = SEVERAL.try_with(Cell::get).ok().flatten();
    known.unwrap_or_else(|| {
        let several = count() > 1;
        let _ = SEVERAL.try_with(|known| known.set(Some(several)));
        several
    })
}

/// Has them counted when that is next asked for.
pub(crate) fn count_again() {
    let _ = SEVERAL.try_with(|known| known.set(None));
}

fn count() -> usize {
    // Where it cannot be known, or they are too many for the call, nothing is done that needs several.
    sched_getaffinity(Pid::from_raw(0)).map_or(1, |set| {
        (0..CpuSet::count())
            .filter(|&cpu| set.is_set(cpu).unwrap_or(false))
            .count()
    })
}

#[cfg(test)]
mod tests {
    use nix::sched::sched_setaffinity;

    use super::*;

    #[test]
    fn a_pinned_thread_has_one() {
        std::thread::spawn(|| {
            let all = sched_getaffinity(Pid::from_raw(0)).unwrap();
            assert_eq!(are_several(), count() > 1);
            let first = (0..CpuSet::count()).find(|&cpu| all.is_set(cpu).unwrap());
            let mut one = CpuSet::new();
            one.set(first.unwrap()).unwrap();
            sched_setaffinity(Pid::from_raw(0), &one).unwrap();
            count_again();
            assert!(!are_several());
        })
        .join()
        .unwrap();
    }
}
