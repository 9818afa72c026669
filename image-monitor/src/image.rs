use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image_protocol::{Image as Told, ImageFlags};

use crate::BuildId;
use crate::layout::{Headers, Layout};
use crate::sys::memory::Mapped;

/// A program or library that a process has mapped.
///
/// What it says of itself comes from the process, which may lie about its own code.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Image {
    /// Where its lowest segment begins.
    pub load_address: u64,
    /// The linker's id for it, if it has one.
    pub build_id: Option<BuildId>,
    /// Its file, as the loader names it; the program's, as the kernel does. What has no file, such as Linux's vDSO, has
    /// a name.
    pub path: PathBuf,
    /// What kind of image it is.
    pub kind: ImageKind,
    /// The loader's namespace that it is in: 0 but for what `dlmopen` loads.
    pub namespace: u32,
    /// When it was seen: nanoseconds of a clock that begins with the machine and stands while it sleeps
    /// (`CLOCK_MONOTONIC`, `mach_absolute_time`). All images of one event have one time.
    pub timestamp: u64,
    /// How far it reaches, as the process says.
    pub(crate) told_size: u64,
    pub(crate) layout: Option<Arc<Layout>>,
}

/// What kind of image it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ImageKind {
    /// The program itself.
    Program,
    /// The loader: ld.so, dyld.
    Loader,
    /// A library.
    Library,
}

impl Image {
    /// What a process tells of an image.
    pub(crate) fn told(timestamp: u64, told: &Told<'_>) -> Self {
        let uuid = (told.uuid != [0; 16]).then_some(&told.uuid[..]);
        Self {
            load_address: told.load_address,
            build_id: BuildId::new(told.build_id).or_else(|| BuildId::new(uuid?)),
            path: PathBuf::from(OsStr::from_bytes(told.path)),
            kind: if told.flags.contains(ImageFlags::PROGRAM) {
                ImageKind::Program
            } else if told.flags.contains(ImageFlags::LOADER) {
                ImageKind::Loader
            } else {
                ImageKind::Library
            },
            namespace: told.namespace,
            timestamp,
            told_size: told.size,
            layout: None,
        }
    }

    /// The same with what its own headers say, read while the process waits: from its memory, or else from its file.
    pub(crate) fn of_process(pid: i32, timestamp: u64, told: &Told<'_>) -> Self {
        let image = Self::told(timestamp, told);
        let in_memory = Headers::of_memory(Mapped::new(pid, image.load_address));
        let headers = in_memory.or_else(|| image.headers_of_file());
        match headers {
            Some(headers) => Self {
                // It may be longer than what a message has room for.
                build_id: headers.build_id.or(image.build_id),
                layout: Some(Arc::new(headers.layout)),
                ..image
            },
            None => image,
        }
    }

    /// Those of its file, unless that is another one's by now.
    fn headers_of_file(&self) -> Option<Headers> {
        if !self.path.is_absolute() {
            return None;
        }
        let headers = Headers::of_file(Path::new(&self.path))?;
        let is_its = match (&headers.build_id, &self.build_id) {
            (Some(read), Some(told)) => read.as_bytes().starts_with(told.as_bytes()),
            (read, told) => read.is_none() && told.is_none(),
        };
        is_its.then_some(headers)
    }

    /// How many bytes of addresses it takes from [`load_address`](Self::load_address) on, gaps between its segments
    /// included; `None` if that is not known.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        match &self.layout {
            Some(layout) => Some(layout.size()),
            None => (self.told_size != 0).then_some(self.told_size),
        }
    }

    /// The offset in its file of what was mapped at `address`; `None` if no segment holds that address, the
    /// segment's bytes there come from no file, or the image's headers could not be read.
    #[must_use]
    pub fn file_offset(&self, address: u64) -> Option<u64> {
        let offset = address.checked_sub(self.load_address)?;
        self.layout.as_ref()?.file_offset(offset)
    }

    /// Whether a segment of it is at `address`.
    #[must_use]
    pub fn contains(&self, address: u64) -> bool {
        let Some(offset) = address.checked_sub(self.load_address) else {
            return false;
        };
        match &self.layout {
            Some(layout) => layout.contains(offset),
            None => offset < self.told_size,
        }
    }
}
