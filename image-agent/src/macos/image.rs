//! What an image's Mach header says.

use std::ffi::{CStr, c_void};
use std::mem::MaybeUninit;
use std::slice;

use image_protocol::{Image, ImageFlags};

/// `mach_header_64`: magic, two words of the processor, file type, number and bytes of the load commands, flags, a reserved word.
const HEADER: usize = 32;
const FILE_TYPE: usize = 12;
const COMMANDS_LEN: usize = 20;
const MH_EXECUTE: u32 = 2;

const LC_SEGMENT_64: u32 = 0x19;
const LC_UUID: u32 = 0x1b;

/// An image that dyld has told of.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Header {
    address: usize,
    slide: isize,
}

impl Header {
    /// # Safety
    /// dyld has mapped an image there, which stays as long as this is used.
    pub(super) unsafe fn new(header: *const c_void, slide: isize) -> Self {
        Self {
            address: header as usize,
            slide,
        }
    }

    /// What is said of it.
    pub(super) fn image(&self) -> Image<'_> {
        let mut image = Image {
            load_address: self.address as u64,
            path: self.path(),
            bias: self.slide as u64,
            ..Image::default()
        };
        // SAFETY: `new`'s promise: an image begins with its header.
        let header = unsafe { slice::from_raw_parts(self.address as *const u8, HEADER) };
        if word(header, FILE_TYPE) == Some(MH_EXECUTE) {
            image.flags = ImageFlags::PROGRAM;
        }
        let len = word(header, COMMANDS_LEN).unwrap_or(0) as usize;
        // SAFETY: the load commands follow the header, and as long as it says.
        let commands =
            unsafe { slice::from_raw_parts((self.address as *const u8).wrapping_add(HEADER), len) };
        describe(commands, &mut image);
        image
    }

    fn path(&self) -> &[u8] {
        let mut found = MaybeUninit::<libc::Dl_info>::uninit();
        // SAFETY: room for what is written; any address may be asked for.
        let known = unsafe { libc::dladdr(self.address as *const c_void, found.as_mut_ptr()) };
        if known == 0 {
            return b"";
        }
        // SAFETY: it was written, for the call was successful.
        let name = unsafe { found.assume_init() }.dli_fname;
        if name.is_null() {
            return b"";
        }
        // SAFETY: dyld's string, which lives as long as the image.
        unsafe { CStr::from_ptr(name) }.to_bytes()
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Reads UUID and size from load commands.
fn describe(mut commands: &[u8], image: &mut Image<'_>) {
    let (mut low, mut high) = (u64::MAX, 0);
    while let (Some(kind), Some(len)) = (word(commands, 0), word(commands, 4)) {
        let Some((command, rest)) = commands.split_at_checked(len as usize).filter(|_| len >= 8)
        else {
            break;
        };
        match kind {
            LC_UUID => {
                if let Some(uuid) = command.get(8..).and_then(<[u8]>::first_chunk) {
                    image.uuid = *uuid;
                }
            }
            LC_SEGMENT_64 => {
                // Behind the name: address and size, where it is in the file and how many bytes it has there, what may be done with it
                // at most. Nothing may be done with the page at 0, and what all of the system's libraries share for linking is
                // no part of any.
                if let (Some(address), Some(size), Some(protection)) =
                    (long(command, 24), long(command, 32), word(command, 56))
                    && protection != 0
                    && command
                        .get(8..)
                        .is_some_and(|name| !name.starts_with(b"__LINKEDIT"))
                {
                    low = low.min(address);
                    high = high.max(address.saturating_add(size));
                }
            }
            _ => {}
        }
        commands = rest;
    }
    image.size = high.saturating_sub(low);
}
