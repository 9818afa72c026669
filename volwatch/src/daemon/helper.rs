//! Launching what rebuilds a volume.

use std::sync::Arc;
use std::time::Instant;

use lock_service::state::Checked;
use mach_ports::SendRight;

use crate::VolumeId;
use crate::daemon::{Event, commands};
use crate::description::Description;
use crate::record::Record;
use crate::settings::Place;
use crate::table::{Building, Table};
use crate::wire::LOCKS_KEY;

/// Launches the configured helper for a volume that is to be rebuilt.
pub(super) fn launch(
    table: &mut Table,
    id: VolumeId,
    built_of: Record,
    description: Description,
    service: &SendRight,
) -> Checked {
    let settings = Arc::clone(&table.settings);
    let events = table.events.clone();
    let ending = table.ending;
    let Some(volume) = table.volumes.get_mut(&id).filter(|_| !ending) else {
        return Checked::Clean;
    };
    let Some(helper) = &settings.helper else {
        volume.set_trouble(Some("it is stale, and no helper is configured".to_owned()));
        return Checked::Clean;
    };
    let place = Place {
        root: &volume.found.root,
        id,
        name: &volume.found.name,
    };
    let launched = commands::launcher(&helper.command, place)
        .env("VOLWATCH_SERVICE", &settings.service)
        .port(LOCKS_KEY, service.clone())
        .spawn();
    let child = match launched {
        Ok(child) => child,
        Err(error) => {
            tracing::warn!(%id, name = volume.found.name, ?error, "the helper was not launched");
            return Checked::Failed;
        }
    };
    let (pid, name) = (child.id(), &volume.found.name);
    tracing::info!(%id, name, pid, program = helper.command.program(), "rebuilding");
    let exited = events.clone();
    child
        .exit_event()
        .notify(move || drop(exited.send(Event::HelperExited { id, pid })));
    let until = Instant::now() + helper.deadline;
    let device = volume.found.device;
    let building = Building {
        volume: id,
        child: Arc::new(child),
        until,
        killed: false,
        device,
        built_of,
        description,
    };
    table.helpers.insert(pid, building);
    let _ = events.send(Event::HelperLaunched);
    Checked::Launched(pid)
}
