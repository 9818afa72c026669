//! The parent: from arguments to thumbnails, contact sheet and table.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use image::ImageError;
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::Args;
use crate::fault::{ChaosError, Injection};
use crate::lock::{CannotLock, Lock};
use crate::outcome::Outcome;
use crate::plan::{CONTACT_SHEET, Job, PlanError, plan, spare_sources};
use crate::report;
use crate::sheet::Sheet;
use crate::work::{self, PoolFailure, Settings};

/// Why there is nothing to show at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppError {
    /// The inputs are not what they should be.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A fault was ordered for none of them.
    #[error(transparent)]
    Chaos(#[from] ChaosError),
    /// Helpers could do more than they should.
    #[error(transparent)]
    Lock(#[from] CannotLock),
    /// There are no helpers.
    #[error("there are no helpers")]
    Pool(#[from] PoolFailure),
    /// There is no place for the thumbnails.
    #[error("cannot make the folder {}", folder.display())]
    OutputFolder {
        folder: PathBuf,
        #[source]
        cause: io::Error,
    },
    /// The thumbnails are there, the sheet isn't.
    #[error("cannot write the contact sheet")]
    Sheet(#[from] ImageError),
    /// There is no place for the table.
    #[error("cannot write the table")]
    Output(#[from] io::Error),
}

/// Does what was asked for. True if every image has its thumbnail.
pub(crate) fn run(args: Args) -> Result<bool, AppError> {
    let samples = [Path::new(env!("CARGO_MANIFEST_DIR")).join("images")];
    let jobs = plan(if args.inputs.is_empty() {
        &samples
    } else {
        &args.inputs
    })?;
    Injection::check(&args.chaos, jobs.iter().map(|job| job.source.as_path()))?;
    let lock = Lock::new(&args.without)?;
    fs::create_dir_all(&args.out).map_err(|cause| AppError::OutputFolder {
        folder: args.out.clone(),
        cause,
    })?;
    spare_sources(&jobs, &args.out)?;
    let sheet_path = args.out.join(CONTACT_SHEET);
    let settings = Settings {
        helpers: args.helpers.into(),
        edge: args.size,
        timeout: args.timeout,
        out: args.out,
        chaos: args.chaos,
        lock,
    };
    let pool = work::helpers(jobs.len(), &settings)?;

    let progress = progress_bar(jobs.len());
    let mut sheet = Sheet::new(jobs.len(), settings.edge);
    let mut outcomes = Vec::with_capacity(jobs.len());
    work::run(&jobs, &pool, &settings, |mut outcome| {
        let label = jobs
            .get(outcome.index)
            .map(|job| job.label())
            .unwrap_or_default();
        match outcome.pixels.take() {
            Some(pixels) => sheet.place(outcome.index, &pixels, &label),
            None => sheet.cross_out(outcome.index, &label),
        }
        progress.set_message(label);
        progress.inc(1);
        outcomes.push(outcome);
    });
    progress.finish_and_clear();
    pool.stop(settings.timeout);
    outcomes.sort_by_key(|outcome| outcome.index);

    // What became of the images is told even if the sheet is lost.
    let saved = sheet.picture().save(&sheet_path);
    unless_unread(write_report(&jobs, &outcomes, saved.is_ok(), &settings.out))?;
    report::write_failures(&mut io::stderr().lock(), &jobs, &outcomes)?;
    saved?;
    Ok(outcomes.iter().all(|outcome| outcome.result.is_ok()))
}

fn write_report(jobs: &[Job], outcomes: &[Outcome], sheet: bool, out: &Path) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    report::write_table(&mut stdout, jobs, outcomes, columns())?;
    if sheet {
        report::write_place(&mut stdout, outcomes, out)?;
    }
    Ok(())
}

/// How wide standard output is, if it is a terminal.
fn columns() -> Option<u16> {
    let (_, columns) = console::Term::stdout().size_checked()?;
    Some(columns)
}

/// A reader that has seen enough, such as `head`, is no failure.
fn unless_unread(written: io::Result<()>) -> io::Result<()> {
    written.or_else(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(error),
    })
}

/// Shown on standard error if that is a terminal, and not at all otherwise.
fn progress_bar(images: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:20} {pos}/{len} {wide_msg}");
    let bar = ProgressBar::new(u64::try_from(images).unwrap_or(u64::MAX));
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
