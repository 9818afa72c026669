//! What is to be said of an image: from the loader's map of it, and from its own headers, which are looked at only after the
//! kernel has said that they can be read.

use core::ffi::{CStr, c_char, c_long};
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

use image_protocol::{Image, ImageFlags};

use crate::stack::Known;
use crate::sys::probe;

/// The public part of glibc's `struct link_map`.
#[repr(C)]
pub(crate) struct LinkMap {
    addr: usize,
    name: *const c_char,
    dynamic: *const Dynamic,
    next: *const Self,
    prev: *const Self,
}

#[repr(C)]
struct Dynamic {
    tag: usize,
    value: usize,
}

const DT_NULL: usize = 0;
/// What has the addresses of what stands near the front of an image: the tables of hashes, strings, symbols, versions.
const NEAR_FRONT: [usize; 5] = [4, 5, 6, 0x6fff_fef5, 0x6fff_fff0];
/// A dynamic section has fewer entries.
const MOST_ENTRIES: usize = 512;

/// How far before these the ELF header is looked for, in pages.
const MOST_PAGES: usize = 4096;

#[derive(Clone, Copy)]
#[repr(C)]
struct Header {
    ident: [u8; 16],
    kind: u16,
    machine: u16,
    version: u32,
    entry: usize,
    program_headers: usize,
    section_headers: usize,
    flags: u32,
    size: u16,
    program_header_size: u16,
    program_header_count: u16,
    rest: [u16; 3],
}

#[derive(Clone, Copy)]
#[repr(C)]
struct ProgramHeader {
    kind: u32,
    flags: u32,
    offset: usize,
    address: usize,
    physical: usize,
    in_file: usize,
    in_memory: usize,
    alignment: usize,
}

const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;
const PT_NOTE: u32 = 4;

/// The number of namespaces that glibc has, and what the address of a map is a multiple of that it has allocated.
const NAMESPACES: usize = 16;

/// The one map that it has not allocated, if that lies elsewhere: the loader's own, in the first namespace.
static ODD_MAP: AtomicUsize = AtomicUsize::new(0);

/// One of the loader's maps.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Mapped {
    map: *const LinkMap,
    namespace: u32,
}

// SAFETY: the maps are read by whoever is in a call of the loader's about them.
unsafe impl Send for Mapped {}

impl Mapped {
    pub(crate) const NONE: Self = Self {
        map: ptr::null(),
        namespace: 0,
    };

    /// Notes the namespace in the cookie, which holds the map's address at first: it is added to that.
    ///
    /// # Safety
    /// `map` is the loader's and `cookie` the map's.
    pub(crate) unsafe fn opened(
        map: *const LinkMap,
        namespace: c_long,
        cookie: *mut usize,
    ) -> Self {
        let address = map as usize;
        let namespace = if address.is_multiple_of(NAMESPACES) {
            namespace as usize % NAMESPACES
        } else {
            ODD_MAP.store(address, Ordering::Relaxed);
            0
        };
        // SAFETY: the caller's promise.
        unsafe { *cookie = address.wrapping_add(namespace) };
        Self {
            map,
            namespace: namespace as u32,
        }
    }

    /// # Safety
    /// `cookie` is that of a map, which the loader still has.
    pub(crate) unsafe fn closed(cookie: *const usize) -> Self {
        // SAFETY: the caller's promise.
        let value = unsafe { *cookie };
        let namespace = if value == ODD_MAP.load(Ordering::Relaxed) {
            0
        } else {
            value % NAMESPACES
        };
        Self {
            map: value.wrapping_sub(namespace) as *const LinkMap,
            namespace: namespace as u32,
        }
    }

    fn map(&self) -> &LinkMap {
        // SAFETY: one that was made by `opened` or `closed` is used only while the loader has it.
        unsafe { &*self.map }
    }

    /// Whether it is the first of the first namespace.
    pub(crate) fn is_program(&self) -> bool {
        self.namespace == 0 && self.map().prev.is_null()
    }

    /// Whether it is the loader, of which each namespace has a map. Only the first one's is ever opened.
    pub(crate) fn is_loader(&self, known: &Known) -> bool {
        known.loader != 0 && self.map().addr == known.loader
    }

    /// What is said of it. `program` is the path of the program, which the loader does not know.
    pub(crate) fn image<'a>(&self, known: &Known, program: &'a [u8]) -> Image<'a> {
        let map = self.map();
        let name: &'a [u8] = if map.name.is_null() {
            b""
        } else {
            // SAFETY: the loader's name of an image is a string, and lives as long as the image.
            unsafe { CStr::from_ptr(map.name) }.to_bytes()
        };
        let is_program = self.is_program();
        let mut flags = 0;
        if is_program {
            flags |= ImageFlags::PROGRAM.0;
        }
        if self.is_loader(known) {
            flags |= ImageFlags::LOADER.0;
        }
        let image = Image {
            load_address: map.addr as u64,
            path: if is_program && name.is_empty() {
                program
            } else {
                name
            },
            bias: map.addr as u64,
            namespace: self.namespace,
            flags: ImageFlags(flags),
            ..Image::default()
        };
        let headers = is_program
            .then(|| Headers::of_program(map, known))
            .flatten();
        match headers.or_else(|| Headers::find(map, known)) {
            Some(headers) => headers.describe(map, known, image),
            None => image,
        }
    }
}

/// An image's program headers, which have been read once.
struct Headers {
    first: *const ProgramHeader,
    count: usize,
}

impl Headers {
    fn of_program(map: &LinkMap, known: &Known) -> Option<Self> {
        Self::sound(known.program_headers, known.program_header_count, map)
    }

    /// Looks for the ELF header: where the image begins if its file counts addresses from 0, and else on the pages before what
    /// the dynamic section says to be near the front.
    fn find(map: &LinkMap, known: &Known) -> Option<Self> {
        if let Some(headers) = Self::at(map.addr, map) {
            return Some(headers);
        }
        let mut page = front(map)? & !known.page.wrapping_sub(1);
        for _ in 0..MOST_PAGES {
            if let Some(headers) = Self::at(page, map) {
                return Some(headers);
            }
            page = page.checked_sub(known.page)?;
        }
        None
    }

    fn at(address: usize, map: &LinkMap) -> Option<Self> {
        let header: Header = probe::read(address)?;
        if !header.ident.starts_with(b"\x7fELF")
            || usize::from(header.program_header_size) != size_of::<ProgramHeader>()
        {
            return None;
        }
        let first = address.checked_add(header.program_headers)?;
        Self::sound(first, usize::from(header.program_header_count), map)
    }

    /// They can be read, and are this map's: the dynamic section is where it says.
    fn sound(first: usize, count: usize, map: &LinkMap) -> Option<Self> {
        let len = count.checked_mul(size_of::<ProgramHeader>())?;
        if !first.is_multiple_of(align_of::<ProgramHeader>()) || !probe::is_readable(first, len) {
            return None;
        }
        let headers = Self {
            first: first as *const ProgramHeader,
            count,
        };
        let is_its_own = headers.iter().any(|header| {
            header.kind == PT_DYNAMIC
                && map.addr.wrapping_add(header.address) == map.dynamic as usize
        });
        is_its_own.then_some(headers)
    }

    fn iter(&self) -> impl Iterator<Item = ProgramHeader> + '_ {
        // SAFETY: `sound` has seen that all can be read. The loader's lock keeps them mapped.
        (0..self.count).map(|index| unsafe { self.first.add(index).read() })
    }

    fn describe<'a>(&self, map: &LinkMap, known: &Known, mut image: Image<'a>) -> Image<'a> {
        let (mut low, mut high) = (usize::MAX, 0);
        for header in self.iter().filter(|header| header.kind == PT_LOAD) {
            low = low.min(header.address & !known.page.wrapping_sub(1));
            high = high.max(header.address.wrapping_add(header.in_memory));
        }
        if low < high {
            image.load_address = map.addr.wrapping_add(low) as u64;
            image.size = high.wrapping_sub(low) as u64;
        }
        let mut notes = self.iter().filter(|header| header.kind == PT_NOTE);
        match notes.find_map(|header| build_id(map.addr.wrapping_add(header.address), &header)) {
            Some(id) => image.with_build_id(id),
            None => image,
        }
    }
}

/// The lowest of the addresses that the dynamic section has of what stands near the front.
fn front(map: &LinkMap) -> Option<usize> {
    let mut lowest = None;
    for index in 0..MOST_ENTRIES {
        // SAFETY: the loader has read the section, up to its last entry.
        let entry = unsafe { &*map.dynamic.add(index) };
        if entry.tag == DT_NULL {
            break;
        }
        if NEAR_FRONT.contains(&entry.tag) {
            // The loader adds the bias to these, but not where the section cannot be written.
            let address = if entry.value < map.addr {
                entry.value.wrapping_add(map.addr)
            } else {
                entry.value
            };
            lowest = Some(lowest.map_or(address, |lowest: usize| lowest.min(address)));
        }
    }
    lowest
}

/// The build id in a segment of notes.
fn build_id<'a>(address: usize, header: &ProgramHeader) -> Option<&'a [u8]> {
    const HEAD: usize = 12;
    const NT_GNU_BUILD_ID: u32 = 3;
    // Notes are short. One that is not, nobody needs.
    let len = header.in_memory.min(4096);
    if !probe::is_readable(address, len) {
        return None;
    }
    // SAFETY: it can be read. The loader's lock keeps it mapped, and the segment is not written.
    let mut rest = unsafe { core::slice::from_raw_parts(address as *const u8, len) };
    let padded = |len: usize| len.checked_next_multiple_of(header.alignment.clamp(4, 8));
    loop {
        let word = |at: usize| {
            let bytes = rest.get(at..)?.first_chunk()?;
            Some(u32::from_ne_bytes(*bytes))
        };
        let (name_len, id_len) = (word(0)? as usize, word(4)? as usize);
        let name = rest.get(HEAD..)?.get(..name_len)?;
        let after_name = padded(HEAD.checked_add(name_len)?)?;
        let id = rest.get(after_name..)?.get(..id_len)?;
        if name == b"GNU\0" && word(8)? == NT_GNU_BUILD_ID {
            return Some(id);
        }
        rest = rest.get(padded(after_name.checked_add(id_len)?)?..)?;
    }
}
