//! What a pool leaves in its process: nothing.

use std::env;
use std::process::Command;
use std::time::Duration;

use mach_ports::census;
use mach_ports::platform::wait_for_closings;

use crate::lab::{Fate, builder};

/// Says to this program that it is to count itself.
const COUNTED: &str = "HELPER_POOL_LAB_COUNTED";
/// Threads that macOS's libraries start by themselves hold names of their own.
const NOISE: usize = 20;

/// Pools come and go, and their helpers crash; nothing, if this is not the process that is counted.
#[test]
fn counted() {
    if env::var_os(COUNTED).is_none() {
        return;
    }
    // What is made once and kept.
    a_pools_life();
    let before = held();
    for _ in 0..10 {
        a_pools_life();
    }
    let after = held();
    for (before, after) in before.into_iter().zip(after) {
        assert!(after <= before + NOISE, "{before} became {after}");
    }
}

fn a_pools_life() {
    let (builder, alive) = builder();
    let pool = builder
        .helpers(2)
        .spares(1)
        .recycle_after_calls(5)
        .build()
        .unwrap();
    for value in 0..10 {
        pool.call(|lab| lab.echo(value)).unwrap();
    }
    pool.call(|lab| lab.strike(Fate::Crash as u32)).unwrap_err();
    pool.submit(|lab| lab.strike(Fate::Panic as u32))
        .unwrap()
        .wait()
        .unwrap_err();
    drop(pool.checkout().unwrap());
    drop(pool);
    alive.wait_for_none();
}

/// How many names, descriptors and threads this process has. Of each, a pool's life would leave several.
fn held() -> [usize; 3] {
    assert!(wait_for_closings(Duration::from_secs(60)));
    let names = census::names().unwrap().len();
    let descriptors = std::fs::read_dir("/dev/fd").unwrap().count();
    let threads = std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count);
    [names, descriptors, threads]
}

#[test]
fn pools_come_and_go() {
    // In a process of its own: other tests of this one come and go as well.
    let output = Command::new(env::current_exe().unwrap())
        .args(["leaks::counted", "--exact", "--nocapture"])
        .env(COUNTED, "yes")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
