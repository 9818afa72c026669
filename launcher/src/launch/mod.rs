//! The steps of a launch.
//!
//! Whatever is owned when a step fails is released by going out of scope: the
//! ports, the pipes, the descriptors.

mod descriptors;
mod environment;
mod image;
mod setup;
mod stdio;

use rendezvous_server::{PortCollection, Registration, RendezvousServer};

use crate::child::{Child, Process};
use crate::error::{Failure, at};
use crate::launch::image::Image;
use crate::launch::setup::Setup;
use crate::{ExitEvent, LaunchStep, Launcher};

pub(crate) use environment::Changes;
pub use stdio::Stdio;

pub(crate) fn launch(launcher: Launcher) -> Result<Child, Failure> {
    if let Some(failure) = launcher.refused {
        return Err(failure);
    }
    let image = Image::new(launcher.program, launcher.arguments, launcher.directory)
        .map_err(at(LaunchStep::Arguments))?;
    let server = match launcher.server {
        None if launcher.collection.is_none() && !launcher.private_bootstrap => None,
        None => Some(RendezvousServer::shared(&launcher.base_id).map_err(at(LaunchStep::Server))?),
        given => given,
    };

    // A server without a name is reached no other way.
    let private_bootstrap = match &server {
        Some(server) => launcher.private_bootstrap || server.bootstrap_name().is_none(),
        None => false,
    };

    let mut setup = Setup::new(launcher.environment).map_err(at(LaunchStep::Setup))?;
    let pipes = setup.streams(launcher.stdin, launcher.stdout, launcher.stderr)?;
    setup.extras(launcher.descriptors)?;
    if launcher.new_process_group {
        setup.new_process_group().map_err(at(LaunchStep::Setup))?;
    }
    let base_id = server.as_ref().map(RendezvousServer::base_id);
    setup.tell(base_id.unwrap_or(&launcher.base_id), private_bootstrap);
    if let Some(server) = server.as_ref().filter(|_| private_bootstrap) {
        setup
            .give_port(server)
            .map_err(at(LaunchStep::BootstrapPort))?;
    }
    let ready = setup.finish(image)?;

    let (process, registration) = match &server {
        Some(server) => {
            let collection = launcher.collection.unwrap_or_default();
            let (process, registration) = register(server, collection, || ready.start())?;
            (process, Some(registration))
        }
        None => (ready.start()?, None),
    };
    match ExitEvent::watch(process.id()) {
        Ok(exit) => Ok(Child::new(process, exit, pipes, registration, server)),
        Err(error) => {
            process.end();
            Err((LaunchStep::Watch, error.into()))
        }
    }
}

/// Starts a process and registers its ports, as one step: the lock is held from
/// before the process exists, so that it cannot ask too early.
fn register(
    server: &RendezvousServer,
    collection: PortCollection,
    start: impl FnOnce() -> Result<Process, Failure>,
) -> Result<(Process, Registration), Failure> {
    let mut guard = server.lock();
    let process = start()?;
    match guard.register_spawned(process.id(), collection) {
        Ok(registration) => Ok((process, registration)),
        Err(error) => {
            drop(guard);
            process.end();
            Err((LaunchStep::Register, error.into()))
        }
    }
}
