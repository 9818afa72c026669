//! What a `main` that returns one of these errors prints behind "Error: ".

use std::io;

use mach_ports::dispatch::DispatchError;
use rendezvous_server::BaseId;

use crate::error::Failure;
use crate::{LaunchCause, LaunchError, LaunchStep, RunError, SettingError};

fn shown(error: impl std::error::Error + 'static) -> String {
    let error: Box<dyn std::error::Error> = error.into();
    format!("{error:?}")
}

fn os(errno: i32) -> io::Error {
    io::Error::from_raw_os_error(errno)
}

fn launch((step, cause): Failure) -> LaunchError {
    LaunchError::new("decoder".as_ref(), step, cause)
}

#[test]
fn launching() {
    let missing = os(libc::ENOENT).to_string();
    let step = SettingError::PortMoved { key: 0x70 };
    for (failure, text) in [
        (
            (LaunchStep::Spawn, os(libc::ENOENT).into()),
            &*format!("cannot launch decoder: executing it: {missing}"),
        ),
        (
            (LaunchStep::Ports, step.into()),
            "cannot launch decoder: its ports: the port under key 0x70 went with an earlier launch, \
             and none was given for this one",
        ),
        (
            (
                LaunchStep::Ports,
                LaunchCause::NoRoom {
                    ports: 3,
                    source: os(libc::EMFILE),
                },
            ),
            &*format!(
                "cannot launch decoder: its ports: no descriptors are left to send 3 of them with: \
                 raise the limit, or close some: {}",
                os(libc::EMFILE)
            ),
        ),
        (
            (LaunchStep::Server, BaseId::new("a/b").unwrap_err().into()),
            "cannot launch decoder: the rendezvous server: a base id cannot hold '/'",
        ),
        (
            (LaunchStep::Watch, DispatchError::NoProcessId(0).into()),
            "cannot launch decoder: watching it: 0 is not a process id",
        ),
    ] {
        assert_eq!(shown(launch(failure)), text);
    }
    let cause = LaunchCause::from(os(libc::ENOENT));
    assert_eq!(shown(cause), missing);
}

#[test]
fn running() {
    let error = launch((
        LaunchStep::Descriptor(1),
        SettingError::StandardStream.into(),
    ));
    let text = shown(RunError::Launch(error));
    assert_eq!(
        text,
        "cannot launch decoder: descriptor 1: descriptors 0 to 2 are the standard streams"
    );
    let error = RunError::Wait {
        program: "decoder".into(),
        source: os(libc::ECHILD),
    };
    let no_child = os(libc::ECHILD);
    assert_eq!(shown(error), format!("cannot wait for decoder: {no_child}"));
}
