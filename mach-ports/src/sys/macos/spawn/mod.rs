//! Spawning on macOS: `posix_spawn`, where a flag closes all descriptors and an attribute gives special ports; and a stub for
//! what that cannot do.

mod actions;
mod attributes;
mod errno;
mod stub;

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::RawFd;
use std::ptr;

pub(crate) use actions::Actions;
pub(crate) use attributes::Attributes;

use crate::platform::spawn::InheritedPort;
use crate::right::SendRight;
use crate::sys::ffi::{extra, task_special_ports::TASK_BOOTSTRAP_PORT};
use errno::check;

/// What stands for a process beside its number: nothing.
#[derive(Debug)]
pub(crate) struct Handle(());

impl Handle {
    /// Of a process that is known by its number.
    pub(crate) fn unknown() -> Self {
        Self(())
    }
}

/// What adds an action refuses numbers from `OPEN_MAX` of `sys/syslimits.h` on, also where the soft limit is higher.
pub(crate) const fn last_descriptor() -> RawFd {
    const OPEN_MAX: RawFd = 10_240;
    OPEN_MAX - 1
}

pub(crate) fn close_others(
    _actions: &mut Actions,
    attributes: &mut Attributes,
    _keep: &[RawFd],
) -> io::Result<()> {
    // Everything closes but what the actions have made or kept. They are not named once more: the kernel takes no
    // more actions than it would take descriptors.
    attributes.add_flags(libc::POSIX_SPAWN_CLOEXEC_DEFAULT)
}

/// The attributes keep the right's name only, and the kernel copies it at the spawn.
pub(crate) fn give_bootstrap(
    attributes: &mut Attributes,
    right: &SendRight,
    _target: RawFd,
) -> io::Result<Option<InheritedPort>> {
    // SAFETY: the attributes are initialised.
    check(unsafe {
        extra::posix_spawnattr_setspecialport_np(
            attributes.as_raw_mut(),
            right.name(),
            TASK_BOOTSTRAP_PORT,
        )
    })?;
    Ok(None)
}

/// A child has nothing but its special ports, and looks everything else up.
pub(crate) fn pass_port(_right: &SendRight, _target: RawFd) -> io::Result<Option<InheritedPort>> {
    Ok(None)
}

pub(crate) fn passed_port() -> Option<SendRight> {
    None
}

pub(crate) fn spawn(
    program: &CStr,
    actions: &Actions,
    attributes: &Attributes,
    arguments: &[&CStr],
    environment: &[&CStr],
) -> io::Result<(i32, Handle)> {
    let Some(plan) = attributes.plan() else {
        return start(program, actions, attributes, arguments, environment);
    };
    let (stub, words) = stub::command(plan, program)?;
    let words = words.iter().map(CString::as_c_str);
    let words: Vec<_> = words.chain(arguments.iter().copied()).collect();
    let (pid, handle) = start(&stub, actions, attributes, &words, environment)?;
    stub::resume(pid)?;
    Ok((pid, handle))
}

fn start(
    program: &CStr,
    actions: &Actions,
    attributes: &Attributes,
    arguments: &[&CStr],
    environment: &[&CStr],
) -> io::Result<(i32, Handle)> {
    let list = |strings: &[&CStr]| -> Vec<*mut libc::c_char> {
        let pointers = strings.iter().map(|string| string.as_ptr().cast_mut());
        pointers.chain([ptr::null_mut()]).collect()
    };
    let (arguments, environment) = (list(arguments), list(environment));
    // The call that searches does so even with a slash: it makes one error of many, and hands to the shell what is no
    // program.
    let call = if program.to_bytes().contains(&b'/') {
        libc::posix_spawn
    } else {
        libc::posix_spawnp
    };
    let mut pid = 0;
    // SAFETY: actions and attributes are initialised; both lists end in null and their strings are borrowed for
    // the call, which writes none of them.
    check(unsafe {
        call(
            &mut pid,
            program.as_ptr(),
            actions.as_raw(),
            attributes.as_raw(),
            arguments.as_ptr(),
            environment.as_ptr(),
        )
    })?;
    Ok((pid, Handle::unknown()))
}
