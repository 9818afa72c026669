//! Reading and writing memory that a caller named, without trusting that it is there.

use core::ffi::c_int;
use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::uio::{RemoteIoVec, process_vm_readv, process_vm_writev};
use nix::unistd::Pid;

use super::memory;

/// `len` bytes of this process from `address` on; `EFAULT` if they cannot be read.
pub(crate) fn read(address: usize, len: usize) -> Result<Vec<u8>, Errno> {
    if len == 0 {
        return Ok(Vec::new());
    }
    let mut bytes = vec![0; len];
    let remote = [RemoteIoVec { base: address, len }];
    match process_vm_readv(Pid::this(), &mut [IoSliceMut::new(&mut bytes)], &remote) {
        Ok(n) if n == len => Ok(bytes),
        Ok(_) => Err(Errno::EFAULT),
        // Filtered by a sandbox: let another call do the checked reading.
        Err(Errno::ENOSYS | Errno::EPERM) => {
            let fd = memory::sealed_copy_of_user(address, len)?;
            memory::read_sealed(&fd, len).map_err(|_| Errno::EFAULT)
        }
        Err(errno) => Err(errno),
    }
}

/// Writes integers at `address`; `EFAULT` if they cannot be written.
///
/// # Safety
/// Nothing uses that memory in a way that a change breaks.
pub(crate) unsafe fn write(address: usize, integers: &[c_int]) -> Result<(), Errno> {
    let len = size_of_val(integers);
    // SAFETY: integers have no bytes without a value.
    let bytes = unsafe { std::slice::from_raw_parts(integers.as_ptr().cast(), len) };
    let remote = [RemoteIoVec { base: address, len }];
    match process_vm_writev(Pid::this(), &[IoSlice::new(bytes)], &remote) {
        Ok(n) if n == len => Ok(()),
        Ok(_) => Err(Errno::EFAULT),
        // Filtered by a sandbox: let another call do the checked writing.
        Err(Errno::ENOSYS | Errno::EPERM) => {
            let fd = memory::sealed(bytes)?;
            // SAFETY: the caller's promise.
            unsafe { fill(address, len, &fd, 0) }
        }
        Err(errno) => Err(errno),
    }
}

/// Fills `len` bytes from `address` on with a file's from `offset` on; `EFAULT` if they cannot be written.
///
/// # Safety
/// Nothing uses that memory in a way that a change breaks.
pub(crate) unsafe fn fill(
    address: usize,
    len: usize,
    from: &OwnedFd,
    offset: u64,
) -> Result<(), Errno> {
    let first = i64::try_from(offset).map_err(|_| Errno::EINVAL)?;
    let mut done = 0;
    while done < len {
        let (at, left, offset) = (address + done, len - done, first + done as libc::off_t);
        // SAFETY: the caller's promise; the kernel reports memory that cannot be written.
        let n = unsafe { libc::pread(from.as_raw_fd(), at as *mut libc::c_void, left, offset) };
        match Errno::result(n) {
            Ok(0) => return Err(Errno::EIO),
            Ok(n) => done += n.cast_unsigned(),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_there_and_refuses_what_is_not() {
        let bytes = [1u8, 2, 3];
        assert_eq!(read(bytes.as_ptr() as usize, 3).unwrap(), bytes);
        assert_eq!(read(16, 3).unwrap_err(), Errno::EFAULT);
        assert_eq!(read(usize::MAX - 1, 3).unwrap_err(), Errno::EFAULT);
    }

    #[test]
    fn fills_what_is_there_and_refuses_what_is_not() {
        let from = memory::sealed(&[4, 5, 6]).unwrap();
        let mut bytes = [0u8; 3];
        // SAFETY: the bytes are a local's, and the other address is nobody's.
        unsafe {
            fill(bytes.as_mut_ptr() as usize, 3, &from, 0).unwrap();
            assert_eq!(fill(16, 3, &from, 0).unwrap_err(), Errno::EFAULT);
            assert_eq!(
                fill(bytes.as_mut_ptr() as usize, 4, &from, 0).unwrap_err(),
                Errno::EIO
            );
        }
        assert_eq!(bytes, [4, 5, 6]);
    }
}
