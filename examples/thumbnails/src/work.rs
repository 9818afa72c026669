//! Reads images, has helpers make thumbnails of them, and writes those.

use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use helper_pool::{BuildError, CallOptions, HelperPool};
use image::{ImageFormat, RgbaImage};
use launcher::{Launcher, Stdio};
use mach_ports::OolMemory;

use crate::fault::{Fault, Injection};
use crate::lock::Lock;
use crate::outcome::{Failure, Made, Outcome, Trace};
use crate::plan::Job;
use crate::protocol::{self, ThumbnailsClient};
use crate::render::Rendered;

/// The largest image file that is looked at, in bytes.
const LARGEST_FILE: u64 = 256 << 20;

/// What holds for all jobs.
#[derive(Debug)]
pub(crate) struct Settings {
    /// How many helpers work at the same time.
    pub(crate) helpers: usize,
    /// The longest side of a thumbnail, in pixels.
    pub(crate) edge: u32,
    /// How long a helper may take for one image.
    pub(crate) timeout: Duration,
    /// The folder of the thumbnails.
    pub(crate) out: PathBuf,
    /// What is to go wrong.
    pub(crate) chaos: Vec<Injection>,
    /// What helpers may do besides that.
    pub(crate) lock: Lock,
}

/// What this program makes thumbnails by: itself, started again.
pub(crate) type Helpers = HelperPool<ThumbnailsClient>;

/// The most memory that a helper may have, in bytes: a file, what it is decoded into, and as much again.
const HELPERS_MEMORY: u64 = 2 << 30;

/// Starts the helpers; nobody waits for them here.
pub(crate) fn helpers(jobs: usize, settings: &Settings) -> Result<Helpers, PoolFailure> {
    let mut launcher = Launcher::new(std::env::current_exe()?);
    launcher
        .arg("--helper")
        .stdin(Stdio::Null)
        .stdout(Stdio::Null);
    let pool = HelperPool::builder(launcher)
        .helpers(settings.helpers.min(jobs))
        .profile(settings.lock.profile())
        .deadline(settings.timeout)
        .memory_limit(HELPERS_MEMORY)
        .build()?;
    Ok(pool)
}

/// Why there are no helpers.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PoolFailure {
    /// This program cannot be found again.
    #[error("the program's own path is unknown")]
    Program(#[from] io::Error),
    /// There is no pool of them.
    #[error(transparent)]
    Build(#[from] BuildError),
}

/// Does all jobs and hands each outcome to `finished`, in the order in which they come.
pub(crate) fn run(
    jobs: &[Job],
    pool: &Helpers,
    settings: &Settings,
    mut finished: impl FnMut(Outcome),
) {
    let next = AtomicUsize::new(0);
    // Whoever takes the outcomes sets the pace: thumbnails that wait for it take memory.
    let (sender, outcomes) = mpsc::sync_channel(settings.helpers);
    thread::scope(|scope| {
        for _ in 0..settings.helpers.min(jobs.len()) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(index) else { break };
                    if sender.send(attempt(index, job, pool, settings)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        outcomes.iter().for_each(&mut finished);
    });
}

/// Does one job.
fn attempt(index: usize, job: &Job, pool: &Helpers, settings: &Settings) -> Outcome {
    let begun = Instant::now();
    let mut trace = Trace::default();
    let (result, pixels) = match make(job, pool, settings, &mut trace) {
        Ok((made, pixels)) => (Ok(made), Some(pixels)),
        Err(failure) => (Err(failure), None),
    };
    Outcome {
        index,
        trace,
        elapsed: begun.elapsed(),
        result,
        pixels,
    }
}

fn make(
    job: &Job,
    pool: &Helpers,
    settings: &Settings,
    trace: &mut Trace,
) -> Result<(Made, RgbaImage), Failure> {
    let file = read_image(&job.source)?;
    trace.source_bytes = u64::try_from(file.len()).ok();
    let memory = OolMemory::copy_of(&file).map_err(Failure::Memory)?;
    drop(file);
    let fault = Fault::to_wire(Injection::find(&settings.chaos, &job.source));
    let answer = pool.call_on(&CallOptions::new(), |thumbnails, pid| {
        trace.helper = Some(pid);
        trace.locked = settings.lock.seen(pid);
        let (verdict, pixels) = thumbnails.make(memory, settings.edge, fault)?;
        protocol::read_answer(verdict, &pixels, settings.edge).map_err(helper_pool::Fault::breach)
    })?;
    let Rendered {
        thumbnail,
        source_size,
    } = answer.map_err(Failure::Refused)?;
    let thumbnail_bytes = write_thumbnail(&thumbnail, &settings.out.join(&job.output))?;
    let made = Made {
        source_size,
        thumbnail_size: thumbnail.dimensions(),
        thumbnail_bytes,
    };
    Ok((made, thumbnail))
}

fn read_image(path: &Path) -> Result<Vec<u8>, Failure> {
    // Asked before it is opened: to open a pipe that nobody writes into takes for ever.
    let metadata = fs::metadata(path).map_err(Failure::Read)?;
    if !metadata.is_file() {
        return Err(Failure::NotAFile);
    }
    if metadata.len() > LARGEST_FILE {
        return Err(Failure::TooLarge {
            size: metadata.len(),
            most: LARGEST_FILE,
        });
    }
    let mut bytes = Vec::new();
    // The file may have grown since; what is beyond the limit is as good as cut off.
    File::open(path)
        .and_then(|file| file.take(LARGEST_FILE).read_to_end(&mut bytes))
        .map_err(Failure::Read)?;
    Ok(bytes)
}

/// Returns the size of the file, in bytes.
fn write_thumbnail(thumbnail: &RgbaImage, path: &Path) -> Result<u64, Failure> {
    let mut encoded = Cursor::new(Vec::new());
    thumbnail
        .write_to(&mut encoded, ImageFormat::Png)
        .map_err(Failure::Write)?;
    fs::write(path, encoded.get_ref()).map_err(|cause| Failure::Write(cause.into()))?;
    Ok(encoded.position())
}
