//! Ten thousand jobs, and helpers that crash, hang, break the protocol, and are killed and stopped by somebody else.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use helper_pool::{CallOptions, Loss, PoolError};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

use crate::lab::{Fate, LabClient, builder};

const JOBS: u64 = 10_000;
const HELPERS: usize = 3;
/// Helpers that somebody else kills or stops.
const ASSAULTS: u64 = 12;

/// What is ordered for a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Echo,
    Strike(Fate),
    Lie,
    Fail,
}

fn order(job: u64) -> Order {
    match job % 1000 {
        100 => Order::Strike(Fate::Crash),
        300 => Order::Strike(Fate::Exit),
        500 => Order::Strike(Fate::Panic),
        700 => Order::Lie,
        900 => Order::Strike(Fate::Kill),
        _ if job % 10 == 7 => Order::Fail,
        _ if job == 4321 => Order::Strike(Fate::Hang),
        _ if job == 6543 => Order::Strike(Fate::Stop),
        _ => Order::Echo,
    }
}

/// Whether that may come of the order, if nobody else has a hand in it.
fn fits(order: Order, job: u64, outcome: &Result<u64, PoolError>) -> bool {
    match (order, outcome) {
        (Order::Echo, Ok(value)) => *value == job,
        (Order::Fail, Err(PoolError::Failed(code))) => code.get() == 5,
        (_, Err(error)) => matches!(
            (order, error.loss()),
            (
                Order::Strike(Fate::Crash | Fate::Exit | Fate::Kill),
                Some(Loss::Ended(_))
            ) | (Order::Strike(Fate::Panic), Some(Loss::Panicked))
                | (
                    Order::Strike(Fate::Hang | Fate::Stop),
                    Some(Loss::TimedOut(_))
                )
                | (Order::Lie, Some(Loss::Protocol(_)))
        ),
        _ => false,
    }
}

fn make(lab: &LabClient, job: u64) -> Result<u64, mach_interface::CallError> {
    match order(job) {
        Order::Echo => lab.echo(job),
        Order::Strike(fate) => lab.strike(fate as u32),
        Order::Lie => lab.lie(),
        Order::Fail => lab.fail(5).map(|()| job),
    }
}

/// Somebody else has a hand in some, while they are at work.
fn attack(job: u64) -> Option<Signal> {
    let is_attacked = job % (JOBS / ASSAULTS) == 50;
    is_attacked.then_some(match job % 4 {
        2 => Signal::SIGSTOP,
        _ => Signal::SIGKILL,
    })
}

/// Those that will never be answered are given up soon, and all others are waited for.
fn options(job: u64, attack: Option<Signal>) -> CallOptions {
    let never_ends = matches!(order(job), Order::Strike(Fate::Hang | Fate::Stop));
    match never_ends || attack == Some(Signal::SIGSTOP) {
        true => CallOptions::new().deadline(Duration::from_millis(300)),
        false => CallOptions::new(),
    }
}

#[test]
fn ten_thousand_jobs() {
    let (builder, alive) = builder();
    let pool = builder
        .helpers(HELPERS)
        .spares(1)
        .recycle_after_calls(200)
        .build()
        .unwrap();
    let next = AtomicU64::new(0);
    let attacked = Mutex::new(HashSet::new());
    let misfits = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..HELPERS + 2 {
            scope.spawn(|| {
                loop {
                    let job = next.fetch_add(1, Ordering::Relaxed);
                    if job >= JOBS {
                        break;
                    }
                    let mut helper = 0;
                    let attack = attack(job);
                    let outcome = pool.call_on(&options(job, attack), |lab, pid| {
                        helper = pid;
                        if let Some(signal) = attack {
                            attacked.lock().unwrap().insert(pid);
                            kill(Pid::from_raw(pid), signal).unwrap();
                            if signal == Signal::SIGSTOP {
                                // Or it might answer first, and stop while it has nothing to do.
                                waitpid(Pid::from_raw(pid), Some(WaitPidFlag::WUNTRACED)).unwrap();
                            }
                        }
                        make(lab, job)
                    });
                    if !fits(order(job), job, &outcome) {
                        misfits.lock().unwrap().push((job, helper, outcome));
                    }
                }
            });
        }
    });
    // What did not come as it was ordered came of an attack, and each of those cost one call.
    let misfits = misfits.into_inner().unwrap();
    let attacked = attacked.into_inner().unwrap();
    for (job, helper, outcome) in &misfits {
        assert!(
            attacked.contains(helper),
            "job {job} on {helper}: {outcome:?}"
        );
    }
    assert!(misfits.len() as u64 <= ASSAULTS + 1, "{misfits:?}");
    let total = pool.stats().total;
    let calls = total.succeeded
        + total.failed
        + total.crashed
        + total.timed_out
        + total.breached
        + total.memory
        + total.cancelled;
    assert_eq!(calls, JOBS, "{total:?}");
    let refused = (0..JOBS).filter(|job| order(*job) == Order::Fail && attack(*job).is_none());
    assert!(total.failed >= refused.count() as u64, "{total:?}");
    assert!(
        total.recycled >= 1 && total.start_failures == 0,
        "{total:?}"
    );
    assert!(pool.stop(crate::lab::SOON));
    drop(pool);
    alive.wait_for_none();
}
