//! Nobody watches the child's images.

use mach_ports::dispatch::ExitEvent;
use rendezvous_server::PortCollection;

use crate::error::LaunchCause;
use crate::launch::{Settings, Setup};

/// Who is told what the next child loads.
#[derive(Debug, Default)]
pub(crate) struct Monitors(());

/// The monitors of a child that is not there yet.
pub(crate) struct Watch;

impl Watch {
    pub(crate) fn new(_monitors: Monitors, _settings: &Settings) -> Result<Self, LaunchCause> {
        Ok(Self)
    }

    pub(crate) fn add_ports(
        &self,
        collection: Option<PortCollection>,
    ) -> Result<Option<PortCollection>, LaunchCause> {
        Ok(collection)
    }

    pub(crate) fn pass(&self, _setup: &mut Setup) -> Result<(), LaunchCause> {
        Ok(())
    }

    pub(crate) fn started(self, _exit: &ExitEvent) -> Result<Watched, LaunchCause> {
        Ok(Watched)
    }
}

/// A child, as its monitors know it.
#[derive(Debug)]
pub(crate) struct Watched;

impl Watched {
    pub(crate) fn reaped(&self, _code: Option<i32>) {}
}
