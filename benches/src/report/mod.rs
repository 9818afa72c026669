//! Measures group by group, each in a process of its own, and tells of it.

mod document;
mod machine;
mod plot;
mod stats;
mod table;
mod target;

use std::fs;
use std::io::Read;
use std::thread;
use std::time::Duration;

use launcher::{Launcher, Stdio};

use crate::args::{Mode, Report};
use crate::groups::Group;
use crate::harness::peer::program;
use crate::harness::scale::Scale;
use crate::harness::series::Race;
use crate::{Error, Result, sys};

/// Measures, prints, and writes.
pub(crate) fn report(asked: &Report) -> Result<()> {
    fs::create_dir_all(&asked.out)?;
    let mut text = machine::describe(asked.scale);
    let mut failed = Vec::new();
    print!("{text}");
    for group in Group::all().iter().copied() {
        if !asked.group.is_empty() && !asked.group.contains(&group) {
            continue;
        }
        for mode in sys::MODES.iter().copied() {
            if asked.mode.is_some_and(|only| only != mode) {
                continue;
            }
            let part = match measure(group, mode, asked.scale) {
                Ok(races) => {
                    plot::plot(&asked.out, group, mode, &races)?;
                    table::section(group, mode, &races)
                }
                Err(error) => {
                    failed.push(format!("{}, {}: {error}", group.word(), mode.word()));
                    format!("\n### {}\n\nThis was not measured.\n", group.title())
                }
            };
            print!("{part}");
            text += &part;
        }
    }
    let end = machine::end();
    print!("{end}");
    text += &end;
    fs::write(asked.out.join("report.md"), &text)?;
    if let Some(document) = &asked.document {
        document::renew(document, &text)?;
    }
    complain(failed)
}

/// Runs everything for a moment.
pub(crate) fn smoke() -> Result<()> {
    let mut failed = Vec::new();
    for group in Group::all().iter().copied() {
        for mode in sys::MODES.iter().copied() {
            let name = format!("{}, {}", group.word(), mode.word());
            match measure(group, mode, Scale::Smoke).and_then(checked) {
                Ok(count) => println!("{name}: {count} rows"),
                Err(error) => failed.push(format!("{name}: {error}")),
            }
        }
    }
    complain(failed)
}

/// The number of rows, all of which have their figures.
fn checked(races: Vec<Race>) -> Result<usize> {
    let mut count = 0;
    for series in races.iter().flat_map(|race| &race.series) {
        let sound =
            |figures: &[f64]| !figures.is_empty() && figures.iter().all(|at| at.is_finite());
        if !sound(&series.times) || !sound(&series.cpu) || series.times.iter().any(|at| *at <= 0.0)
        {
            return Err(format!("{}: no figures", series.name).into());
        }
        count += 1;
    }
    if count > 0 {
        Ok(count)
    } else {
        Err("no rows".into())
    }
}

fn complain(failed: Vec<String>) -> Result<()> {
    if failed.is_empty() {
        Ok(())
    } else {
        Err(failed.join("\n").into())
    }
}

/// How long a group may take.
fn limit(scale: Scale) -> Duration {
    Duration::from_secs(match scale {
        Scale::Smoke => 60,
        Scale::Report => 900,
        Scale::Full => 3_600,
    })
}

/// Measures a group in a process of its own.
fn measure(group: Group, mode: Mode, scale: Scale) -> Result<Vec<Race>> {
    eprintln!("benches: measuring {}, {}", group.word(), mode.word());
    let mut child = Launcher::new(program()?)
        .args(["measure", group.word()])
        .args(["--mode", mode.word(), "--scale", scale.word()])
        .stdout(Stdio::Pipe)
        .kill_on_drop(true)
        .spawn()?;
    let mut output = child.stdout.take().ok_or("no pipe")?;
    let (ended, text) = thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let mut text = String::new();
            output.read_to_string(&mut text).map(|_| text)
        });
        let ended = child.wait_timeout(limit(scale));
        if !matches!(ended, Ok(Some(_))) {
            // Its peers end with it, and the pipe with them.
            let _ = child.kill();
        }
        (ended, reader.join())
    });
    match ended? {
        Some(status) if status.success() => {}
        Some(status) => return Err(Error::from(format!("ended with {status}"))),
        None => return Err("took too long".into()),
    }
    let text = text.map_err(|_| "its output was not read")??;
    Ok(serde_json::from_str(&text)?)
}
