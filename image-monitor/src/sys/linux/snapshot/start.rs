//! From the kernel's auxiliary vector to the loader's list.

use std::fs;

use object::elf::{self, FileHeader64, ProgramHeader64};
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, NativeEndian, pod};
use zerocopy::{FromBytes, IntoBytes};

use crate::sys::linux::memory::Memory;
use crate::sys::linux::snapshot::Trouble;

/// Entries of the vector.
const AT_PHDR: u64 = 3;
const AT_PHNUM: u64 = 5;
const MAX_HEADERS: u64 = 1024;
const MAX_DYNAMIC: u64 = 1024;
const DT_DEBUG: u64 = 21;

#[derive(FromBytes, IntoBytes, Clone, Copy)]
#[repr(C)]
struct Dynamic {
    tag: u64,
    value: u64,
}

/// Where the loader's list of its lists is, `r_debug` in C.
pub(super) fn of(pid: i32, memory: Memory) -> Result<u64, Trouble> {
    check_class(pid)?;
    let (headers, count) = program_headers(pid)?;
    let dynamic = dynamic_section(memory, headers, count)?;
    for index in 0..MAX_DYNAMIC {
        let entry: Dynamic = memory.value(dynamic.wrapping_add(16 * index))?;
        match (entry.tag, entry.value) {
            (0, _) => return Err(Trouble::NoList),
            // The loader fills it in early on.
            (DT_DEBUG, 0) => return Err(Trouble::Changing),
            (DT_DEBUG, list) => return Ok(list),
            _ => {}
        }
    }
    Err(Trouble::NoList)
}

fn check_class(pid: i32) -> Result<(), Trouble> {
    let mut program = fs::File::open(format!("/proc/{pid}/exe"))?;
    let mut header = [0; size_of::<FileHeader64<Endianness>>()];
    std::io::Read::read_exact(&mut program, &mut header)?;
    match FileHeader64::<NativeEndian>::parse(&header[..]) {
        Ok(_) => Ok(()),
        Err(_) => Err(Trouble::OtherClass),
    }
}

/// Where the program's headers are in memory, and how many they are.
fn program_headers(pid: i32) -> Result<(u64, u64), Trouble> {
    let vector = fs::read(format!("/proc/{pid}/auxv"))?;
    let (pairs, _) = vector.as_chunks::<16>();
    let value = |wanted: u64| {
        pairs.iter().find_map(|pair| {
            let entry = Dynamic::read_from_bytes(pair).ok()?;
            (entry.tag == wanted).then_some(entry.value)
        })
    };
    // Of a process that is executing a program, or has ended, the vector is empty.
    let (Some(headers), Some(count)) = (value(AT_PHDR), value(AT_PHNUM)) else {
        return Err(Trouble::Changing);
    };
    Ok((headers, count))
}

fn dynamic_section(memory: Memory, address: u64, count: u64) -> Result<u64, Trouble> {
    const SIZE: usize = size_of::<ProgramHeader64<NativeEndian>>();
    if count > MAX_HEADERS {
        return Err(Trouble::NoList);
    }
    let mut bytes = vec![0; count as usize * SIZE];
    memory.read(address, &mut bytes)?;
    let Ok((headers, _)) =
        pod::slice_from_bytes::<ProgramHeader64<NativeEndian>>(&bytes, count as usize)
    else {
        return Err(Trouble::NoList);
    };
    let find = |kind| {
        headers
            .iter()
            .find(|header| header.p_type(NativeEndian) == kind)
    };
    // How far from where it was linked to the program lies. One that does not say lies there.
    let bias = find(elf::PT_PHDR).map_or(0, |own| address.wrapping_sub(own.p_vaddr(NativeEndian)));
    let dynamic = find(elf::PT_DYNAMIC).ok_or(Trouble::NoList)?;
    Ok(bias.wrapping_add(dynamic.p_vaddr(NativeEndian)))
}
