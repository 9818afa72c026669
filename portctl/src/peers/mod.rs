//! Who is at the other end of a task's rights.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod platform;
#[cfg(not(target_os = "linux"))]
#[path = "other.rs"]
mod platform;

use std::collections::{BTreeMap, BTreeSet};

use task_port::{TaskError, TaskPort};

/// For each name of a task the other processes at the other end of its rights, as far as they can be told.
pub(crate) fn of(task: &TaskPort) -> Result<BTreeMap<u32, BTreeSet<i32>>, TaskError> {
    let sockets = task.sockets()?;
    let mut peers = platform::of(&sockets);
    for at_other_end in peers.values_mut() {
        at_other_end.remove(&task.pid());
    }
    Ok(peers)
}
