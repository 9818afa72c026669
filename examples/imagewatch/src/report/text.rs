//! Lines for people.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use glob::Pattern;
use image_monitor::{Event, ExitCause, Image, MonitorState, Snapshot};

use crate::report::Counts;

/// So much of a build id is told apart by people.
const SHORT: usize = 12;

pub(super) fn heading(to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "        ms   address      size KiB  build id      path")
}

pub(super) fn event(to: &mut dyn Write, event: &Event, at: Duration) -> io::Result<()> {
    let at = milliseconds(at);
    match event {
        Event::Load(images) => images
            .iter()
            .try_for_each(|image| writeln!(to, "{at:>10} + {}", line(image))),
        Event::Unload(images) => images
            .iter()
            .try_for_each(|image| writeln!(to, "{at:>10} - {}", line(image))),
        Event::Main => writeln!(to, "{at:>10} * main"),
        Event::Exit(ExitCause::Ended) => Ok(()),
        Event::Exit(cause) => writeln!(to, "{at:>10} ! {cause}"),
        _ => Ok(()),
    }
}

pub(super) fn lost(
    to: &mut dyn Write,
    at: Duration,
    state: MonitorState,
    executed: Option<&Path>,
) -> io::Result<()> {
    let at = milliseconds(at);
    match executed {
        Some(path) => writeln!(
            to,
            "{at:>10} ! lost sight of it ({state:?}): it has executed {}, which is another program: watch that",
            path.display()
        ),
        None => writeln!(
            to,
            "{at:>10} ! lost sight of it ({state:?}): it has closed its descriptors, or executed a program"
        ),
    }
}

pub(super) fn denied(to: &mut dyn Write, image: &Image, pattern: &Pattern) -> io::Result<()> {
    let path = image.path.display();
    writeln!(
        to,
        "           ! killed: {path} matches {pattern}, and has not run"
    )
}

pub(super) fn summary(
    to: &mut dyn Write,
    counts: &Counts,
    status: ExitStatus,
    time: Duration,
    left: usize,
) -> io::Result<()> {
    let Counts {
        loaded,
        unloaded,
        exchanges,
        waited,
        main,
    } = counts;
    let main = main.map_or("without a main".to_owned(), |at| {
        format!("main after {} ms", milliseconds(at))
    });
    let (time, waited) = (milliseconds(time), milliseconds(*waited));
    writeln!(
        to,
        "{loaded} loaded, {unloaded} unloaded, {left} at the end; {main}; \
         waited {exchanges} times, {waited} of {time} ms; {status}"
    )
}

pub(super) fn snapshot(to: &mut dyn Write, snapshot: &Snapshot) -> io::Result<()> {
    let count = snapshot.images.present().len();
    let program = snapshot.program.display();
    writeln!(to, "process {}, {program}: {count} images", snapshot.pid)?;
    for image in snapshot.images.present() {
        writeln!(to, "{}", line(image))?;
    }
    Ok(())
}

fn line(image: &Image) -> String {
    let size = image
        .size()
        .map_or("?".to_owned(), |size| (size / 1024).to_string());
    let id = image.build_id.as_ref().map(ToString::to_string);
    let id = id.as_deref().unwrap_or("-");
    let id = id.get(..SHORT).unwrap_or(id);
    let address = image.load_address;
    let path = image.path.display();
    format!("{address:012x} {size:>8}  {id:<SHORT$}  {path}")
}

fn milliseconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64() * 1000.0)
}
