//! What goes wrong in a call: its error says so, and the next call has another helper.

use std::os::unix::process::ExitStatusExt;
use std::thread;
use std::time::Duration;

use helper_pool::{Fault, Loss, LostHelper, PoolError};
use mach_interface::CallError;
use nix::sys::signal::Signal;

use crate::lab::{Fate, LabClient, builder, pid, pool, signal, stats_when};

/// What a call is lost to, once the next one has another helper.
fn lost<E: Into<Fault>>(call: impl FnOnce(&LabClient) -> Result<u64, E>) -> LostHelper {
    let (pool, alive) = pool(1);
    let before = pid(&pool);
    let lost = match pool.call(call).unwrap_err() {
        PoolError::Lost(lost) => lost,
        other => panic!("{other:?}"),
    };
    assert_eq!(lost.pid(), before);
    assert_ne!(pid(&pool), before);
    drop(pool);
    alive.wait_for_none();
    lost
}

#[test]
fn a_crash_says_by_what_and_what_was_said_last() {
    let crash = lost(|lab| lab.strike(Fate::Crash as u32));
    assert!(
        matches!(crash.loss(), Loss::Ended(status) if status.signal() == Some(6)),
        "{crash}"
    );
    assert!(
        crash.stderr().ends_with("last words before Crash\n"),
        "{}",
        crash.stderr()
    );
    assert!(
        crash.to_string().starts_with("the helper ended: signal: 6"),
        "{crash}"
    );
    let killed = lost(|lab| lab.strike(Fate::Kill as u32));
    assert!(
        matches!(killed.loss(), Loss::Ended(status) if status.signal() == Some(9)),
        "{killed}"
    );
    let exited = lost(|lab| lab.strike(Fate::Exit as u32));
    assert!(
        matches!(exited.loss(), Loss::Ended(status) if status.code() == Some(7)),
        "{exited}"
    );
}

#[test]
fn a_panic_costs_the_helper_and_its_text_is_kept() {
    let panicked = lost(|lab| lab.strike(Fate::Panic as u32));
    assert!(matches!(panicked.loss(), Loss::Panicked), "{panicked}");
    assert!(
        panicked.stderr().contains("a panic that was ordered"),
        "{}",
        panicked.stderr()
    );
}

#[test]
fn breaches_of_the_protocol() {
    let malformed = lost(|lab| lab.lie());
    assert!(
        matches!(malformed.loss(), Loss::Protocol(CallError::Malformed(_))),
        "{malformed}"
    );
    let dropped = lost(|lab| lab.drop_it().map(u64::from));
    assert!(matches!(dropped.loss(), Loss::Dropped), "{dropped}");
    let senseless = lost(|lab| match lab.echo(3)? {
        3 => Err(Fault::breach("3 was not to be expected")),
        other => Ok(other),
    });
    assert!(matches!(senseless.loss(), Loss::Breach(_)), "{senseless}");
    assert_eq!(
        format!("{senseless:?}"),
        "senseless answer, the helper was replaced: 3 was not to be expected"
    );
}

#[test]
fn what_hangs_or_is_stopped_is_late() {
    for fate in [Fate::Hang, Fate::Stop] {
        let (builder, alive) = builder();
        let deadline = Duration::from_millis(50);
        let pool = builder.deadline(deadline).build().unwrap();
        let late = loop {
            // A busy machine may have a sound helper be late.
            match pool.call(|lab| lab.strike(fate as u32)) {
                Err(PoolError::Lost(lost)) if !lost.stderr().is_empty() => break lost,
                Err(PoolError::Lost(_)) => {}
                other => panic!("{other:?}"),
            }
        };
        assert!(
            matches!(late.loss(), Loss::TimedOut(time) if *time == deadline),
            "{late}"
        );
        assert!(pool.stats().total.timed_out >= 1);
        drop(pool);
        alive.wait_for_none();
    }
}

#[test]
fn the_deadline_is_for_all_of_a_call() {
    let (builder, _alive) = builder();
    let pool = builder
        .deadline(Duration::from_millis(100))
        .build()
        .unwrap();
    // Each of these is answered at once, and all together never end.
    let late = pool.call(|lab| -> Result<(), CallError> {
        loop {
            lab.echo(1)?;
        }
    });
    let late = late.unwrap_err();
    assert!(matches!(late.loss(), Some(Loss::TimedOut(_))), "{late:?}");
}

#[test]
fn too_much_memory_costs_the_call() {
    let (builder, alive) = builder();
    let limit = 64 << 20;
    let pool = builder.memory_limit(limit).build().unwrap();
    pool.call(|lab| lab.grow(1 << 20, 0)).unwrap();
    let before = pid(&pool);
    let grown = pool.call(|lab| lab.grow(128 << 20, 1)).unwrap_err();
    match grown.loss() {
        Some(Loss::Memory {
            resident,
            limit: told,
        }) => {
            assert!(*resident > limit && *told == limit, "{grown:?}");
        }
        _ => panic!("{grown:?}"),
    }
    assert_ne!(pid(&pool), before);
    assert_eq!(pool.stats().total.memory, 1);
    drop(pool);
    alive.wait_for_none();
}

#[test]
fn who_is_killed_while_idle_costs_nothing() {
    let (pool, _alive) = pool(1);
    let before = pid(&pool);
    signal(before, Signal::SIGKILL);
    let stats = stats_when(&pool, |stats| stats.total.started == 2);
    assert_eq!(stats.total.ended_idle, 1, "{stats:?}");
    assert_ne!(pid(&pool), before);
    assert_eq!(pool.stats().total.crashed, 0);
}

#[test]
fn who_is_killed_at_work_costs_the_call() {
    let (pool, _alive) = pool(1);
    let before = pid(&pool);
    thread::scope(|scope| {
        let call = scope.spawn(|| pool.call(|lab| lab.strike(Fate::Hang as u32)));
        stats_when(&pool, |stats| stats.busy == 1);
        signal(before, Signal::SIGKILL);
        let killed = call.join().unwrap().unwrap_err();
        assert!(
            matches!(killed.loss(), Some(Loss::Ended(status)) if status.signal() == Some(9)),
            "{killed:?}"
        );
    });
}
