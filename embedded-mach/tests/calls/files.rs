//! Open files as ports.

use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use embedded_mach::extra::{fileport_makefd, fileport_makeport};
use embedded_mach::port::{MACH_PORT_NULL, MACH_PORT_TYPE_SEND};

use super::support::{deallocate, kind, port, release_port, task};

fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap()
}

#[test]
fn the_same_open_file_by_another_descriptor() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut name = MACH_PORT_NULL;
    // SAFETY: `name` can be written.
    let code = unsafe { fileport_makeport(writer.as_raw_fd(), &mut name) };
    assert_eq!(code, 0);
    assert_eq!(kind(name), MACH_PORT_TYPE_SEND);
    drop(writer);
    // SAFETY: takes a name; what it gives is the caller's.
    let again = unsafe { OwnedFd::from_raw_fd(fileport_makefd(name)) };
    // SAFETY: asks about an open descriptor.
    let flags = unsafe { libc::fcntl(again.as_raw_fd(), libc::F_GETFD) };
    assert_eq!(flags & libc::FD_CLOEXEC, libc::FD_CLOEXEC);
    std::fs::File::from(again).write_all(b"abc").unwrap();
    deallocate(name);
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, "abc", "and the end, for the right is gone");
}

#[test]
fn what_is_no_file() {
    let mut name = MACH_PORT_NULL;
    // SAFETY: `name` can be written, and null is refused.
    unsafe {
        for descriptor in [-1, i32::MAX] {
            assert_eq!(fileport_makeport(descriptor, &mut name), -1);
            assert_eq!((errno(), name), (libc::EBADF, MACH_PORT_NULL));
        }
        assert_eq!(fileport_makeport(0, std::ptr::null_mut()), -1);
        assert_eq!(errno(), libc::EFAULT);
        let stranger = port();
        for name in [MACH_PORT_NULL, task(), stranger] {
            assert_eq!(fileport_makefd(name), -1);
            assert_eq!(errno(), libc::EINVAL);
        }
        release_port(stranger);
    }
}
