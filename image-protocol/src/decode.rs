//! From a body that a stranger sent to images, or to nothing.

use crate::bytes::{u32_at, u64_at};
use crate::layout::{
    BUILD_ID, DETAIL, DETAIL_BIAS, DETAIL_BUILD_ID, DETAIL_BUILD_ID_LEN, DETAIL_FLAGS,
    DETAIL_NAMESPACE, DETAIL_SIZE, DETAILS_OFFSET, ENTRY, ENTRY_LOAD_ADDRESS, ENTRY_PATH,
    ENTRY_PATH_LEN, ENTRY_UUID, FIELDS, HEADER, IMAGE_COUNT, IMAGES_OFFSET, MONITOR, SEQUENCE,
    STRINGS_OFFSET, TIMESTAMP, VERSION,
};
use crate::{HELLO, Hello, Image, ImageFlags, LOAD, MAIN, MAX_BODY, Malformed, Stamp, UNLOAD};

/// What an agent says.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// It is there. The message's reply right is where replies go.
    Hello(Hello),
    /// Images were loaded, and their constructors have not run.
    Load(Images<'a>),
    /// Images are about to be unloaded, and are still mapped.
    Unload(Images<'a>),
    /// All constructors of the program's libraries have run; `main` is next.
    Main(Stamp),
}

/// Reads an agent's message: its id, and what stands behind the Mach header.
///
/// # Errors
/// The rule that it breaks.
pub fn decode(id: i32, body: &[u8]) -> Result<Event<'_>, Malformed> {
    match id {
        LOAD => Images::read(body).map(Event::Load),
        UNLOAD => Images::read(body).map(Event::Unload),
        MAIN => Images::read(body).map(|images| Event::Main(images.stamp())),
        HELLO => Hello::read(body).map(Event::Hello),
        _ => Err(Malformed::Id(id)),
    }
}

/// The images that a message is about. They have all been checked.
#[derive(Clone, Copy, Debug)]
pub struct Images<'a> {
    stamp: Stamp,
    entries: &'a [u8],
    details: &'a [u8],
    strings: &'a [u8],
}

impl<'a> Images<'a> {
    fn read(body: &'a [u8]) -> Result<Self, Malformed> {
        if body.len() > MAX_BODY {
            return Err(Malformed::Long);
        }
        let field = |at| u32_at(body, at).ok_or(Malformed::Short);
        let version = field(VERSION)?;
        if version != crate::VERSION {
            return Err(Malformed::Version(version));
        }
        body.get(..FIELDS).ok_or(Malformed::Short)?;
        let count = field(IMAGE_COUNT)? as usize;
        let array = |at, each| part(body, field(at)?, count, each).ok_or(Malformed::Array);
        let images = Self {
            stamp: Stamp {
                timestamp: u64_at(body, TIMESTAMP).ok_or(Malformed::Short)?,
                sequence: field(SEQUENCE)?,
                monitor: field(MONITOR)?,
            },
            entries: array(IMAGES_OFFSET, ENTRY)?,
            details: array(DETAILS_OFFSET, DETAIL)?,
            strings: from(body, field(STRINGS_OFFSET)?).ok_or(Malformed::Array)?,
        };
        for (entry, detail) in images.records() {
            let path = path(entry, images.strings).ok_or(Malformed::Path)?;
            if path.contains(&0) {
                return Err(Malformed::Path);
            }
            build_id(detail).ok_or(Malformed::BuildId)?;
        }
        Ok(images)
    }

    /// Which message it is.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// How many images there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len() / ENTRY
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The images, in the order in which the loader has them.
    pub fn iter(&self) -> impl Iterator<Item = Image<'a>> + use<'a> {
        let strings = self.strings;
        self.records()
            .filter_map(move |(entry, detail)| image(entry, detail, strings))
    }

    fn records(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        self.entries
            .chunks_exact(ENTRY)
            .zip(self.details.chunks_exact(DETAIL))
    }
}

/// What begins at an offset that counts from the Mach header.
fn from(body: &[u8], offset: u32) -> Option<&[u8]> {
    let at = (offset as usize).checked_sub(HEADER)?;
    // Nothing lies in the fields.
    (at >= FIELDS).then(|| body.get(at..))?
}

fn part(body: &[u8], offset: u32, count: usize, each: usize) -> Option<&[u8]> {
    from(body, offset)?.get(..count.checked_mul(each)?)
}

fn path<'a>(entry: &[u8], strings: &'a [u8]) -> Option<&'a [u8]> {
    let at = u32_at(entry, ENTRY_PATH)? as usize;
    let len = u32_at(entry, ENTRY_PATH_LEN)? as usize;
    strings.get(at..)?.get(..len)
}

fn build_id(detail: &[u8]) -> Option<&[u8]> {
    let len = u32_at(detail, DETAIL_BUILD_ID_LEN)? as usize;
    let field = detail.get(DETAIL_BUILD_ID..)?.get(..BUILD_ID)?;
    field.get(..len)
}

fn image<'a>(entry: &[u8], detail: &'a [u8], strings: &'a [u8]) -> Option<Image<'a>> {
    Some(Image {
        load_address: u64_at(entry, ENTRY_LOAD_ADDRESS)?,
        uuid: *entry.get(ENTRY_UUID..)?.first_chunk()?,
        path: path(entry, strings)?,
        bias: u64_at(detail, DETAIL_BIAS)?,
        size: u64_at(detail, DETAIL_SIZE)?,
        namespace: u32_at(detail, DETAIL_NAMESPACE)?,
        flags: ImageFlags(u32_at(detail, DETAIL_FLAGS)?),
        build_id: build_id(detail)?,
    })
}
