//! What a `main` that returns one of these errors prints behind "Error: ".

use std::time::Duration;

use mach_ports::bootstrap::BootstrapCause;
use mach_ports::{CallError, ReceiveError, RightKind, Semaphore, SendError};
use rendezvous_protocol::{Denial, MalformedReply, Unmet};

use crate::{ConnectError, ServerName, TakeError, key};

fn shown(error: impl std::error::Error + 'static) -> String {
    let error: Box<dyn std::error::Error> = error.into();
    format!("{error:?}")
}

fn look_up(source: BootstrapCause) -> ConnectError {
    ConnectError::LookUp {
        name: "a.b".to_owned(),
        source,
        detail: None,
    }
}

#[test]
fn connecting() {
    for (error, text) in [
        (
            ConnectError::Environment {
                variable: "MACH_RENDEZVOUS_SERVER_PID",
                value: "7x".to_owned(),
            },
            "the environment has MACH_RENDEZVOUS_SERVER_PID=\"7x\", which no launcher sets: unset it",
        ),
        (
            ConnectError::NoServer,
            "nothing says which process is the rendezvous server: \
             the parent is outside this pid namespace, and no launcher has named one",
        ),
        (
            look_up(BootstrapCause::UnknownService),
            "cannot look up the rendezvous server `a.b` \
             (was this process started by a launcher that still runs?): \
             no such service (BOOTSTRAP_UNKNOWN_SERVICE)",
        ),
        (
            ConnectError::LookUp {
                name: "a.b".to_owned(),
                source: BootstrapCause::UnknownService,
                detail: Some("nobody serves it in /tmp/x".to_owned()),
            },
            "cannot look up the rendezvous server `a.b`: nobody serves it in /tmp/x \
             (was this process started by a launcher that still runs?): \
             no such service (BOOTSTRAP_UNKNOWN_SERVICE)",
        ),
        (
            look_up(BootstrapCause::NotPrivileged),
            "cannot look up the rendezvous server `a.b` \
             (in a sandbox? a launcher's `private_bootstrap` does without): \
             not permitted (BOOTSTRAP_NOT_PRIVILEGED)",
        ),
        (
            look_up(BootstrapCause::NoServer),
            "cannot look up the rendezvous server `a.b`: there is no bootstrap server",
        ),
        (
            ConnectError::BootstrapPort(Semaphore::new(u32::MAX).unwrap_err()),
            "the launcher says that the bootstrap port is the rendezvous server, and there is none: semaphore_create failed: (os/kern) invalid argument (4)",
        ),
        (
            ConnectError::DeadlineExceeded {
                deadline: Duration::from_millis(1500),
            },
            "the rendezvous server did not answer within 1.5s (is its process stopped or busy?)",
        ),
        (
            ConnectError::Call(CallError::Send(SendError::DestinationDead)),
            "cannot exchange messages with the rendezvous server: the request was not sent: \
             the destination port is dead",
        ),
        (
            ConnectError::Call(CallError::Receive(ReceiveError::Malformed)),
            "cannot exchange messages with the rendezvous server: no reply was received: \
             a message with a malformed descriptor list was destroyed",
        ),
        (
            ConnectError::NoReply {
                server: ServerName::Name("a.b".to_owned()),
            },
            "the process that serves `a.b` dropped the request without an answer: \
             it has ended, is no rendezvous server, or is short of descriptors",
        ),
        (
            ConnectError::NoReply {
                server: ServerName::PassedPort,
            },
            "the receiver of the port that the parent passed dropped the request without an answer: \
             it has ended, is no rendezvous server, or is short of descriptors",
        ),
        (
            ConnectError::Denied {
                reason: Denial::Requirement,
            },
            "the rendezvous server does not give this process its ports: it does not meet the requirement \
             (the launcher's `Child::rendezvous` says which)",
        ),
        (
            ConnectError::Denied {
                reason: Denial::Unidentified,
            },
            "the rendezvous server does not give this process its ports: \
             the server's process is short of descriptors; they are kept for another try",
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
            "process 8 replied instead of the rendezvous server, process 7",
        ),
        (
            ConnectError::WrongProcess {
                expected: 7,
                found: -1,
            },
            "a process outside this pid namespace replied instead of the rendezvous server, process 7 \
             (if that is the parent, a launcher's `private_bootstrap` reaches across pid namespaces)",
        ),
        (
            ConnectError::WrongUser { pid: 7, uid: 501 },
            "the rendezvous server, process 7, runs as user 501: neither as this process's nor as root",
        ),
        (
            ConnectError::Requirement(Unmet::Predicate),
            "the rendezvous server does not meet the requirement: the peer was turned down by a predicate",
        ),
        (
            ConnectError::Malformed(MalformedReply::AsksForReply),
            "the rendezvous server sent a malformed reply: the reply asks for a reply",
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
        "under key 'helo' is a send-once right, not a receive right"
    );
    assert_eq!(
        shown(TakeError::Dead { key: 7 }),
        "the port under key 0x7 is dead: nobody holds its receive right any more"
    );
}
