//! Objects for programs, one per line. Numbers of bytes and addresses are numbers; times are milliseconds.

use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use glob::Pattern;
use image_monitor::{Event, Image, ImageKind, Snapshot};
use serde_json::{Value, json};

use crate::report::Counts;

pub(super) fn event(to: &mut dyn Write, event: &Event, at: Duration) -> io::Result<()> {
    let at = milliseconds(at);
    let images = || {
        event
            .images()
            .iter()
            .map(|image| object(image))
            .collect::<Vec<_>>()
    };
    let value = match event {
        Event::Load(_) => json!({ "event": "load", "at": at, "images": images() }),
        Event::Unload(_) => json!({ "event": "unload", "at": at, "images": images() }),
        Event::Main => json!({ "event": "main", "at": at }),
        Event::Exit(cause) => json!({ "event": "exit", "at": at, "cause": cause.to_string() }),
        _ => return Ok(()),
    };
    writeln!(to, "{value}")
}

pub(super) fn lost(to: &mut dyn Write, at: Duration, executed: Option<&Path>) -> io::Result<()> {
    let executed = executed.map(Path::to_string_lossy);
    let value = json!({ "event": "agent-lost", "at": milliseconds(at), "executed": executed });
    writeln!(to, "{value}")
}

pub(super) fn denied(to: &mut dyn Write, image: &Image, pattern: &Pattern) -> io::Result<()> {
    let path = image.path.to_string_lossy();
    let value = json!({ "event": "denied", "path": path, "pattern": pattern.as_str() });
    writeln!(to, "{value}")
}

pub(super) fn summary(
    to: &mut dyn Write,
    counts: &Counts,
    status: ExitStatus,
    time: Duration,
    left: usize,
) -> io::Result<()> {
    let value = json!({
        "event": "summary",
        "loaded": counts.loaded,
        "unloaded": counts.unloaded,
        "left": left,
        "main": counts.main.map(milliseconds),
        "exchanges": counts.exchanges,
        "waited": milliseconds(counts.waited),
        "time": milliseconds(time),
        "code": status.code(),
        "signal": status.signal(),
    });
    writeln!(to, "{value}")
}

pub(super) fn snapshot(to: &mut dyn Write, snapshot: &Snapshot) -> io::Result<()> {
    let images: Vec<_> = snapshot
        .images
        .present()
        .map(|image| object(image))
        .collect();
    let program = snapshot.program.to_string_lossy();
    let value = json!({
        "event": "snapshot",
        "pid": snapshot.pid,
        "program": program,
        "images": images,
    });
    writeln!(to, "{value}")
}

fn object(image: &Image) -> Value {
    json!({
        "path": image.path.to_string_lossy(),
        "load_address": image.load_address,
        "size": image.size(),
        "build_id": image.build_id.as_ref().map(ToString::to_string),
        "kind": kind(image.kind),
        "namespace": image.namespace,
        "timestamp": image.timestamp,
    })
}

fn kind(kind: ImageKind) -> &'static str {
    match kind {
        ImageKind::Program => "program",
        ImageKind::Loader => "loader",
        _ => "library",
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
