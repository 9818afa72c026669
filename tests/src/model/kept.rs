//! Sequences of calls that are kept: failures that were shrunk, and what is hard to get right.
//!
//! A failure of the tests with the model ends with the calls that led to it, one a line. Put those lines into a file
//! in `kept/`, with a word on what they are about behind `#`, and list the file here: it is played before all that is
//! drawn at random. What a draw means changes with the kinds of calls there are; calls do not.

use super::TaskId;
use super::call::Call;

/// A sequence of calls.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// Its file's name.
    pub name: &'static str,
    lines: &'static str,
}

macro_rules! kept {
    ($($name:literal),* $(,)?) => {
        &[$(Kept { name: $name, lines: include_str!(concat!("kept/", $name, ".txt")) }),*]
    };
}

/// In one task.
pub const IN_ONE_TASK: &[Kept] = kept![
    "a_circle_of_receive_rights",
    "a_dead_name_whose_request_has_fired",
    "a_dying_destination",
    "a_full_queue_with_a_request",
    "a_name_that_remembers_a_request",
    "a_pegged_count",
    "a_port_for_replies",
    "a_port_that_ends_with_a_message_too_large",
    "a_refused_message",
    "a_request_that_a_refused_message_arms",
    "a_saviour_that_is_dead",
    "a_timer",
    "one_name_for_destination_and_reply",
    "the_end_of_a_full_queue",
];

/// In two tasks, from their introduction on.
pub const IN_TWO_TASKS: &[Kept] = kept![
    "a_port_that_comes_home",
    "a_port_that_comes_home_while_it_is_sent_to",
    "a_port_that_is_sent_to_on_its_way",
    "a_port_that_leaves_with_what_was_sent_to_it",
    "a_request_that_waits_for_the_first_sender",
    "a_sender_that_goes_before_another_comes",
];

impl Kept {
    /// Its calls, each with who makes it.
    ///
    /// # Panics
    /// If a line is neither a call nor a comment.
    pub fn calls(&self) -> impl Iterator<Item = (TaskId, Call)> {
        let lines = self.lines.lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| match serde_json::from_str(line) {
            Ok(call) => call,
            Err(error) => panic!("{}: {error} in {line}", self.name),
        })
    }
}

/// Calls as they are kept, one a line.
pub(super) fn written(calls: &[(TaskId, Call)]) -> String {
    let lines = calls
        .iter()
        .map(|call| serde_json::to_string(call).expect("plain values"));
    lines.collect::<Vec<_>>().join("\n")
}
