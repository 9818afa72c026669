//! Bytes of a message that need not be in memory before somebody wants them.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use nix::errno::Errno;
use nix::sys::uio::pread;

use super::memory;

/// Bytes: here, or still in the file that they came in.
#[derive(Debug)]
pub(crate) enum Bytes {
    Here(Vec<u8>),
    Filed(Box<Filed>),
}

/// A part of sealed memory: whatever its length says, it takes no room.
#[derive(Debug)]
pub(crate) struct Filed {
    pub(crate) file: Arc<OwnedFd>,
    pub(crate) offset: u64,
    pub(crate) len: usize,
}

impl Filed {
    fn read(&self, place: &mut [u8]) -> Result<(), Errno> {
        read_at(&self.file, self.offset, place)
    }
}

impl Bytes {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Here(bytes) => bytes.len(),
            Self::Filed(filed) => filed.len,
        }
    }

    /// All of them, in memory.
    ///
    /// # Errors
    /// `ENOMEM` if there is not as much.
    pub(crate) fn read(self) -> Result<Vec<u8>, Errno> {
        match self {
            Self::Here(bytes) => Ok(bytes),
            filed @ Self::Filed(_) => {
                let mut bytes = Vec::new();
                filed.append_to(&mut bytes)?;
                Ok(bytes)
            }
        }
    }

    /// Puts a copy of them behind others.
    ///
    /// # Errors
    /// As [`Bytes::read`].
    pub(crate) fn append_to(&self, all: &mut Vec<u8>) -> Result<(), Errno> {
        all.try_reserve(self.len()).map_err(|_| Errno::ENOMEM)?;
        match self {
            Self::Here(bytes) => all.extend_from_slice(bytes),
            Self::Filed(filed) => {
                let before = all.len();
                all.resize(before + filed.len, 0);
                filed.read(all.split_at_mut(before).1)?;
            }
        }
        Ok(())
    }

    /// Copies their beginning, as far as there is some.
    pub(crate) fn peek(&self, place: &mut [u8]) -> Result<(), Errno> {
        match self {
            Self::Here(bytes) => {
                for (to, from) in place.iter_mut().zip(bytes) {
                    *to = *from;
                }
                Ok(())
            }
            Self::Filed(filed) => {
                let most = place.len().min(filed.len);
                filed.read(place.split_at_mut(most).0)
            }
        }
    }

    /// A copy in fresh pages of this process; their address.
    pub(crate) fn map(&self) -> Result<usize, Errno> {
        match self {
            Self::Here(bytes) => memory::map_copy(bytes),
            Self::Filed(filed) => {
                let Filed { file, offset, len } = &**filed;
                let at = memory::map_fresh(*len)?;
                // SAFETY: new pages, of as many bytes, which nobody else knows.
                let filled = unsafe { super::user::fill(at, *len, file, *offset) };
                if let Err(errno) = filled {
                    // SAFETY: as above.
                    let _ = unsafe { memory::unmap(at, *len) };
                    return Err(errno);
                }
                Ok(at)
            }
        }
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Here(bytes)
    }
}

/// Fills a place with a file's bytes from an offset on.
pub(crate) fn read_at(file: &OwnedFd, offset: u64, place: &mut [u8]) -> Result<(), Errno> {
    let (mut left, mut at) = (place, offset);
    while !left.is_empty() {
        let from = i64::try_from(at).map_err(|_| Errno::EINVAL)?;
        match pread(file, left, from) {
            Ok(0) => return Err(Errno::EIO),
            Ok(n) => {
                left = left.split_at_mut(n).1;
                at += n as u64;
            }
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filed(all: &[u8], offset: u64, len: usize) -> Bytes {
        Bytes::Filed(Box::new(Filed {
            file: Arc::new(memory::sealed(all).unwrap()),
            offset,
            len,
        }))
    }

    #[test]
    fn bytes_in_a_file_are_as_bytes_that_are_here() {
        for bytes in [Bytes::from(vec![3, 4, 5]), filed(&[1, 2, 3, 4, 5, 6], 2, 3)] {
            let mut all = vec![0];
            bytes.append_to(&mut all).unwrap();
            assert_eq!((all, bytes.len()), (vec![0, 3, 4, 5], 3));
            let (mut less, mut more) = ([0; 2], [9; 4]);
            bytes.peek(&mut less).unwrap();
            bytes.peek(&mut more).unwrap();
            assert_eq!((less, more), ([3, 4], [3, 4, 5, 9]));
            let at = bytes.map().unwrap();
            // SAFETY: a mapping of three bytes, which is given back.
            unsafe {
                assert_eq!(*(at as *const [u8; 3]), [3, 4, 5]);
                memory::unmap(at, 3).unwrap();
            }
            assert_eq!(bytes.read().unwrap(), [3, 4, 5]);
        }
    }

    #[test]
    fn what_has_no_room_or_is_not_there_is_an_error() {
        assert_eq!(filed(&[1], 0, usize::MAX / 2).read(), Err(Errno::ENOMEM));
        assert_eq!(filed(&[1], 0, 2).read(), Err(Errno::EIO));
        assert_eq!(filed(&[1], 0, 2).map(), Err(Errno::EIO));
    }
}
