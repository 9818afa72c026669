//! macOS: the kernel's own sandbox, which takes a text.

mod ffi;
mod imposed;
mod limits;
pub(crate) mod status;

use crate::part::{Missing, Part};
use crate::{EnterError, Profile};

use super::seatbelt;

pub(crate) use imposed::Imposed;

pub(crate) fn missing(profile: &Profile) -> Vec<Missing> {
    let mut all = Vec::new();
    if profile.limits.memory.is_some() {
        all.push(Missing {
            part: Part::Memory,
            because: "the kernel does not keep the limit of the address space",
        });
    }
    all
}

pub(crate) fn enter(profile: &Profile) -> Result<(), EnterError> {
    let text = seatbelt::text(profile, None)?;
    limits::set(profile).map_err(|source| EnterError::Call {
        step: "set a limit of resources",
        source,
    })?;
    ffi::enter(&text).map_err(|source| EnterError::Call {
        step: "enter the system's sandbox (a process can do so once)",
        source,
    })
}
