//! The child is locked up before it executes its program.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use sandbox::Namespace;

use crate::LaunchStep;
use crate::error::{Failure, at};
use crate::launch::image::{Image, c_string, c_strings};
use crate::launch::{Settings, Setup};

/// Whether the child sees no process but those that it starts, so that it can name no server.
pub(crate) fn sees_nobody(settings: &Settings) -> bool {
    let mut profile = settings.profile.iter();
    profile.any(|profile| profile.has_namespace(Namespace::Pid))
}

/// Has the child locked up, if it is to be: by itself, where it does so; else by another program that is executed first.
pub(crate) fn lock(
    settings: &Settings,
    image: &mut Image,
    setup: &mut Setup,
) -> Result<(), Failure> {
    let Some(profile) = &settings.profile else {
        return Ok(());
    };
    let imposed = profile
        .impose(OsStr::from_bytes(image.program.to_bytes()))
        .map_err(at(LaunchStep::Lock))?;
    if let Some((wrapper, arguments)) = imposed.wrapper() {
        // It is told which program is meant, and not what that one is to be called.
        let before = c_strings(arguments.iter().cloned()).map_err(at(LaunchStep::Lock))?;
        let wrapper = c_string(wrapper.to_owned()).map_err(at(LaunchStep::Lock))?;
        let program = std::mem::replace(&mut image.program, wrapper);
        let own = image.arguments.drain(..).skip(1);
        image.arguments = before.into_iter().chain([program]).chain(own).collect();
    }
    match imposed.before_exec() {
        Some(lock) => setup.before_exec(lock).map_err(at(LaunchStep::Lock)),
        None => Ok(()),
    }
}
