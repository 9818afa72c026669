//! Calls that fail: the library says so, goes on, and has lost nothing.

use std::process::Command;

use nix::errno::Errno;

use super::draw::drawn;
use super::driver::{Call, Deed, Of, Plan, Ran, run};
use super::scenes::{HELD, HELPER, SAYS, SCENE, WARMTH, performed};
use super::{filter, helper};

/// With what calls fail.
const ERRORS: [Errno; 9] = [
    Errno::EMFILE,
    Errno::EINTR,
    Errno::ENOMEM,
    Errno::EAGAIN,
    Errno::ENOBUFS,
    Errno::EPERM,
    Errno::ETOOMANYREFS,
    Errno::ENFILE,
    Errno::ENOSPC,
];

/// This test, as the program that plays a scene.
pub(super) fn program(scene: &str, warmth: &str) -> Command {
    let thread = std::thread::current();
    let test = thread.name().expect("the test's name");
    let mut command = Command::new(std::env::current_exe().expect("this executable"));
    command
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(SCENE, scene)
        .env(WARMTH, warmth)
        .env(HELPER, helper::name())
        .env("RUST_BACKTRACE", "0");
    command
}

/// What a program has said: how its scene went, and what it holds in the end.
pub(super) fn said(ran: &Ran) -> (Option<&str>, Option<&str>) {
    let mut lines = ran.output.lines().filter_map(|line| {
        let (_, said) = line.split_once(SAYS)?;
        Some(said.trim())
    });
    (lines.next(), lines.next())
}

/// What is wrong with how a program ended that goes on after something was done to it.
pub(super) fn complaint(ran: &Ran, held: &str) -> Option<String> {
    let (went, holds) = said(ran);
    let wrong = if ran.hung {
        "it hangs"
    } else if ran.errors.contains("panicked") || !ran.status.success() {
        "it panics"
    } else if holds != Some(held) {
        "it holds other things in the end"
    } else {
        return None;
    };
    let last = ran.calls.last().map_or("nothing", |call| call.name);
    let went = went.unwrap_or("it did not end");
    Some(format!(
        "{wrong} after {} calls, of which the last was {last}: {went}; {holds:?} where {held:?} is expected; {}; {}",
        ran.calls.len(),
        ran.status,
        ran.errors
    ))
}

/// Plays a scene without any harm: how many calls it takes, and what is held in the end.
pub(super) fn unharmed(scene: &str, warmth: &str, of: Of) -> (usize, String) {
    let ran = run(&mut program(scene, warmth), Some(never(of)));
    let (went, held) = said(&ran);
    assert_eq!(went, Some("well"), "{scene}: {ran:?}");
    (ran.calls.len(), held.expect("what it holds").to_owned())
}

/// That nothing is done.
fn never(of: Of) -> Plan {
    // No step has this number.
    let at = usize::MAX - 1;
    Plan {
        of,
        at,
        deed: Deed::Kill,
    }
}

fn calls_fail(scene: &str) {
    if performed() || !filter::is_possible() {
        return;
    }
    let mut complaints = Vec::new();
    for warmth in ["cold", "warm"] {
        let (steps, held) = unharmed(scene, warmth, Of::All);
        for (at, error) in drawn(steps, ERRORS.len()) {
            let errno = ERRORS[error];
            let plan = Plan {
                of: Of::All,
                at,
                deed: Deed::Fail(errno),
            };
            let ran = run(program(scene, warmth).env(HELD, &held), Some(plan));
            if std::env::var("RENDEZVOUS_FAULTS_SHOWN").is_ok() && ran.done {
                let last = ran.calls.last().map_or("nothing", |call| call.name);
                println!("{scene} {warmth} {at} {last} {errno}: {:?}", said(&ran).0);
            }
            let complaint = complaint(&ran, &held).or_else(|| unnamed(&ran));
            complaints.extend(
                complaint.map(|why| format!("{scene}, {warmth}, step {at}, {errno}: {why}")),
            );
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// What is wrong with an error that says neither which call failed nor that a peer has not done its part.
fn unnamed(ran: &Ran) -> Option<String> {
    const PEERS: [&str; 8] = [
        "well",
        "no message came until the deadline",
        "the receiver dropped the request without a reply",
        "another answer",
        "no reply right",
        "child",
        "timed out waiting on channel",
        "was not sent",
    ];
    let (went, _) = said(ran);
    let went = went.unwrap_or_default();
    let named = went.contains(" failed: ") || went.contains("(os error");
    (!named && !PEERS.iter().any(|peer| went.contains(peer)))
        .then(|| format!("no call is named: {went}"))
}

#[test]
fn calls_of_a_check_in_fail() {
    calls_fail("check-in");
}

#[test]
fn calls_of_a_look_up_fail() {
    calls_fail("look-up");
}

#[test]
fn calls_of_a_message_with_rights_fail() {
    calls_fail("rights");
}

#[test]
fn calls_of_a_message_with_memory_fail() {
    calls_fail("memory");
}

#[test]
fn calls_of_who_serves_fail() {
    calls_fail("served");
}

#[test]
fn calls_of_a_semaphore_fail() {
    calls_fail("semaphore");
}

#[test]
fn calls_of_a_rendezvous_fail() {
    calls_fail("rendezvous");
}

#[test]
fn calls_of_a_launch_fail() {
    calls_fail("launch");
}

#[test]
fn calls_around_an_exit_fail() {
    calls_fail("exit");
}

/// What a read can be short of.
const WANTS: [Errno; 5] = [
    Errno::ENOMEM,
    Errno::ENOBUFS,
    Errno::EMFILE,
    Errno::ENFILE,
    Errno::ETOOMANYREFS,
];

#[test]
fn a_read_that_fails_for_want_of_something_loses_nothing() {
    let scenes = ["look-up", "rights", "memory", "served", "rendezvous"];
    passes(&scenes, &["SYS_recvmsg"], &WANTS, 6);
}

#[test]
fn a_wait_that_fails_for_want_of_memory_ends_no_queue() {
    let waits = ["SYS_epoll_wait", "SYS_epoll_pwait"];
    passes(
        &["exit", "launch", "rendezvous"],
        &waits,
        &[Errno::ENOMEM],
        1,
    );
}

/// Has calls of some names fail, at least so many: the scenes go well all the same.
fn passes(scenes: &[&str], names: &[&str], errors: &[Errno], least: usize) {
    if performed() || !filter::is_possible() {
        return;
    }
    let is_meant = |call: &Call| call.process == 0 && names.contains(&call.name);
    let mut complaints = Vec::new();
    let mut failed = 0;
    for scene in scenes {
        let (_, held) = unharmed(scene, "warm", Of::All);
        let all = run(&mut program(scene, "warm"), Some(never(Of::All)));
        let steps = (0..).zip(&all.calls).filter(|(_, call)| is_meant(call));
        for (nth, (at, _)) in steps.enumerate() {
            let errno = errors[nth % errors.len()];
            let plan = Plan {
                of: Of::All,
                at,
                deed: Deed::Fail(errno),
            };
            let ran = run(program(scene, "warm").env(HELD, &held), Some(plan));
            // Threads may have made their calls in another order this time.
            if !ran.done || !ran.calls.last().is_some_and(is_meant) {
                continue;
            }
            failed += 1;
            let lost = || (said(&ran).0 != Some("well")).then(|| format!("{:?}", said(&ran).0));
            let why = complaint(&ran, &held).or_else(lost);
            complaints.extend(why.map(|why| format!("{scene}, step {at}, {errno}: {why}")));
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
    assert!(failed >= least, "only {failed} calls have failed");
}
