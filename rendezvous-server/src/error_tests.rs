//! What a `main` that returns one of these errors prints behind "Error: ".

use std::sync::Arc;

use mach_ports::bootstrap::BootstrapCause;
use mach_ports::dispatch::DispatchError;
use mach_ports::{ReceiveRight, Semaphore, SendError};
use rendezvous_protocol::{BaseIdError, Unmet};

use crate::{CollectionError, PortCollection, Refusal, RegisterError, ServerError, key};

fn shown(error: impl std::error::Error + 'static) -> String {
    let error: Box<dyn std::error::Error> = error.into();
    format!("{error:?}")
}

/// A call's error, as no other crate can make one from nothing.
fn of_the_kernel() -> mach_ports::Error {
    Semaphore::new(u32::MAX).unwrap_err()
}

const OF_THE_KERNEL: &str = "semaphore_create failed: (os/kern) invalid argument (4)";

#[test]
fn servers() {
    for (error, text) in [
        (
            ServerError::BaseId(BaseIdError::Empty),
            "the base id is not valid: a base id cannot be empty".to_owned(),
        ),
        (
            ServerError::CheckIn {
                name: "a.b".to_owned(),
                source: BootstrapCause::ServiceActive,
                detail: None,
            },
            "cannot check in as `a.b`: the service is active (BOOTSTRAP_SERVICE_ACTIVE)".to_owned(),
        ),
        (
            ServerError::CheckIn {
                name: "a.b".to_owned(),
                source: BootstrapCause::NotPrivileged,
                detail: Some("/tmp/x belongs to user 7".to_owned()),
            },
            "cannot check in as `a.b`: /tmp/x belongs to user 7: not permitted (BOOTSTRAP_NOT_PRIVILEGED)".to_owned(),
        ),
        (
            ServerError::Port(of_the_kernel()),
            format!("cannot set up the server's port: {OF_THE_KERNEL}"),
        ),
        (
            ServerError::Forked { process: 7 },
            "the server is in process 7, which this one was forked from".to_owned(),
        ),
        (
            ServerError::Queue(DispatchError::Mach(of_the_kernel())),
            format!("cannot set up the server's queue: {OF_THE_KERNEL}"),
        ),
    ] {
        assert_eq!(shown(error), text);
    }
}

#[test]
fn registrations() {
    for (error, text) in [
        (
            RegisterError::InvalidPid { pid: -3 },
            "-3 is no process id".to_owned(),
        ),
        (
            RegisterError::AlreadyRegistered { pid: 7 },
            "process 7 has a collection already, which it has not claimed yet".to_owned(),
        ),
        (
            RegisterError::Watch {
                pid: 7,
                source: DispatchError::Mach(of_the_kernel()),
            },
            format!("cannot watch process 7: {OF_THE_KERNEL}"),
        ),
    ] {
        assert_eq!(shown(error), text);
    }
}

#[test]
fn refusals() {
    for (error, text) in [
        (
            Refusal::Requirement(Unmet::Predicate),
            "the process does not meet the requirement: the peer was turned down by a predicate"
                .to_owned(),
        ),
        (
            Refusal::PortGone {
                key: 7,
                source: of_the_kernel(),
            },
            format!("the port under key 0x7 is gone: {OF_THE_KERNEL}"),
        ),
        (
            Refusal::Undelivered(Arc::new(SendError::DestinationDead)),
            "the reply could not be delivered: the destination port is dead".to_owned(),
        ),
        (Refusal::ServerStopped, "the server was stopped".to_owned()),
    ] {
        assert_eq!(shown(error), text);
    }
}

#[test]
fn collections() {
    let right = || ReceiveRight::new().unwrap();
    let mut collection = PortCollection::new();
    collection.insert(key(b"port"), right()).unwrap();
    assert_eq!(
        shown(collection.insert(key(b"port"), right()).unwrap_err()),
        "the collection has a port under key 'port' already"
    );
    for (error, text) in [
        (
            CollectionError::TooManyPorts,
            "a collection holds at most 250 ports",
        ),
        (
            CollectionError::TooMuchData { len: 1_048_577 },
            "1048577 bytes of additional data are too many, 1048576 fit",
        ),
    ] {
        assert_eq!(shown(error), text);
    }
}
