//! `volwatch status`.

use std::io::{self, Write};
use std::time::Duration;

use crate::client::Client;
use crate::command::exit::Trouble;
use crate::status::{Process, State, Status, VolumeStatus};

/// A helper may well need as long for a rebuild.
const ENOUGH_MS: u64 = 30_000;

pub(super) fn status(service: Option<&str>, json: bool) -> Result<u8, Trouble> {
    let status = Client::find(service)?.status()?;
    let mut out = io::stdout().lock();
    let written = if json {
        serde_json::to_writer_pretty(&mut out, &status)
            .map_err(io::Error::from)
            .and_then(|()| writeln!(out))
    } else {
        show(&status, &mut out)
    };
    match written {
        // Whoever reads has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(0),
        written => written.map(|()| 0).map_err(|source| Trouble::System {
            what: "the status cannot be printed",
            source,
        }),
    }
}

fn show(status: &Status, out: &mut impl Write) -> io::Result<()> {
    if let Some(left) = status.starting_ms {
        writeln!(out, "starting: changes are looked at in {}", time(left))?;
    }
    if let Some(pid) = status.shutdown_holder {
        writeln!(out, "process {pid} holds the shutdown lock")?;
    }
    if let Some(pid) = status.shutdown_waiter {
        writeln!(out, "process {pid} waits for the shutdown lock")?;
    }
    if let Some(longest) = status.shutdown_delay_ms {
        let which = if status.shutdown_delayed { "a" } else { "this" };
        let most = time(longest);
        write!(out, "logind delays {which} shutdown by {most} at most")?;
        let hint = "; a rebuild may take longer: see InhibitDelayMaxSec in logind.conf(5)";
        writeln!(out, "{}", if longest < ENOUGH_MS { hint } else { "" })?;
    }
    for volume in &status.volumes {
        show_volume(volume, out)?;
    }
    for left in &status.left {
        writeln!(out, "{}  not watched: {}", left.root, left.reason)?;
    }
    Ok(())
}

fn show_volume(volume: &VolumeStatus, out: &mut impl Write) -> io::Result<()> {
    let state = match volume.state {
        State::Quiet => "quiet",
        State::Settling => "settling",
        State::Checking => "checking",
        State::Rebuilding => "rebuilding",
        State::Locked => "locked",
    };
    write!(out, "{}  {}  {state}", volume.uuid, volume.name)?;
    if volume.name != volume.root {
        write!(out, "  {}", volume.root)?;
    }
    if let Some(pid) = volume.helper {
        write!(out, "  helper {pid}")?;
    }
    for (what, processes) in [("held by", &volume.holders), ("waiting", &volume.waiters)] {
        if !processes.is_empty() {
            let pids: Vec<_> = processes.iter().map(process).collect();
            write!(out, "  {what} {}", pids.join(", "))?;
        }
    }
    if volume.attempts > 0 || volume.failures > 0 {
        let (attempts, failures) = (volume.attempts, volume.failures);
        write!(out, "  {attempts} attempts, {failures} failures")?;
    }
    if let Some(left) = volume.next_check_ms {
        write!(out, "  next look in {}", time(left))?;
    }
    writeln!(out)?;
    match &volume.trouble {
        Some(trouble) => writeln!(out, "    {trouble}"),
        None => Ok(()),
    }
}

fn process(process: &Process) -> String {
    let shared = if process.shared { " (shared)" } else { "" };
    format!("{}{shared} for {}", process.pid, time(process.for_ms))
}

/// To the second, or to the millisecond below one.
fn time(ms: u64) -> String {
    let ms = if ms < 1000 { ms } else { ms / 1000 * 1000 };
    humantime::format_duration(Duration::from_millis(ms)).to_string()
}
