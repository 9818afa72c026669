//! The threads of this process, which a lock must bind all.

use std::io;
use std::time::Duration;

use super::{kernel, lock};
use crate::EnterError;

/// A thread that was joined may still be counted for a moment.
const LOOKS: u32 = 20;
const MOMENT: Duration = Duration::from_millis(1);

/// How many there are besides this one.
pub(super) fn others() -> Result<usize, EnterError> {
    let mut count = count()?;
    for _ in 1..LOOKS {
        if count == 0 {
            break;
        }
        std::thread::sleep(MOMENT);
        count = self::count()?;
    }
    Ok(count)
}

fn count() -> Result<usize, EnterError> {
    let list = || -> io::Result<usize> { Ok(std::fs::read_dir("/proc/self/task")?.count()) };
    list()
        .map(|all| all.saturating_sub(1))
        .map_err(|source| EnterError::Call {
            step: "count this process's threads in /proc/self/task",
            source,
        })
}

/// Why they cannot be locked up with this one, if so.
pub(super) fn why_not_all(others: usize, has_namespaces: bool) -> Option<&'static str> {
    let abi = kernel::landlock_abi();
    if others == 0 {
        None
    } else if abi > 0 && abi < kernel::ALL_THREADS {
        Some("the kernel's landlock binds one thread (7.0 and newer bind all)")
    } else if lock::has_capabilities() {
        Some("each thread gives up its own capabilities")
    } else if has_namespaces {
        Some("each thread has namespaces of its own")
    } else {
        None
    }
}
