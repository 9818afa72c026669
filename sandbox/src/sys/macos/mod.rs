//! macOS: the kernel's own sandbox, which takes a text.

mod ffi;
mod imposed;
pub(crate) mod status;

use crate::part::{Missing, Part};
use crate::profile::For;
use crate::{EnterError, Profile};

use super::limits::{self, Resource};
use super::seatbelt;

pub(crate) use imposed::Imposed;

pub(super) type ResourceNumber = libc::c_int;

pub(crate) fn missing(profile: &Profile, _purpose: For) -> Vec<Missing> {
    let mut all = Vec::new();
    if profile.limits.memory.is_some() {
        all.push(Missing {
            part: Part::Memory,
            because: "the kernel does not keep the limit of the address space",
        });
    }
    if !profile.namespaces.is_empty() {
        all.push(Missing {
            part: Part::Namespaces,
            because: "macOS has no namespaces",
        });
    }
    all
}

pub(crate) fn enter(profile: &Profile) -> Result<(), EnterError> {
    let text = seatbelt::text(profile, None)?;
    for limit in limits(profile) {
        if !limit.set() {
            return Err(EnterError::Call {
                step: "set a limit of resources",
                source: std::io::Error::last_os_error(),
            });
        }
    }
    ffi::enter(&text).map_err(|source| EnterError::Call {
        step: "enter the system's sandbox (a process can do so once)",
        source,
    })
}

/// Those that the kernel keeps.
fn limits(profile: &Profile) -> impl Iterator<Item = limits::Limit> {
    let all = limits::of(profile).into_iter();
    all.filter(|limit| limit.resource != Resource::Memory)
}
