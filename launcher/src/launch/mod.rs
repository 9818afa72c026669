//! The steps of a launch.
//!
//! Whatever is owned when a step fails is released by going out of scope: the
//! ports, the pipes, the descriptors.

mod busy;
mod descriptors;
mod environment;
mod image;
#[cfg_attr(not(feature = "sandbox"), path = "unlocked.rs")]
mod lock;
mod ports;
mod ready;
mod resource;
mod settings;
mod setup;
mod stdio;
mod task;
#[cfg_attr(not(feature = "image-monitor"), path = "unwatched.rs")]
mod watch;

use mach_ports::platform::room_for_rights;
use rendezvous_server::{BaseId, BaseIdError, RendezvousServer};

use crate::child::{Child, Running};
use crate::error::{Failure, at};
use crate::launch::busy::patiently;
use crate::launch::image::Image;
use crate::launch::watch::Watch;
use crate::{LaunchCause, LaunchStep};

pub use resource::Resource;
pub(crate) use settings::{Registrar, Settings};
pub(crate) use setup::Setup;
pub use stdio::Stdio;
pub(crate) use task::Task;
pub(crate) use watch::Watched;

/// Launches one child. `unset` is for the standard streams that have no setting.
pub(crate) fn launch(settings: &mut Settings, unset: &[Stdio; 3]) -> Result<Child, Failure> {
    // First of all: whatever fails from here on, the ports are released.
    let collection = settings.ports.take().map_err(at(LaunchStep::Ports))?;
    let monitors = std::mem::take(&mut settings.image_monitors);
    let settings = &*settings;
    let (task, collection) = Task::ask(settings, collection).map_err(at(LaunchStep::Ports))?;
    let watch = Watch::new(monitors, settings).map_err(at(LaunchStep::ImageMonitors))?;
    let image = Image::new(settings).map_err(at(LaunchStep::Arguments))?;
    let collection = watch
        .add_ports(collection)
        .map_err(at(LaunchStep::ImageMonitors))?;
    let needs_server = collection.is_some() || settings.private_bootstrap;
    let (server, base_id) = server(&settings.registrar, needs_server)?;

    // A server without a name is reached no other way.
    let private_bootstrap = match &server {
        Some(server) => {
            settings.private_bootstrap
                || server.bootstrap_name().is_none()
                || lock::sees_nobody(settings)
        }
        None => false,
    };

    let mut setup = Setup::new(settings.environment.clone()).map_err(at(LaunchStep::Setup))?;
    let pipes = setup.streams(&settings.streams, unset)?;
    setup.extras(&settings.descriptors)?;
    setup.process(settings).map_err(at(LaunchStep::Setup))?;
    lock::lock(settings, &image, &mut setup)?;
    setup.tell(&base_id);
    match &server {
        Some(server) if private_bootstrap => setup
            .give_port(server)
            .map_err(at(LaunchStep::BootstrapPort))?,
        Some(server) => {
            setup.pass_port(server).map_err(at(LaunchStep::Server))?;
            // The child does without the name, what it starts itself may not.
            if let Err(error) = server.renew_name() {
                tracing::warn!(error = &error as &dyn std::error::Error, "the name is lost");
            }
        }
        None => {}
    }
    // Last, so that whatever else the child has keeps its number.
    watch
        .pass(&mut setup)
        .map_err(at(LaunchStep::ImageMonitors))?;
    let ready = setup.finish(image)?;
    if let Some(collection) = &collection {
        // With everything open that the launch takes. The child would find no ports.
        let ports = collection.len();
        room_for_rights(ports)
            .map_err(|source| (LaunchStep::Ports, LaunchCause::NoRoom { ports, source }))?;
    }

    let mut collection = collection;
    let (process, exit, registration) = patiently(|| match &server {
        Some(server) => {
            // From before the process exists until it is registered, as one step: it
            // cannot ask too early.
            let launch = server.begin_launch();
            let (process, exit) = ready.start()?;
            let collection = collection.take().unwrap_or_default();
            let registration = launch.register(&exit, collection);
            Ok((process, exit, Some(registration)))
        }
        None => ready.start().map(|(process, exit)| (process, exit, None)),
    })?;
    let watched = match watch.started(&exit) {
        Ok(watched) => watched,
        Err(error) => {
            process.end();
            return Err((LaunchStep::ImageMonitors, error));
        }
    };
    let running = Running {
        process,
        exit,
        kill_on_drop: settings.kill_on_drop,
    };
    Ok(Child::new(
        running,
        pipes,
        registration,
        server,
        task,
        watched,
    ))
}

/// The server to register with, if there is need of one, and its base id.
fn server(
    registrar: &Result<Registrar, BaseIdError>,
    is_needed: bool,
) -> Result<(Option<RendezvousServer>, BaseId), Failure> {
    let registrar = registrar.clone().map_err(at(LaunchStep::Server))?;
    Ok(match registrar {
        Registrar::Given(server) => (Some(server.clone()), server.base_id().clone()),
        Registrar::Shared(base_id) if is_needed => {
            let server = RendezvousServer::shared(&base_id).map_err(at(LaunchStep::Server))?;
            (Some(server), base_id)
        }
        Registrar::Shared(base_id) => (None, base_id),
    })
}
