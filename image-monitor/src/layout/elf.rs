//! The headers of ELF.

use object::Endianness;
use object::elf::{self, FileHeader32, FileHeader64};
use object::read::ReadRef;
use object::read::elf::{FileHeader, NoteIterator, ProgramHeader};

use crate::BuildId;
use crate::layout::{Headers, Layout, MAX_SEGMENTS, Segment};

/// Notes that are longer are not those of a linker.
const MAX_NOTES: u64 = 64 * 1024;

/// Linkers make two or three.
const MAX_NOTE_SEGMENTS: usize = 16;

/// What is read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    /// A file: offsets are those that the headers have.
    File,
    /// Memory from the image's first byte on: offsets are those of addresses from the lowest.
    Memory,
}

/// The headers of an image of either class; `None` if they are not ELF's or not whole.
pub(crate) fn headers<'data, R: ReadRef<'data>>(data: R, place: Place) -> Option<Headers> {
    if let Ok(header) = FileHeader64::<Endianness>::parse(data) {
        return read(header, data, place);
    }
    read(FileHeader32::<Endianness>::parse(data).ok()?, data, place)
}

fn read<'data, E, R>(header: &'data E, data: R, place: Place) -> Option<Headers>
where
    E: FileHeader<Endian = Endianness>,
    R: ReadRef<'data>,
{
    let endian = header.endian().ok()?;
    if usize::from(header.e_phnum(endian)) > MAX_SEGMENTS {
        return None;
    }
    let programs = header.program_headers(endian, data).ok()?;
    let segments = programs
        .iter()
        .filter(|program| program.p_type(endian) == elf::PT_LOAD)
        .map(|program| segment(program, endian))
        .collect();
    let lowest = programs
        .iter()
        .filter(|program| program.p_type(endian) == elf::PT_LOAD)
        .map(|program| page(program.p_vaddr(endian).into()))
        .min()?;
    let build_id = programs
        .iter()
        .filter(|program| program.p_type(endian) == elf::PT_NOTE)
        .take(MAX_NOTE_SEGMENTS)
        .find_map(|program| build_id::<E, R>(program, endian, data, place, lowest));
    Some(Headers {
        lowest,
        layout: Layout::new(segments)?,
        build_id,
    })
}

/// The loader maps whole pages: 4 KiB, the least that a linker aligns to, are what the load address is reckoned by.
fn page(address: u64) -> u64 {
    address & !0xfff
}

fn segment<P: ProgramHeader>(program: &P, endian: P::Endian) -> Segment {
    let (address, offset) = (
        program.p_vaddr(endian).into(),
        program.p_offset(endian).into(),
    );
    let start = page(address);
    let before = address.saturating_sub(start);
    Segment {
        start,
        size: before.saturating_add(program.p_memsz(endian).into()),
        file_offset: offset.saturating_sub(before),
        file_size: before.saturating_add(program.p_filesz(endian).into()),
    }
}

fn build_id<'data, E, R>(
    program: &E::ProgramHeader,
    endian: E::Endian,
    data: R,
    place: Place,
    lowest: u64,
) -> Option<BuildId>
where
    E: FileHeader,
    R: ReadRef<'data>,
{
    let size = program.p_filesz(endian).into();
    let offset = match place {
        Place::File => program.p_offset(endian).into(),
        Place::Memory => program.p_vaddr(endian).into().checked_sub(lowest)?,
    };
    if size > MAX_NOTES {
        return None;
    }
    let bytes = data.read_bytes_at(offset, size).ok()?;
    let mut notes = NoteIterator::<E>::new(endian, program.p_align(endian), bytes).ok()?;
    while let Ok(Some(note)) = notes.next() {
        if note.name() == elf::ELF_NOTE_GNU && note.n_type(endian) == elf::NT_GNU_BUILD_ID {
            return BuildId::new(note.desc());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_headers_are_refused() {
        for bytes in [&b""[..], b"#!/bin/sh\n", b"\x7fELF", &[0x7f; 64]] {
            assert_eq!(headers(bytes, Place::File), None);
        }
    }

    /// Every prefix of a real header, and every byte of it replaced: an answer or none, no panic.
    #[test]
    #[cfg(target_os = "linux")]
    fn damaged_headers_do_no_harm() {
        let file = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let whole = &file[..4096];
        for length in 0..1200 {
            let _ = headers(&whole[..length], Place::File);
        }
        for at in 0..1200 {
            for value in [0, 0x7f, 0xff] {
                let mut bytes = whole.to_vec();
                bytes[at] = value;
                let _ = headers(&bytes[..], Place::File);
                let _ = headers(&bytes[..], Place::Memory);
            }
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_program_is_the_same_in_its_file_and_in_memory() {
        let file = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let in_file = headers(&file[..], Place::File).unwrap();
        // Its first segment begins with the file, so that much of it is what memory has.
        let in_memory = headers(&file[..], Place::Memory).unwrap();
        assert_eq!(in_file, in_memory);
        assert_eq!(in_file.layout.file_offset(0), Some(0));
        assert!(in_file.build_id.is_some());
    }
}
