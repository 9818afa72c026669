//! Another process's memory.

use std::io::IoSliceMut;

use nix::errno::Errno;
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;
use object::read::ReadCacheOps;
use zerocopy::{FromBytes, IntoBytes};

/// A process whose memory is read. The kernel allows it for a process of the same user that could be traced.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory(Pid);

impl Memory {
    pub(crate) fn of(pid: i32) -> Self {
        Self(Pid::from_raw(pid))
    }

    /// Fills `bytes` with what is at `address`.
    pub(crate) fn read(self, address: u64, bytes: &mut [u8]) -> Result<(), Errno> {
        let (base, len) = (
            usize::try_from(address).map_err(|_| Errno::EFAULT)?,
            bytes.len(),
        );
        if len == 0 {
            return Ok(());
        }
        let from = [RemoteIoVec { base, len }];
        match process_vm_readv(self.0, &mut [IoSliceMut::new(bytes)], &from)? {
            count if count == len => Ok(()),
            // It ends at the first page that is not there.
            _ => Err(Errno::EFAULT),
        }
    }

    /// The value at `address`.
    pub(crate) fn value<T: FromBytes + IntoBytes>(self, address: u64) -> Result<T, Errno> {
        let mut value = T::new_zeroed();
        self.read(address, value.as_mut_bytes())?;
        Ok(value)
    }

    /// The C string at `address`, of at most `max` bytes.
    pub(crate) fn string(self, address: u64, max: usize) -> Result<Vec<u8>, Errno> {
        const STEP: u64 = 256;
        let mut text = Vec::new();
        while text.len() < max {
            let from = address.wrapping_add(text.len() as u64);
            // Never across a boundary that might be a page's: what is behind the string may not be there.
            let mut piece = [0; STEP as usize];
            let piece = &mut piece[..(STEP - from % STEP) as usize];
            self.read(from, piece)?;
            if let Some(end) = piece.iter().position(|byte| *byte == 0) {
                text.extend_from_slice(&piece[..end]);
                return Ok(text);
            }
            text.extend_from_slice(piece);
        }
        Err(Errno::ENAMETOOLONG)
    }
}

/// An image's bytes in memory, from its load address on.
#[derive(Debug)]
pub(crate) struct Mapped {
    memory: Memory,
    load_address: u64,
    position: u64,
}

impl Mapped {
    pub(crate) fn new(pid: i32, load_address: u64) -> Self {
        Self {
            memory: Memory::of(pid),
            load_address,
            position: 0,
        }
    }
}

impl ReadCacheOps for Mapped {
    fn len(&mut self) -> Result<u64, ()> {
        // How far the image reaches is what is to be found out; what is not mapped cannot be read.
        Ok(u64::MAX.saturating_sub(self.load_address))
    }

    fn seek(&mut self, position: u64) -> Result<u64, ()> {
        self.position = position;
        Ok(position)
    }

    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, ()> {
        self.read_exact(bytes).map(|()| bytes.len())
    }

    fn read_exact(&mut self, bytes: &mut [u8]) -> Result<(), ()> {
        let address = self.load_address.checked_add(self.position).ok_or(())?;
        self.memory.read(address, bytes).map_err(drop)?;
        self.position = self.position.saturating_add(bytes.len() as u64);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> Memory {
        Memory::of(std::process::id() as i32)
    }

    #[test]
    fn memory_is_read_or_is_not_there() {
        let text = c"of this process";
        let address = text.as_ptr().addr() as u64;
        assert_eq!(own().string(address, 4096).unwrap(), text.to_bytes());
        assert_eq!(own().value::<u8>(address), Ok(b'o'));
        assert_eq!(own().value::<u64>(0), Err(Errno::EFAULT));
        assert_eq!(own().value::<u64>(u64::MAX - 2), Err(Errno::EFAULT));
    }

    #[test]
    fn strings_without_an_end_are_refused() {
        let text = vec![b'x'; 10_000];
        let address = text.as_ptr().addr() as u64;
        assert_eq!(own().string(address, 4096), Err(Errno::ENAMETOOLONG));
    }

    #[test]
    fn who_is_gone_is_said_to_be() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let memory = Memory::of(child.id() as i32);
        child.wait().unwrap();
        assert_eq!(memory.value::<u8>(4096), Err(Errno::ESRCH));
    }
}
