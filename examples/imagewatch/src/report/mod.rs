//! What is written: lines for people, or objects for programs.

mod json;
mod text;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use glob::Pattern;
use image_monitor::{Event, Image, ImageMonitor, Snapshot};

use crate::args::Args;

pub(crate) struct Report {
    output: Box<dyn Write>,
    json: bool,
    counts: Counts,
}

/// What the summary is made of.
#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    loaded: usize,
    unloaded: usize,
    exchanges: u32,
    waited: Duration,
    main: Option<Duration>,
}

impl Report {
    pub(crate) fn new(args: &Args, output: Box<dyn Write>) -> io::Result<Self> {
        let mut report = Self {
            output,
            json: args.json,
            counts: Counts::default(),
        };
        if !report.json && args.pid.is_none() {
            text::heading(&mut report.output)?;
        }
        Ok(report)
    }

    /// One event, so long after the launch.
    pub(crate) fn event(&mut self, event: &Event, at: Duration) -> io::Result<()> {
        match event {
            Event::Load(images) => self.counts.loaded += images.len(),
            Event::Unload(images) => self.counts.unloaded += images.len(),
            Event::Main => self.counts.main = Some(at),
            _ => {}
        }
        if self.json {
            json::event(&mut self.output, event, at)
        } else {
            text::event(&mut self.output, event, at)
        }
    }

    /// The agent is gone: with another program that was executed, if it is known which.
    pub(crate) fn lost(
        &mut self,
        at: Duration,
        monitor: &ImageMonitor,
        executed: Option<&Path>,
    ) -> io::Result<()> {
        if self.json {
            json::lost(&mut self.output, at, executed)
        } else {
            text::lost(&mut self.output, at, monitor.state(), executed)
        }
    }

    /// How long the program waited for that.
    pub(crate) fn waited(&mut self, time: Duration) {
        self.counts.exchanges += 1;
        self.counts.waited += time;
    }

    /// Why the program was killed.
    pub(crate) fn denied(&mut self, image: &Image, pattern: &Pattern) -> io::Result<()> {
        if self.json {
            json::denied(&mut self.output, image, pattern)
        } else {
            text::denied(&mut self.output, image, pattern)
        }
    }

    /// How it was, in the end.
    pub(crate) fn summary(
        &mut self,
        status: ExitStatus,
        time: Duration,
        monitor: &ImageMonitor,
    ) -> io::Result<()> {
        let left = monitor.images().present().len();
        if self.json {
            json::summary(&mut self.output, &self.counts, status, time, left)
        } else {
            text::summary(&mut self.output, &self.counts, status, time, left)
        }
    }

    /// What is in a process.
    pub(crate) fn snapshot(&mut self, snapshot: &Snapshot) -> io::Result<()> {
        if self.json {
            json::snapshot(&mut self.output, snapshot)
        } else {
            text::snapshot(&mut self.output, snapshot)
        }
    }
}
