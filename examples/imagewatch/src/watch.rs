//! A program under watch.

use std::error::Error;
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use image_monitor::{Event, ImageKind, ImageMonitor, MonitorOptions, Notice};
use launcher::{Child, Launcher, shell_status};

use crate::args::Args;
use crate::deny::denied;
use crate::report::Report;

/// Beyond the delay that was asked for: a terminal may be slow.
const PATIENCE: Duration = Duration::from_secs(10);
/// The exit status for a denied library.
const DENIED: u8 = 126;

/// Launches the program, and goes through what it loads until it has ended.
pub(crate) fn watch(args: &Args) -> Result<ExitCode, Box<dyn Error>> {
    let output: Box<dyn Write> = match &args.output {
        Some(path) => Box::new(File::create(path)?),
        None => Box::new(io::stderr()),
    };
    let (program, arguments) = args.program.split_first().ok_or("no program")?;
    let options = MonitorOptions::new()
        .deadline(args.delay + PATIENCE)
        .allow_unwatched(args.unwatched);
    let (monitor, notices) = ImageMonitor::queue(options)?;
    let begun = Instant::now();
    // Not locked up: it is any program, and only who wrote it knows what it needs.
    let child = Launcher::new(program)
        .args(arguments)
        .image_monitor(&monitor)
        .spawn()?;
    let mut report = Report::new(args, output)?;
    let mut is_denied = false;
    for notice in notices {
        let at = notice.received().saturating_duration_since(begun);
        if let Event::AgentLost = notice.event() {
            report.lost(at, &monitor, executed(&child, &monitor).as_deref())?;
        } else {
            report.event(notice.event(), at)?;
        }
        is_denied |= deny(&notice, args, &child, &mut report)?;
        if notice.event().is_awaited() {
            thread::sleep(args.delay);
            report.waited(notice.received().elapsed());
        }
        // The program goes on with each turn, if it still can.
        if let Event::Exit(_) = notice.answer() {
            break;
        }
    }
    let status = child.wait()?;
    report.summary(status, begun.elapsed(), &monitor)?;
    Ok(if is_denied {
        DENIED.into()
    } else {
        shell_status(status).into()
    })
}

/// Kills the program if it has mapped what it may not run. It waits, so nothing of that has run.
fn deny(
    notice: &Notice,
    args: &Args,
    child: &Child,
    report: &mut Report,
) -> Result<bool, Box<dyn Error>> {
    let Event::Load(images) = notice.event() else {
        return Ok(false);
    };
    for image in images {
        if let Some(pattern) = denied(&image.path, &args.deny) {
            child.kill()?;
            report.denied(image, pattern)?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Another program that the process has executed, if that is how it was lost, and the system says so.
fn executed(child: &Child, monitor: &ImageMonitor) -> Option<PathBuf> {
    let now = std::fs::read_link(format!("/proc/{}/exe", child.id())).ok()?;
    let images = monitor.images();
    let mut images = images.present();
    let watched = images.find(|image| image.kind == ImageKind::Program)?;
    (watched.path != now).then_some(now)
}
