//! Looks at single mappings of this process, which cost little however many there are.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::ops::Range;
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::sys::stat::makedev;

use super::maps::{self, Region};
use super::memory::FileId;
use crate::headers::vm_prot::{VM_PROT_EXECUTE, VM_PROT_READ, VM_PROT_WRITE};

/// `/proc/self/maps`, held open: it goes on telling when this process no longer sees `/proc`.
#[derive(Debug)]
pub(crate) struct Look(File);

/// `struct procmap_query` of `linux/fs.h`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
struct Query {
    size: u64,
    query_flags: u64,
    query_addr: u64,
    vma_start: u64,
    vma_end: u64,
    vma_flags: u64,
    vma_page_size: u64,
    vma_offset: u64,
    inode: u64,
    dev_major: u32,
    dev_minor: u32,
    vma_name_size: u32,
    build_id_size: u32,
    vma_name_addr: u64,
    build_id_addr: u64,
}

const PROCMAP_QUERY: libc::Ioctl = libc::_IOWR::<Query>(b'f' as u32, 17);

/// Bits of `vma_flags`, the first three in the order of a line's letters.
const PROTECTIONS: [(u64, i32); 3] = [(1, VM_PROT_READ), (2, VM_PROT_WRITE), (4, VM_PROT_EXECUTE)];
const SHARED: u64 = 8;

impl Look {
    pub(crate) fn new() -> io::Result<Self> {
        File::open("/proc/self/maps").map(Self)
    }

    /// All that is mapped, in ascending order.
    pub(crate) fn all(&self) -> io::Result<Vec<Region>> {
        let mut text = String::new();
        let mut file = &self.0;
        file.rewind()?;
        file.read_to_string(&mut text)?;
        Ok(maps::all(&text))
    }

    /// Whether a range shows a file from `offset` on, shared and readable, and nothing else.
    pub(crate) fn shows(&self, range: &Range<usize>, file: FileId, offset: u64) -> bool {
        let mut at = range.start;
        while at < range.end {
            let Ok(Some(region)) = self.at(at) else {
                return false;
            };
            // Wherever the mapping begins, the file's beginning would be at the same place.
            let fits = (region.range.start as u64).wrapping_sub(region.offset)
                == (range.start as u64).wrapping_sub(offset);
            let readable = region.protection & VM_PROT_READ != 0;
            if !region.shared || region.file != file || !fits || !readable {
                return false;
            }
            at = region.range.end;
        }
        true
    }

    /// What is mapped at an address. Before Linux 6.11 that takes a look at everything.
    fn at(&self, address: usize) -> io::Result<Option<Region>> {
        match self.query(address) {
            Ok(region) => Ok(Some(region)),
            Err(Errno::ENOENT) => Ok(None),
            Err(_) => {
                let mut all = self.all()?.into_iter();
                Ok(all.find(|region| region.range.contains(&address)))
            }
        }
    }

    fn query(&self, address: usize) -> Result<Region, Errno> {
        let mut query = Query {
            size: size_of::<Query>() as u64,
            query_addr: address as u64,
            ..Query::default()
        };
        // SAFETY: the kernel writes no further than `size` says, and nothing of names, whose sizes are 0.
        let done = unsafe { libc::ioctl(self.0.as_raw_fd(), PROCMAP_QUERY, &raw mut query) };
        Errno::result(done)?;
        let protection = PROTECTIONS
            .into_iter()
            .filter(|(flag, _)| query.vma_flags & flag != 0)
            .fold(0, |all, (_, bit)| all | bit);
        Ok(Region {
            range: query.vma_start as usize..query.vma_end as usize,
            protection,
            shared: query.vma_flags & SHARED != 0,
            file: FileId {
                device: makedev(u64::from(query.dev_major), u64::from(query.dev_minor)),
                inode: query.inode,
            },
            offset: query.vma_offset,
            vital: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::mapping::{self, Backing, Place};
    use super::super::memory;
    use super::*;
    use nix::sys::mman::ProtFlags;

    const ANYWHERE: Place = Place::Anywhere { mask: 0 };

    #[test]
    fn one_address_is_told_as_the_list_of_all_tells_it() {
        let page = memory::page_size();
        let fd = memory::shareable(3 * page as u64).unwrap();
        let rw = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: a new mapping, given back at the end.
        unsafe {
            let at = mapping::map(ANYWHERE, 2 * page, rw, Backing::Shared(&fd, page as u64));
            let at = at.unwrap();
            let look = Look::new().unwrap();
            let listed = look.all().unwrap();
            let listed = listed.iter().find(|region| region.range.contains(&at));
            let told = look.at(at + page).unwrap().unwrap();
            assert_eq!(Some(&told), listed);
            assert_eq!(told.file, memory::FileId::of(&fd).unwrap());
            memory::unmap(at, 2 * page).unwrap();
            assert!(look.at(8).unwrap().is_none());
        }
    }

    #[test]
    fn only_the_same_part_of_the_same_file_counts() {
        let page = memory::page_size();
        let [fd, other] = [(); 2].map(|()| memory::shareable(3 * page as u64).unwrap());
        let id = memory::FileId::of(&fd).unwrap();
        let rw = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        let look = Look::new().unwrap();
        // SAFETY: new mappings, of which nobody uses anything, given back at the end.
        unsafe {
            let at = mapping::map(ANYWHERE, 3 * page, rw, Backing::Shared(&fd, 0)).unwrap();
            let (all, last) = (at..at + 3 * page, at + 2 * page..at + 3 * page);
            assert!(look.shows(&all, id, 0) && look.shows(&last, id, 2 * page as u64));
            assert!(!look.shows(&last, id, page as u64));
            assert!(!look.shows(&all, memory::FileId::of(&other).unwrap(), 0));
            mapping::protect(last.clone(), ProtFlags::PROT_READ).unwrap();
            assert!(look.shows(&all, id, 0), "in two parts");
            mapping::protect(last.clone(), ProtFlags::PROT_NONE).unwrap();
            assert!(!look.shows(&all, id, 0), "which cannot be read");
            let over = Place::Over(last.start);
            mapping::map(over, page, rw, Backing::Copy(&fd, 2 * page as u64)).unwrap();
            assert!(!look.shows(&all, id, 0), "a copy");
            memory::unmap(last.start, page).unwrap();
            assert!(!look.shows(&all, id, 0), "nothing");
            memory::unmap(at, 2 * page).unwrap();
        }
    }
}
