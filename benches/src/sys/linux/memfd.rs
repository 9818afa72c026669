//! Memory that is given away by hand: unmapped, sealed, passed; mapped, looked at, unmapped.

use std::ffi::c_void;
use std::io::{IoSlice, IoSliceMut};
use std::num::NonZeroUsize;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr::NonNull;
use std::time::Instant;

use nix::cmsg_space;
use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, send, sendmsg};
use nix::unistd::ftruncate;

use crate::Result;
use crate::harness::{Contender, Counts};
use crate::ours::memory::look;
use crate::raw::{self, SMALL};
use crate::sys;

pub(super) const HAND_OVER: &str = "memfd";

/// A file in memory, mapped.
struct Mapping {
    start: NonNull<c_void>,
    len: NonZeroUsize,
}

impl Mapping {
    fn new(file: &OwnedFd, len: usize, flags: MapFlags) -> Result<Self> {
        let len = NonZeroUsize::new(len).ok_or("no bytes to map")?;
        let access = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: the kernel chooses the place, so no memory that is in use is replaced.
        let start = unsafe { mmap(None, len, access, flags, file, 0) }?;
        Ok(Self { start, len })
    }

    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: the mapping is as long, readable and writable, and lives as long as `self`. Nobody else changes the
        // file: before it is passed only this process has it, and afterwards it is sealed.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr().cast(), self.len.get()) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping is owned, and nothing borrows from it any more.
        let _ = unsafe { munmap(self.start, self.len.get()) };
    }
}

/// Memory that goes to the peer, until it says that it has looked at it.
pub(super) fn hand_over(counts: &Counts, size: usize) -> Result<Contender> {
    let (socket, theirs) = sys::pair()?;
    let peer = raw::start(HAND_OVER, size, theirs)?;
    let mut answer = [0; SMALL];
    let name = "raw memfd";
    Ok(Contender::timing(
        name,
        [peer],
        counts.hand_overs,
        move || {
            let file = memfd_create("bench", MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING)?;
            ftruncate(&file, i64::try_from(size)?)?;
            let mut mapping = Mapping::new(&file, size, MapFlags::MAP_SHARED)?;
            mapping.bytes().fill(1);

            let begun = Instant::now();
            drop(mapping);
            let seals = SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_WRITE;
            fcntl(&file, FcntlArg::F_ADD_SEALS(seals))?;
            let passed = [file.as_raw_fd()];
            let rights = [ControlMessage::ScmRights(&passed)];
            let parts = [IoSlice::new(&[0; SMALL])];
            sendmsg::<()>(socket.as_raw_fd(), &parts, &rights, MsgFlags::empty(), None)?;
            drop(file);
            raw::receive(&socket, &mut answer)?;
            Ok(begun.elapsed())
        },
    ))
}

pub(super) fn serve(size: usize) -> Result<()> {
    let socket = raw::inherited();
    let mut room = cmsg_space!([i32; 1]);
    let mut packet = [0; SMALL];
    loop {
        let mut parts = [IoSliceMut::new(&mut packet)];
        let flags = MsgFlags::MSG_CMSG_CLOEXEC;
        let got = recvmsg::<()>(socket.as_raw_fd(), &mut parts, Some(&mut room), flags)?;
        raw::whole(got.bytes, SMALL)?;
        let passed = got.cmsgs()?.find_map(|part| match part {
            ControlMessageOwned::ScmRights(passed) => passed.first().copied(),
            _ => None,
        });
        // SAFETY: the kernel has just made this descriptor for this process, and nothing else has it.
        let file = unsafe { OwnedFd::from_raw_fd(passed.ok_or("no memory was passed")?) };
        let sealed = SealFlag::from_bits_retain(fcntl(&file, FcntlArg::F_GET_SEALS)?);
        if !sealed.contains(SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_WRITE) {
            return Err("the memory can be changed".into());
        }
        let mut mapping = Mapping::new(&file, size, MapFlags::MAP_PRIVATE)?;
        drop(file);
        look(mapping.bytes())?;
        drop(mapping);
        send(socket.as_raw_fd(), &[0; SMALL], MsgFlags::empty())?;
    }
}
