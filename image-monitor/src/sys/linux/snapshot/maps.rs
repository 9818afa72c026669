//! What is mapped where, as the kernel lists it.

use std::fs;
use std::io;

/// Mappings of files, by ascending address.
pub(super) struct Maps(Vec<Mapping>);

struct Mapping {
    start: u64,
    end: u64,
    offset: u64,
    /// Device and inode.
    file: String,
}

impl Maps {
    pub(super) fn of(pid: i32) -> io::Result<Self> {
        let text = fs::read(format!("/proc/{pid}/maps"))?;
        Ok(Self::parse(&String::from_utf8_lossy(&text)))
    }

    fn parse(text: &str) -> Self {
        Self(text.lines().filter_map(Mapping::parse).collect())
    }

    /// Where the image that has this address may begin, the likeliest first: where its file's beginning is mapped, or the
    /// lowest part of it.
    pub(super) fn beginnings(&self, address: u64) -> impl Iterator<Item = u64> {
        let holds = |mapping: &Mapping| (mapping.start..mapping.end).contains(&address);
        let below = self
            .0
            .iter()
            .rposition(holds)
            .map_or(&[][..], |last| &self.0[..=last]);
        let file = below.last().map(|mapping| &mapping.file);
        let same = below
            .iter()
            .rev()
            .filter(move |mapping| Some(&mapping.file) == file);
        same.map(|mapping| (mapping.offset, mapping.start))
            .filter(|(offset, _)| *offset == 0)
            .map(|(_, start)| start)
    }
}

impl Mapping {
    /// `start-end rwxp offset device inode path`.
    fn parse(line: &str) -> Option<Self> {
        let hexadecimal = |text: &str| u64::from_str_radix(text, 16).ok();
        let mut fields = line.split_ascii_whitespace();
        let (start, end) = fields.next()?.split_once('-')?;
        let offset = fields.nth(1)?;
        let (device, inode) = (fields.next()?, fields.next()?);
        Some(Self {
            start: hexadecimal(start)?,
            end: hexadecimal(end)?,
            offset: hexadecimal(offset)?,
            file: format!("{device} {inode}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
00400000-00401000 r--p 00000000 fe:00 11 /bin/tool
00401000-00409000 r-xp 00001000 fe:00 11 /bin/tool
00409000-0040b000 rw-p 00009000 fe:00 11 /bin/tool
7f0000000000-7f0000001000 r--p 00000000 fe:00 22 /lib/x (deleted)
7f0000001000-7f0000003000 rw-p 00000000 00:00 0 
7f0000003000-7f0000004000 rw-p 00001000 fe:00 22 /lib/x (deleted)
7f0000008000-7f0000009000 r--p 00000000 fe:00 22 /lib/x (deleted)
7f0000009000-7f000000a000 rw-p 00001000 fe:00 22 /lib/x (deleted)
garbage
";

    #[test]
    fn the_nearest_beginning_of_the_same_file_comes_first() {
        let maps = Maps::parse(TEXT);
        let beginnings = |address| maps.beginnings(address).collect::<Vec<_>>();
        assert_eq!(beginnings(0x40_9010), [0x40_0000]);
        assert_eq!(beginnings(0x7f00_0000_3010), [0x7f00_0000_0000]);
        assert_eq!(
            beginnings(0x7f00_0000_9010),
            [0x7f00_0000_8000, 0x7f00_0000_0000]
        );
        assert_eq!(beginnings(0x10), []);
    }
}
