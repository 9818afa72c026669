//! The child is locked up before it executes its program.

use sandbox::Namespace;

use crate::LaunchStep;
use crate::error::{Failure, at};
use crate::launch::image::Image;
use crate::launch::{Settings, Setup};

/// Whether the child sees no process but those that it starts, so that it can name no server.
pub(crate) fn sees_nobody(settings: &Settings) -> bool {
    let mut profile = settings.profile.iter();
    profile.any(|profile| profile.has_namespace(Namespace::Pid))
}

/// Has the child locked up before it executes its program, if it is to be.
pub(crate) fn lock(settings: &Settings, image: &Image, setup: &mut Setup) -> Result<(), Failure> {
    let Some(profile) = &settings.profile else {
        return Ok(());
    };
    let imposed = profile
        .impose(image.program())
        .map_err(at(LaunchStep::Lock))?;
    setup.lock(&imposed).map_err(at(LaunchStep::Lock))
}
