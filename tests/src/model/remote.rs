//! Calls in another task: commands and answers go by messages past all ports of the model's.

use mach_ports::ffi::message::{
    MACH_MSG_SUCCESS, MACH_MSG_TYPE_MAKE_SEND, MACH_RCV_MSG, MACH_RCV_TIMEOUT,
};

use super::call::{Call, Outcome};
use super::{TaskId, real};
use crate::letter::{Buffer, SOON};
use crate::second::Line;

/// A command or an answer in a message.
fn written(value: &impl serde::Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(value).expect("plain values");
    bytes.resize(bytes.len().next_multiple_of(4), b' ');
    bytes
}

fn read<T: serde::de::DeserializeOwned>(message: &Buffer) -> T {
    serde_json::from_slice(&message.inline()).expect("what was written")
}

/// How long the other task may take: calls of its own wait for as long as [`SOON`].
const PATIENCE: u32 = 3 * SOON;

/// The other task's next message, however many names it speaks of.
fn next(line: &Line) -> Buffer {
    let mut message = Buffer::new(1 << 13);
    let option = MACH_RCV_MSG | MACH_RCV_TIMEOUT;
    let code = message.mach_msg(option, 0, message.len(), line.own, PATIENCE);
    assert_eq!(code, MACH_MSG_SUCCESS, "the other task's message");
    message
}

/// Makes a call in this task, or has the other make it.
#[must_use]
pub fn make(line: &Line, task: TaskId, call: &Call) -> Outcome {
    let command = line.letter().inline(&written(call));
    match (task, call) {
        (0, Call::Give { name }) => {
            command.port(*name, MACH_MSG_TYPE_MAKE_SEND).send();
            read(&next(line))
        }
        (0, call) => real::run(call),
        (_, Call::Give { .. }) => {
            command.send();
            Outcome::Name(next(line).only_port().0)
        }
        _ => {
            command.send();
            read(&next(line))
        }
    }
}

/// Makes the calls that the first task asks for.
pub fn obey(line: &Line) {
    loop {
        let message = next(line);
        if message.inline().is_empty() {
            return;
        }
        let answer = line.letter();
        let answer = match read(&message) {
            Call::Give { .. } if message.is_complex() => {
                answer.inline(&written(&Outcome::Name(message.only_port().0)))
            }
            Call::Give { name } => answer.port(name, MACH_MSG_TYPE_MAKE_SEND),
            call => answer.inline(&written(&real::run(&call))),
        };
        answer.send();
    }
}
