//! Open files that are sent.

use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use embedded_mach::extra::{fileport_makefd, fileport_makeport};
use embedded_mach::mach_port::mach_port_deallocate;
use embedded_mach::traps::mach_task_self;

use crate::second::two;

#[test]
fn a_file_is_open_where_its_right_arrives() {
    two(
        "files::a_file_is_open_where_its_right_arrives",
        |pair| {
            let (mut reader, writer) = std::io::pipe().unwrap();
            let mut name = 0;
            // SAFETY: `name` can be written.
            let code = unsafe { fileport_makeport(writer.as_raw_fd(), &mut name) };
            assert_eq!(code, 0);
            drop(writer);
            pair.send(&[name], 0);
            // SAFETY: takes names.
            assert_eq!(unsafe { mach_port_deallocate(mach_task_self(), name) }, 0);
            let mut text = String::new();
            reader.read_to_string(&mut text).unwrap();
            assert_eq!(text, "from the second task");
        },
        |pair| {
            let [name] = pair.rights();
            // SAFETY: takes a name; what it gives is the caller's.
            let file = unsafe { OwnedFd::from_raw_fd(fileport_makefd(name)) };
            let mut file = std::fs::File::from(file);
            file.write_all(b"from the second task").unwrap();
        },
    );
}
