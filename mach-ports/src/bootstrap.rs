//! The bootstrap server: where tasks find each other's ports by name.

use std::ffi::CString;

use crate::calls::{self, NULL, Name};
use crate::error::{Error, check};
use crate::ffi::{bootstrap as raw, message, task, task_special_ports::TASK_BOOTSTRAP_PORT};
use crate::right::{ReceiveRight, SendRight};
use crate::sys;

/// The longest service name, in bytes.
pub const MAX_NAME_LEN: usize = raw::BOOTSTRAP_MAX_NAME_LEN as usize - 1;

/// Why the bootstrap server did not do what it was asked.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{call} of `{name}`: {cause}{}", more(.detail.as_deref()))]
#[non_exhaustive]
pub struct BootstrapError {
    /// The call that failed.
    pub call: &'static str,
    /// The service that it was about.
    pub name: String,
    /// What went wrong.
    pub cause: BootstrapCause,
    /// On Linux, where names are files: the path, what is wrong with it and the way out. For people, not for programs.
    pub detail: Option<String>,
}

fn more(detail: Option<&str>) -> String {
    detail.map_or_else(String::new, |detail| format!(": {detail}"))
}

crate::debug_with_causes!(BootstrapError);

/// What went wrong in a call to the bootstrap server.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BootstrapCause {
    /// The caller's side: the name is empty, longer than [`MAX_NAME_LEN`], or has a zero byte.
    #[error("not a service name")]
    BadName,
    /// The caller's side: it may not do this, be it for a sandbox or because the service is another's.
    #[error("not permitted (BOOTSTRAP_NOT_PRIVILEGED)")]
    NotPrivileged,
    /// Another's service has the name.
    #[error("the name is in use (BOOTSTRAP_NAME_IN_USE)")]
    NameInUse,
    /// Nobody has checked in under the name.
    #[error("no such service (BOOTSTRAP_UNKNOWN_SERVICE)")]
    UnknownService,
    /// The service has been checked in and its receive right lives.
    #[error("the service is active (BOOTSTRAP_SERVICE_ACTIVE)")]
    ServiceActive,
    /// This task has no bootstrap port, or what answered it has died.
    #[error("there is no bootstrap server")]
    NoServer,
    /// The call failed in another way.
    #[error("{0}")]
    Failed(Error),
}

crate::debug_with_causes!(BootstrapCause);

/// What MIG's clients say when the right to reply was dropped; mach2 has no name for it.
const MIG_SERVER_DIED: i32 = -308;

impl BootstrapCause {
    fn new(call: &'static str, code: i32) -> Self {
        match code {
            raw::BOOTSTRAP_NOT_PRIVILEGED => Self::NotPrivileged,
            raw::BOOTSTRAP_NAME_IN_USE => Self::NameInUse,
            raw::BOOTSTRAP_UNKNOWN_SERVICE => Self::UnknownService,
            raw::BOOTSTRAP_SERVICE_ACTIVE => Self::ServiceActive,
            message::MACH_SEND_INVALID_DEST | message::MACH_RCV_PORT_DIED | MIG_SERVER_DIED => {
                Self::NoServer
            }
            code => Self::Failed(Error::new(call, code)),
        }
    }
}

/// This task's bootstrap port: the one that its parent gave it.
///
/// # Errors
///
/// The task has none.
pub fn port() -> Result<SendRight, Error> {
    let mut name = NULL;
    // SAFETY: `name` is valid for the call to write the right's name.
    let code =
        unsafe { task::task_get_special_port(calls::task(), TASK_BOOTSTRAP_PORT, &mut name) };
    check("task_get_special_port", code)?;
    // SAFETY: the call gives its caller one reference to a send right.
    unsafe { SendRight::from_raw(name) }.ok_or(Error::new(
        "task_get_special_port",
        crate::ffi::kern_return::KERN_INVALID_NAME,
    ))
}

/// Becomes the service `name`: whoever looks the name up gets a send right to the returned port, until that
/// is destroyed.
///
/// # Errors
///
/// See [`BootstrapCause`].
pub fn check_in(name: &str) -> Result<ReceiveRight, BootstrapError> {
    let call = "bootstrap_check_in";
    let service = ask(call, name, |server, service, port| {
        // SAFETY: the name is a C string and `port` is valid to write, both for the call.
        unsafe { raw::bootstrap_check_in(server, service.as_ptr(), port) }
    })?;
    // SAFETY: the call gives its caller the service's receive right.
    unsafe { ReceiveRight::from_raw(service) }.ok_or_else(|| absent(call, name))
}

/// Sees to it that a service of this task is found under its name, and checks it in again where it is not: on Linux
/// names are files, which somebody may have removed. Nothing is done on macOS.
///
/// # Errors
///
/// See [`BootstrapCause`]; `UnknownService` if this task has none of that name.
pub fn renew(name: &str) -> Result<(), BootstrapError> {
    sys::names::renew(name).map_err(|code| BootstrapError {
        call: "renew",
        name: name.to_owned(),
        cause: BootstrapCause::new("renew", code),
        detail: sys::names::trouble(),
    })
}

/// Finds the service `name`.
///
/// # Errors
///
/// See [`BootstrapCause`].
pub fn look_up(name: &str) -> Result<SendRight, BootstrapError> {
    let call = "bootstrap_look_up";
    let service = ask(call, name, |server, service, port| {
        // SAFETY: the name is a C string and `port` is valid to write, both for the call.
        unsafe { raw::bootstrap_look_up(server, service.as_ptr(), port) }
    })?;
    // SAFETY: the call gives its caller one reference to a send right.
    unsafe { SendRight::from_raw(service) }.ok_or_else(|| absent(call, name))
}

/// Registers a send right under a name. macOS has deprecated this in favour of [`check_in`].
///
/// # Errors
///
/// See [`BootstrapCause`].
pub fn register(name: &str, right: &SendRight) -> Result<(), BootstrapError> {
    ask("bootstrap_register", name, |server, service, _| {
        // SAFETY: the name is a C string for the call, which does not write it though its type says so.
        unsafe { raw::bootstrap_register(server, service.as_ptr().cast_mut(), right.name()) }
    })
    .map(drop)
}

/// Calls the bootstrap server about a service and returns the name that the call wrote.
fn ask(
    call: &'static str,
    name: &str,
    function: impl FnOnce(Name, &CString, &mut Name) -> i32,
) -> Result<Name, BootstrapError> {
    let fail = |cause| BootstrapError {
        call,
        name: name.to_owned(),
        cause,
        detail: None,
    };
    let service = CString::new(name)
        .ok()
        .filter(|name| (1..=MAX_NAME_LEN).contains(&name.count_bytes()))
        .ok_or_else(|| fail(BootstrapCause::BadName))?;
    let server = port().map_err(|_| fail(BootstrapCause::NoServer))?;
    let mut result = NULL;
    match function(server.name(), &service, &mut result) {
        raw::BOOTSTRAP_SUCCESS => Ok(result),
        code => Err(BootstrapError {
            detail: sys::names::trouble(),
            ..fail(BootstrapCause::new(call, code))
        }),
    }
}

/// The server said yes and gave nothing: it died on the way.
fn absent(call: &'static str, name: &str) -> BootstrapError {
    BootstrapError {
        call,
        name: name.to_owned(),
        cause: BootstrapCause::NoServer,
        detail: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name that no other test and no other run uses.
    fn unique(test: &str) -> String {
        format!("mach-ports.tests.{test}.{}", std::process::id())
    }

    #[test]
    fn a_service_is_found_while_its_port_lives() {
        let name = unique("found");
        assert_eq!(
            look_up(&name).unwrap_err().cause,
            BootstrapCause::UnknownService
        );
        let port = check_in(&name).unwrap();
        assert!(!look_up(&name).unwrap().is_dead());
        drop(port);
        let port = check_in(&name).unwrap();
        assert!(!look_up(&name).unwrap().is_dead());
        drop(port);
    }

    #[test]
    fn a_name_is_checked_in_once() {
        let name = unique("once");
        let _port = check_in(&name).unwrap();
        let error = check_in(&name).unwrap_err();
        assert_eq!(error.cause, BootstrapCause::ServiceActive);
        assert!(error.to_string().contains(&name), "{error}");
        assert!(error.to_string().contains("bootstrap_check_in"), "{error}");
    }

    #[test]
    fn a_server_that_is_gone_or_goes_is_no_server() {
        for code in [0x1000_0003, 0x1000_4009, -308] {
            let cause = BootstrapCause::new("bootstrap_look_up", code);
            assert_eq!(cause, BootstrapCause::NoServer, "{code:#x}");
        }
        assert!(matches!(
            BootstrapCause::new("bootstrap_look_up", -301),
            BootstrapCause::Failed(_)
        ));
    }

    #[test]
    fn what_is_no_name_is_refused_before_the_server_is_asked() {
        let long = "x".repeat(MAX_NAME_LEN + 1);
        for name in ["", "a\0b", &long] {
            assert_eq!(look_up(name).unwrap_err().cause, BootstrapCause::BadName);
        }
    }
}
