//! The headers of Mach-O, alone or in a universal file.

use object::macho::{self, FatHeader, MachHeader64};
use object::read::ReadRef;
use object::read::macho::{FatArch, MachHeader, MachOFatFile32, Segment as _};
use object::{BigEndian, Endianness};

use crate::BuildId;
use crate::layout::{Headers, Layout, MAX_SEGMENTS, Segment};

/// The processor that this code is for is the one that children run on.
const PROCESSOR: macho::CpuType = if cfg!(target_arch = "aarch64") {
    macho::CPU_TYPE_ARM64
} else {
    macho::CPU_TYPE_X86_64
};

/// Longer load commands are not a linker's, and would be read into memory.
const MAX_COMMANDS: u32 = 1 << 20;

/// More than there are processors.
const MAX_PROCESSORS: u32 = 64;

/// The headers of a 64-bit image; `None` if there are none, or not whole.
pub(crate) fn headers<'data, R: ReadRef<'data>>(data: R) -> Option<Headers> {
    let offset = start(data)?;
    let header = MachHeader64::<Endianness>::parse(data, offset).ok()?;
    let endian = header.endian().ok()?;
    if header.sizeofcmds(endian) > MAX_COMMANDS {
        return None;
    }
    let mut commands = header.load_commands(endian, data, offset).ok()?;
    let (mut segments, mut build_id) = (Vec::new(), None);
    while let Ok(Some(command)) = commands.next() {
        if let Ok(Some((segment, _))) = command.segment_64() {
            // What is never accessible, such as page zero, is no part of the image.
            if segment.initprot.get(endian).0 != 0 && segments.len() < MAX_SEGMENTS {
                segments.push(Segment {
                    start: segment.vmaddr(endian),
                    size: segment.vmsize(endian),
                    file_offset: segment.fileoff(endian).saturating_add(offset),
                    file_size: segment.filesize(endian),
                });
            }
        } else if let Ok(Some(uuid)) = command.uuid() {
            build_id = BuildId::new(&uuid.uuid);
        }
    }
    Some(Headers {
        lowest: segments
            .iter()
            .map(|segment: &Segment| segment.start)
            .min()?,
        layout: Layout::new(segments)?,
        build_id,
    })
}

/// Where in the file the image for this processor begins.
fn start<'data, R: ReadRef<'data>>(data: R) -> Option<u64> {
    let header = data.read_at::<FatHeader>(0).ok()?;
    if header.magic.get(BigEndian) != macho::FAT_MAGIC {
        return Some(0);
    }
    if header.nfat_arch.get(BigEndian) > MAX_PROCESSORS {
        return None;
    }
    MachOFatFile32::parse(data)
        .ok()?
        .arches()
        .iter()
        .find(|arch| arch.cputype() == PROCESSOR)
        .map(|arch| arch.offset().into())
}

#[cfg(test)]
mod tests {
    use object::macho::{SegmentCommand64, UuidCommand};
    use object::pod::bytes_of;
    use object::{U32, U64};

    use super::*;

    const LE: Endianness = Endianness::Little;

    fn name(text: &[u8]) -> [u8; 16] {
        let mut name = [0; 16];
        name[..text.len()].copy_from_slice(text);
        name
    }

    fn segment(
        text: &[u8],
        at: [u64; 4],
        protection: macho::VmProt,
    ) -> SegmentCommand64<Endianness> {
        SegmentCommand64 {
            cmd: U32::new(LE, macho::LC_SEGMENT_64),
            cmdsize: U32::new(LE, size_of::<SegmentCommand64<Endianness>>() as u32),
            segname: name(text),
            vmaddr: U64::new(LE, at[0]),
            vmsize: U64::new(LE, at[1]),
            fileoff: U64::new(LE, at[2]),
            filesize: U64::new(LE, at[3]),
            maxprot: U32::new(LE, protection),
            initprot: U32::new(LE, protection),
            nsects: U32::new(LE, 0),
            flags: U32::new(LE, macho::SegmentFlags(0)),
        }
    }

    /// A program as the linker makes them: page zero, text, data with zeros behind, a UUID.
    fn program() -> Vec<u8> {
        let readable = macho::VM_PROT_READ;
        let mut commands = Vec::new();
        for command in [
            segment(b"__PAGEZERO", [0, 0x1_0000_0000, 0, 0], macho::VmProt(0)),
            segment(b"__TEXT", [0x1_0000_0000, 0x4000, 0, 0x4000], readable),
            segment(b"__DATA", [0x1_0000_4000, 0x8000, 0x4000, 0x4000], readable),
        ] {
            commands.extend_from_slice(bytes_of(&command));
        }
        commands.extend_from_slice(bytes_of(&UuidCommand {
            cmd: U32::new(LE, macho::LC_UUID),
            cmdsize: U32::new(LE, size_of::<UuidCommand<Endianness>>() as u32),
            uuid: *b"sixteen bytes it",
        }));
        let header = MachHeader64 {
            magic: U32::new(BigEndian, macho::MH_MAGIC_64.swap_bytes()),
            cputype: U32::new(LE, PROCESSOR),
            cpusubtype: U32::new(LE, macho::CpuSubtype(0)),
            filetype: U32::new(LE, macho::MH_EXECUTE),
            ncmds: U32::new(LE, 4),
            sizeofcmds: U32::new(LE, commands.len() as u32),
            flags: U32::new(LE, macho::FileFlags(0)),
            reserved: U32::new(LE, 0),
        };
        [bytes_of(&header), &commands].concat()
    }

    #[test]
    fn a_program_begins_with_its_text() {
        let headers = headers(&program()[..]).unwrap();
        assert_eq!(headers.build_id, BuildId::new(b"sixteen bytes it"));
        assert_eq!(headers.layout.size(), 0xc000);
        assert_eq!(headers.layout.file_offset(0x4010), Some(0x4010));
        assert_eq!(headers.layout.file_offset(0x8000), None);
    }

    #[test]
    fn of_a_universal_file_this_processors_part_is_read() {
        let word = |number: u32| number.to_be_bytes();
        let mut file = Vec::new();
        for number in [
            macho::FAT_MAGIC,
            2,
            7,
            3,
            0,
            0,
            0,
            PROCESSOR.0,
            0,
            0x1000,
            0,
            0,
        ] {
            file.extend_from_slice(&word(number));
        }
        file.resize(0x1000, 0);
        file.extend_from_slice(&program());
        let headers = headers(&file[..]).unwrap();
        assert_eq!(headers.layout.file_offset(0x10), Some(0x1010));
    }

    #[test]
    fn damaged_headers_do_no_harm() {
        let whole = program();
        for at in 0..whole.len() {
            let _ = headers(&whole[..at]);
            for value in [0, 0x7f, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                let _ = headers(&bytes[..]);
            }
        }
    }
}
