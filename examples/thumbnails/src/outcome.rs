//! What became of an image.

use std::io;
use std::time::Duration;

use helper_pool::PoolError;
use image::{ImageError, RgbaImage};
use indicatif::BinaryBytes;

/// What became of one job.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Which job, counted from 0.
    pub(crate) index: usize,
    /// How far it came.
    pub(crate) trace: Trace,
    /// From its being read to its thumbnail's being written.
    pub(crate) elapsed: Duration,
    /// What is known of the thumbnail, or why there is none.
    pub(crate) result: Result<Made, Failure>,
    /// The thumbnail's pixels, for the contact sheet to take: all of them together might not fit into memory.
    pub(crate) pixels: Option<RgbaImage>,
}

/// What is known of a job, whether or not it succeeded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    /// The size of the image file, in bytes, if it could be read.
    pub(crate) source_bytes: Option<u64>,
    /// The process id of the helper that had it, if it came to that.
    pub(crate) helper: Option<i32>,
    /// What the kernel said of that helper's lock.
    pub(crate) locked: String,
}

/// A thumbnail that was made and written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made {
    /// Width and height of the image, in pixels.
    pub(crate) source_size: (u32, u32),
    /// Width and height of the thumbnail, in pixels.
    pub(crate) thumbnail_size: (u32, u32),
    /// The size of the thumbnail's file, in bytes.
    pub(crate) thumbnail_bytes: u64,
}

/// Why there is no thumbnail of an image.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The file is missing, or is kept from us.
    #[error("cannot be read")]
    Read(#[source] io::Error),
    /// A folder, a pipe, a device.
    #[error("not a file")]
    NotAFile,
    /// More than a helper is given.
    #[error("{} is more than the {} that one image may have", BinaryBytes(*.size), BinaryBytes(*.most))]
    TooLarge { size: u64, most: u64 },
    /// There is no memory to give it to a helper in.
    #[error(transparent)]
    Memory(mach_ports::Error),
    /// The helper is sound and says that the file isn't.
    #[error("cannot be decoded: {0}")]
    Refused(String),
    /// The helper was lost over it, or there is none.
    #[error(transparent)]
    Helper(#[from] PoolError),
    /// The thumbnail could not be turned into a file.
    #[error("thumbnail cannot be written")]
    Write(#[source] ImageError),
}
