//! What only Linux does for who holds a lock.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::bed::{is_alive, until, volume};
use crate::lock::bed;

#[test]
fn a_command_does_not_outlive_its_keeper_and_the_next_holder_is_told() {
    let bed = bed();
    let gate = bed.gate("command");
    let mut holder = bed.spawn(&["lock", "images", "--", "sh", "-c", &gate.script()]);
    let command = gate.wait();
    let status = bed.status().unwrap();
    let keeper = volume(&status)["holders"][0]["pid"].as_i64().unwrap();
    let keeper = Pid::from_raw(keeper.try_into().unwrap());
    assert_ne!(keeper.as_raw(), holder.id());
    kill(keeper, Signal::SIGKILL).unwrap();
    assert_eq!(holder.wait().code(), Some(128 + 9));
    until("the command's end", || (!is_alive(command)).then_some(()));
    let script = "exit $VOLWATCH_PREVIOUS_DIED";
    let (code, text) = bed.run(&["lock", "images", "--", "sh", "-c", script]);
    assert_eq!(code, Some(1));
    assert!(text.contains("has died"), "{text}");
    assert_eq!(
        bed.run(&["lock", "images", "--", "sh", "-c", script]),
        (Some(0), String::new())
    );
}
