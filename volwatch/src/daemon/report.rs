//! Everything, for those who want to see it.

use std::time::{Duration, Instant};

use lock_service::state::{Holder, Snapshot};

use crate::VolumeId;
use crate::status::{LeftStatus, Process, State, Status, VolumeStatus};
use crate::table::{Table, Volume};

pub(super) fn report(table: &Table, locks: &Snapshot) -> Status {
    let now = Instant::now();
    let starting = table.schedule.is_starting().then(|| table.schedule.next());
    let volumes = table.volumes.iter();
    Status {
        ready: locks.ready,
        starting_ms: starting.flatten().map(|end| ms(end, now)),
        shutdown_holder: locks.reboot_holder,
        shutdown_waiter: locks.reboot_waiter,
        shutdown_delay_ms: table.delay.map(|delay| whole_ms(delay.longest)),
        shutdown_delayed: table.delay.is_some_and(|delay| delay.held),
        volumes: volumes
            .map(|(id, watched)| volume(*id, watched, table, locks, now))
            .collect(),
        left: table
            .left()
            .map(|(root, reason)| LeftStatus {
                root: root.display().to_string(),
                reason: reason.to_owned(),
            })
            .collect(),
    }
}

fn volume(
    id: VolumeId,
    volume: &Volume,
    table: &Table,
    locks: &Snapshot,
    now: Instant,
) -> VolumeStatus {
    let bytes = id.into_bytes();
    let lock = locks.locks.iter().find(|lock| lock.id == Some(bytes));
    let counted = locks.volumes.iter().find(|volume| volume.id == bytes);
    let holders = lock.map_or(Vec::new(), |lock| processes(&lock.holders));
    let helper = counted.and_then(|volume| volume.helper);
    let next_check = table.schedule.next_of(id);
    let state = match next_check {
        _ if !holders.is_empty() => State::Locked,
        _ if helper.is_some() => State::Rebuilding,
        _ if counted.is_some_and(|volume| volume.looking) => State::Checking,
        Some(_) => State::Settling,
        None => State::Quiet,
    };
    VolumeStatus {
        uuid: id.to_string(),
        name: volume.found.name.clone(),
        root: volume.found.root.display().to_string(),
        mounted: volume.found.mounted,
        state,
        holders,
        waiters: lock.map_or(Vec::new(), |lock| processes(&lock.waiters)),
        helper,
        attempts: counted.map_or(0, |volume| volume.attempts),
        failures: counted.map_or(0, |volume| volume.failures),
        next_check_ms: next_check.map(|next| ms(next, now)),
        trouble: volume.trouble.clone().or(volume.unwatched.clone()),
    }
}

fn processes(holders: &[Holder]) -> Vec<Process> {
    let process = |holder: &Holder| Process {
        pid: holder.pid,
        shared: holder.shared,
        for_ms: holder.for_ms,
    };
    holders.iter().map(process).collect()
}

fn ms(until: Instant, now: Instant) -> u64 {
    whole_ms(until.saturating_duration_since(now))
}

fn whole_ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
