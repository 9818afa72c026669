//! A child that only needs to be started.

use std::ffi::CString;
use std::io;

use mach_ports::dispatch::ExitEvent;
use mach_ports::platform::spawn::{self, Attributes, FileActions};

use crate::LaunchStep;
use crate::child::Process;
use crate::error::Failure;
use crate::launch::descriptors::Disentangled;
use crate::launch::image::Image;

pub(crate) struct Ready {
    image: Image,
    environment: Vec<CString>,
    actions: FileActions,
    attributes: Attributes,
    // The actions name these and own none of them.
    _descriptors: Disentangled,
}

impl Ready {
    pub(crate) fn new(
        image: Image,
        environment: Vec<CString>,
        descriptors: Disentangled,
        mut attributes: Attributes,
    ) -> io::Result<Self> {
        Ok(Self {
            actions: actions(&descriptors, &image, &mut attributes)?,
            image,
            environment,
            attributes,
            _descriptors: descriptors,
        })
    }

    /// Creates the process, and watches it for its exit.
    pub(crate) fn start(&self) -> Result<(Process, ExitEvent), Failure> {
        let spawned = self
            .image
            .start(&self.actions, &self.attributes, &self.environment)
            .map_err(|(step, error)| (step, error.into()))?;
        let process = Process::new(spawned.id());
        tracing::debug!(pid = process.id(), image = ?self.image, "launched");
        match ExitEvent::of(spawned) {
            Ok(exit) => Ok((process, exit)),
            Err(error) => {
                process.end();
                Err((LaunchStep::Watch, error.into()))
            }
        }
    }
}

/// What the child does before it executes the program.
fn actions(
    descriptors: &Disentangled,
    image: &Image,
    attributes: &mut Attributes,
) -> io::Result<FileActions> {
    let mut actions = FileActions::new()?;
    for (source, target) in descriptors.pairs() {
        actions.dup2(source, target)?;
    }
    if let Some(directory) = image.directory() {
        actions.change_directory(directory)?;
    }
    spawn::close_others(&mut actions, attributes, &descriptors.targets())?;
    Ok(actions)
}
