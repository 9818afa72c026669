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
