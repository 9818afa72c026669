//! What a `main` that returns one of these errors prints behind "Error: ".

use std::time::Duration;

use mach_ports::bootstrap;
use mach_ports::{CallError, ReceiveError, RightKind, Semaphore, SendError};
use rendezvous_protocol::{MalformedReply, Unmet};

use crate::{ConnectError, TakeError, key};

fn shown(error: impl std::error::Error + 'static) -> String {
    let error: Box<dyn std::error::Error> = error.into();
    format!("{error:?}")
}

#[test]
fn connecting() {
    for (error, text) in [
        (
            ConnectError::Environment {
                variable: "MACH_RENDEZVOUS_SERVER_PID",
                value: "7x".to_owned(),
            },
            "the environment has MACH_RENDEZVOUS_SERVER_PID=\"7x\"",
        ),
        (
            ConnectError::NoServer,
            "nothing says which process is the server",
        ),
        (
            ConnectError::LookUp {
                name: "a.b".to_owned(),
                source: bootstrap::look_up("").unwrap_err(),
            },
            "cannot look up the rendezvous server a.b: bootstrap_look_up of ``: not a service name",
        ),
        (
            ConnectError::BootstrapPort(Semaphore::new(u32::MAX).unwrap_err()),
            "cannot get the bootstrap port: semaphore_create failed: (os/kern) invalid argument (4)",
        ),
        (
            ConnectError::DeadlineExceeded {
                deadline: Duration::from_millis(1500),
            },
            "no answer within 1.5s",
        ),
        (
            ConnectError::Call(CallError::Send(SendError::DestinationDead)),
            "cannot exchange messages with the server: the request was not sent: \
             the destination port is dead",
        ),
        (
            ConnectError::Call(CallError::Receive(ReceiveError::Malformed)),
            "cannot exchange messages with the server: no reply was received: \
             a message with a malformed descriptor list was destroyed",
        ),
        (
            ConnectError::Anonymous,
            "the kernel does not say who replied",
        ),
        (
            ConnectError::WrongProcess {
                expected: 7,
                found: 8,
            },
            "process 8 replied instead of 7",
        ),
        (
            ConnectError::WrongUser { pid: 7, uid: 501 },
            "the server in process 7 runs as user 501",
        ),
        (
            ConnectError::Requirement(Unmet::Predicate),
            "the server does not meet the requirement: the peer was turned down by a predicate",
        ),
        (
            ConnectError::Malformed(MalformedReply::AsksForReply),
            "the server sent a malformed reply: the reply asks for a reply",
        ),
    ] {
        assert_eq!(shown(error), text);
    }
}

#[test]
fn taking() {
    let error = TakeError::WrongKind {
        key: key(b"helo"),
        expected: RightKind::Receive,
        found: RightKind::SendOnce,
    };
    assert_eq!(
        shown(error),
        "under key 0x68656c6f is a right of kind SendOnce, not Receive"
    );
    assert_eq!(
        shown(TakeError::Dead { key: 7 }),
        "the port under key 0x7 is dead"
    );
}
