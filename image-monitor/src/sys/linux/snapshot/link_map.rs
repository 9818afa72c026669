//! The loader's lists: one for each namespace.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use zerocopy::{FromBytes, IntoBytes};

use crate::ImageKind;
use crate::list::MAX_IMAGES;
use crate::sys::linux::memory::Memory;
use crate::sys::linux::snapshot::Trouble;

const MAX_PATH: usize = 4096;
const MAX_NAMESPACES: u32 = 16;
const RT_CONSISTENT: u32 = 0;

/// The head of a list, `r_debug_extended` in C.
#[derive(FromBytes, IntoBytes, Clone, Copy)]
#[repr(C)]
struct Head {
    version: u32,
    _padding: u32,
    first: u64,
    _breakpoint: u64,
    state: u32,
    _padding_2: u32,
    loader: u64,
}

/// An entry of it, the public part of `link_map`.
#[derive(FromBytes, IntoBytes, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub(super) struct LinkMap {
    /// What was added to the addresses that it was linked to.
    pub(super) bias: u64,
    name: u64,
    /// Its dynamic section.
    pub(super) dynamic: u64,
    next: u64,
    previous: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) entry: LinkMap,
    /// Empty for the program.
    pub(super) path: PathBuf,
    pub(super) kind: ImageKind,
    pub(super) namespace: u32,
}

/// All images of all namespaces, the program first.
pub(super) fn walk(memory: Memory, start: u64) -> Result<Vec<Found>, Trouble> {
    let mut all: Vec<Found> = Vec::new();
    let mut head_at = start;
    for namespace in 0..MAX_NAMESPACES {
        let head: Head = memory.value(head_at)?;
        if head.version == 0 || head.first == 0 && head_at == start || head.state != RT_CONSISTENT {
            return Err(Trouble::Changing);
        }
        let mut at = head.first;
        while at != 0 {
            if all.len() >= MAX_IMAGES {
                return Err(Trouble::Changing);
            }
            let entry: LinkMap = memory.value(at)?;
            // Further namespaces share the loader itself with the first.
            if all.iter().all(|found| found.entry.dynamic != entry.dynamic) {
                let path = OsString::from_vec(memory.string(entry.name, MAX_PATH)?).into();
                let kind = kind(all.is_empty(), &entry, head.loader);
                all.push(Found {
                    entry,
                    path,
                    kind,
                    namespace,
                });
            }
            at = entry.next;
        }
        // The second version of the list goes on behind the first one's end.
        if head.version < 2 {
            break;
        }
        head_at = memory.value(head_at.wrapping_add(size_of::<Head>() as u64))?;
        if head_at == 0 {
            break;
        }
    }
    Ok(all)
}

fn kind(is_first: bool, entry: &LinkMap, loader: u64) -> ImageKind {
    if is_first {
        ImageKind::Program
    } else if entry.bias == loader {
        ImageKind::Loader
    } else {
        ImageKind::Library
    }
}
