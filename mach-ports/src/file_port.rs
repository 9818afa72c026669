//! File descriptors as port rights, so that they travel in messages.

use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};

use crate::calls::NULL;
use crate::ffi::extra;
use crate::right::SendRight;

/// A right to an open file: to the same open file as the descriptor it was made of, as a copy of that would be.
///
/// ```
/// use std::io::{Read, Write};
/// use mach_ports::FilePort;
///
/// let (mut reader, writer) = std::io::pipe()?;
/// let port = FilePort::new(&writer)?;
/// drop(writer);
/// std::fs::File::from(port.open()?).write_all(b"through the port")?;
/// drop(port);
/// let mut text = String::new();
/// reader.read_to_string(&mut text)?;
/// assert_eq!(text, "through the port");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct FilePort(SendRight);

impl FilePort {
    /// A right to the file that a descriptor has open.
    ///
    /// # Errors
    ///
    /// The system cannot make a port of this kind of file, or is short of a resource.
    pub fn new(descriptor: impl AsFd) -> io::Result<Self> {
        let mut name = NULL;
        // SAFETY: the descriptor is borrowed for the call and `name` is valid to write.
        let result = unsafe { extra::fileport_makeport(descriptor.as_fd().as_raw_fd(), &mut name) };
        if result != 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call gives its caller one reference to a send right.
        unsafe { SendRight::from_raw(name) }
            .map(Self)
            .ok_or(io::ErrorKind::Other.into())
    }

    /// A file by a right that came in a message. Whether it is one shows when it is opened.
    #[must_use]
    pub fn from_right(right: SendRight) -> Self {
        Self(right)
    }

    /// The right, to be sent in a message.
    #[must_use]
    pub fn right(&self) -> &SendRight {
        &self.0
    }

    /// Gives the right back.
    #[must_use]
    pub fn into_right(self) -> SendRight {
        self.0
    }

    /// A new descriptor for the file, close-on-exec.
    ///
    /// # Errors
    ///
    /// The right is none to a file, or there are no descriptors left.
    pub fn open(&self) -> io::Result<OwnedFd> {
        // SAFETY: the call takes a name.
        let descriptor = unsafe { extra::fileport_makefd(self.0.name()) };
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call has made the descriptor, close-on-exec, for its caller.
        Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descriptor_is_close_on_exec() {
        let (reader, _writer) = io::pipe().unwrap();
        let descriptor = FilePort::new(&reader).unwrap().open().unwrap();
        // SAFETY: the descriptor is open.
        let flags = unsafe { libc::fcntl(descriptor.as_raw_fd(), libc::F_GETFD) };
        assert_eq!(flags, libc::FD_CLOEXEC);
    }

    #[test]
    fn a_port_is_no_file() {
        let port = crate::ReceiveRight::new().unwrap();
        assert!(
            FilePort::from_right(port.make_send().unwrap())
                .open()
                .is_err()
        );
    }
}
