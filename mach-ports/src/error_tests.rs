//! What a `main` that returns one of these errors prints behind "Error: ".

use std::io;

use crate::bootstrap::{self, BootstrapCause, BootstrapError};
use crate::dispatch::DispatchError;
use crate::ffi::{kern_return::KERN_INVALID_NAME, message as raw};
use crate::{
    CallError, Error, ReceiveError, ReceiveRight, RightKind, SemaphoreError, SendError, WrongKind,
};

const INVALID_NAME: Error = Error::new("mach_port_deallocate", KERN_INVALID_NAME);
const INVALID_NAME_TEXT: &str = "mach_port_deallocate failed: (os/kern) invalid name (15)";

fn shown(error: impl std::error::Error + 'static) -> String {
    let error: Box<dyn std::error::Error> = error.into();
    format!("{error:?}")
}

#[test]
fn calls() {
    assert_eq!(shown(INVALID_NAME), INVALID_NAME_TEXT);
}

#[test]
fn sending() {
    for (error, text) in [
        (SendError::DestinationDead, "the destination port is dead"),
        (SendError::TooLarge, "the message is too large to be sent"),
        (SendError::Refused(INVALID_NAME), INVALID_NAME_TEXT),
        (
            SendError::Broken(INVALID_NAME),
            "the message was destroyed in part: mach_port_deallocate failed: (os/kern) invalid name (15)",
        ),
    ] {
        assert_eq!(shown(error), text);
    }
    let port = ReceiveRight::new().unwrap();
    port.set_queue_limit(1).unwrap();
    let options = crate::SendOptions::new().timeout(std::time::Duration::ZERO);
    let to = port.make_send().unwrap();
    crate::Message::new(1).send(&to, &options).unwrap();
    assert_eq!(
        shown(crate::Message::new(1).send(&to, &options).unwrap_err()),
        "the destination's queue stayed full until the deadline"
    );
}

#[test]
fn receiving() {
    let damaged = Error::new("mach_msg", raw::MACH_RCV_BODY_ERROR);
    for (error, text) in [
        (ReceiveError::TimedOut, "no message came until the deadline"),
        (
            ReceiveError::TooLarge {
                needed: 70,
                limit: 60,
            },
            "a message of 70 bytes was over the limit of 60, which `ReceiveOptions::max_size` sets",
        ),
        (
            ReceiveError::PortChanged,
            "the port was moved or destroyed while a message was waited for",
        ),
        (
            ReceiveError::Damaged(damaged),
            "a message arrived damaged and was destroyed: \
             mach_msg failed: (ipc/rcv) body error (0x1000400c); \
             this process is short of memory, names or, on Linux, descriptors (`RLIMIT_NOFILE`)",
        ),
        (
            ReceiveError::Malformed,
            "a message with a malformed descriptor list was destroyed",
        ),
        (ReceiveError::Failed(INVALID_NAME), INVALID_NAME_TEXT),
    ] {
        assert_eq!(shown(error), text);
    }
}

#[test]
fn calling() {
    for (error, text) in [
        (
            CallError::ReplyPort(INVALID_NAME),
            "no reply port could be made: \
             mach_port_deallocate failed: (os/kern) invalid name (15)",
        ),
        (
            CallError::Send(SendError::DestinationDead),
            "the request was not sent: the destination port is dead",
        ),
        (
            CallError::Send(SendError::Refused(INVALID_NAME)),
            "the request was not sent: \
             mach_port_deallocate failed: (os/kern) invalid name (15)",
        ),
        (
            CallError::NoReply,
            "the receiver dropped the request without a reply",
        ),
        (
            CallError::Receive(ReceiveError::TimedOut),
            "no reply was received: no message came until the deadline",
        ),
    ] {
        assert_eq!(shown(error), text);
    }
}

#[test]
fn taking() {
    let error = WrongKind {
        wanted: RightKind::Receive,
        found: RightKind::SendOnce,
    };
    assert_eq!(shown(error), "it is a send-once right, not a receive right");
}

#[test]
fn the_bootstrap_server() {
    for (cause, text) in [
        (BootstrapCause::BadName, "not a service name"),
        (
            BootstrapCause::NotPrivileged,
            "not permitted (BOOTSTRAP_NOT_PRIVILEGED)",
        ),
        (
            BootstrapCause::NameInUse,
            "the name is in use (BOOTSTRAP_NAME_IN_USE)",
        ),
        (
            BootstrapCause::UnknownService,
            "no such service (BOOTSTRAP_UNKNOWN_SERVICE)",
        ),
        (
            BootstrapCause::ServiceActive,
            "the service is active (BOOTSTRAP_SERVICE_ACTIVE)",
        ),
        (BootstrapCause::NoServer, "there is no bootstrap server"),
        (BootstrapCause::Failed(INVALID_NAME), INVALID_NAME_TEXT),
    ] {
        assert_eq!(shown(cause), text);
        let error = BootstrapError {
            call: "bootstrap_look_up",
            name: "a.b".to_owned(),
            cause,
            detail: None,
        };
        assert_eq!(
            shown(error.clone()),
            format!("bootstrap_look_up of `a.b`: {text}")
        );
        let detail = Some("why".to_owned());
        assert_eq!(
            shown(BootstrapError { detail, ..error }),
            format!("bootstrap_look_up of `a.b`: {text}: why")
        );
    }
    assert_eq!(
        shown(bootstrap::look_up("").unwrap_err()),
        "bootstrap_look_up of ``: not a service name"
    );
}

#[test]
fn dispatch_and_semaphores() {
    let system = |source| DispatchError::System {
        call: "pidfd_open",
        source,
    };
    for (error, text) in [
        (DispatchError::Mach(INVALID_NAME), INVALID_NAME_TEXT),
        (
            system(io::Error::other("none left")),
            "pidfd_open failed: none left",
        ),
        (DispatchError::NoProcessId(-3), "-3 is not a process id"),
        (
            DispatchError::OwnQueue,
            "waiting for one's own queue would never end",
        ),
    ] {
        assert_eq!(shown(error), text);
    }
    for (error, text) in [
        (
            SemaphoreError::TimedOut,
            "the semaphore was not signalled until the deadline",
        ),
        (
            SemaphoreError::Destroyed,
            "the semaphore has been destroyed",
        ),
        (SemaphoreError::Failed(INVALID_NAME), INVALID_NAME_TEXT),
    ] {
        assert_eq!(shown(error), text);
    }
}
