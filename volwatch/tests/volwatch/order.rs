//! The end, in order.

use nix::sys::signal::Signal;

use crate::bed::{Bed, is_alive, until, volume};

#[test]
fn helpers_are_told_to_end_and_killed_if_they_do_not() {
    let mut bed = Bed::new();
    let gate = bed.gate("helper");
    let helper = bed.helper(&gate.script());
    bed.start(&helper);
    let command = gate.wait();
    bed.wait_for("locked", |status| volume(status)["state"] == "locked");
    bed.daemon().signal(Signal::SIGTERM);
    assert_eq!(bed.daemon().wait().code(), Some(0));
    until("the command's end", || (!is_alive(command)).then_some(()));
    assert_eq!(bed.run(&["status"]).0, Some(69));
    assert!(!bed.volume(".stamp").exists(), "nothing was built");
}

#[test]
fn a_helper_that_does_not_heed_is_killed_when_the_daemon_ends() {
    let mut bed = Bed::new();
    let gate = bed.gate("helper");
    let script = gate.script();
    // Neither it nor what it starts heeds a request to end.
    let helper = format!(
        "helper = {{ command = ['sh', '-c', \"trap '' TERM; {script}; exec sleep 1000\"], grace = '100ms' }}\n"
    );
    bed.start(&helper);
    let command = gate.wait();
    bed.daemon().signal(Signal::SIGTERM);
    assert_eq!(bed.daemon().wait().code(), Some(0));
    until("the helper's end", || (!is_alive(command)).then_some(()));
    assert_eq!(bed.run(&["status"]).0, Some(69));
}

#[test]
fn a_helper_ends_with_its_daemon_and_the_next_one_has_its_own() {
    let mut bed = Bed::new();
    let gate = bed.gate("helper");
    let script = format!(
        "test -e {0} && {1} || {{ touch {0}; {2}; }}",
        bed.path("once").display(),
        bed.build(),
        gate.script()
    );
    let helper = bed.helper(&script);
    bed.start(&helper);
    let command = gate.wait();
    bed.daemon().signal(Signal::SIGKILL);
    bed.daemon().wait();
    until("the helper's end", || (!is_alive(command)).then_some(()));
    bed.start(&helper);
    bed.wait_for_builds(1);
    bed.wait_for("quiet", |status| volume(status)["state"] == "quiet");
    assert_eq!(bed.builds(), 1);
}
