//! Gives the jobs to helper processes, each as soon as one is free.

use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use image::{ImageFormat, RgbaImage};

use crate::fault::Injection;
use crate::helper_process::{Helper, Work};
use crate::outcome::{Failure, Made, Outcome, Trace};
use crate::plan::Job;
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
}

/// Does all jobs and hands each outcome to `finished`, in the order in which they come.
pub(crate) fn run(jobs: &[Job], settings: &Settings, mut finished: impl FnMut(Outcome)) {
    let next = AtomicUsize::new(0);
    // Whoever takes the outcomes sets the pace: thumbnails that wait for it take memory.
    let (sender, outcomes) = mpsc::sync_channel(settings.helpers);
    thread::scope(|scope| {
        for _ in 0..settings.helpers.min(jobs.len()) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                let mut seat = Seat {
                    settings,
                    helper: None,
                };
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(index) else { break };
                    if sender.send(seat.attempt(index, job)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        outcomes.iter().for_each(&mut finished);
    });
}

/// A place for one helper at a time. It is empty before the first job and after a helper was lost; the next job
/// fills it.
struct Seat<'a> {
    settings: &'a Settings,
    helper: Option<Helper>,
}

impl Seat<'_> {
    fn attempt(&mut self, index: usize, job: &Job) -> Outcome {
        let begun = Instant::now();
        let mut trace = Trace::default();
        let (result, pixels) = match self.make(job, &mut trace) {
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

    fn make(&mut self, job: &Job, trace: &mut Trace) -> Result<(Made, RgbaImage), Failure> {
        let file = read_image(&job.source)?;
        trace.source_bytes = u64::try_from(file.len()).ok();
        // One that ended while it was idle has nothing to do with this image.
        let helper = match self.helper.take().filter(Helper::is_running) {
            Some(helper) => helper,
            None => Helper::launch()?,
        };
        trace.helper = Some(helper.id());
        let fault = Injection::find(&self.settings.chaos, &job.source);
        let work = Work {
            file,
            edge: self.settings.edge,
            fault,
        };
        let (helper, answer) = helper.ask(work, self.settings.timeout)?;
        self.helper = Some(helper);
        let Rendered {
            thumbnail,
            source_size,
        } = answer.map_err(Failure::Refused)?;
        let thumbnail_bytes = write_thumbnail(&thumbnail, &self.settings.out.join(&job.output))?;
        let made = Made {
            source_size,
            thumbnail_size: thumbnail.dimensions(),
            thumbnail_bytes,
        };
        Ok((made, thumbnail))
    }
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
