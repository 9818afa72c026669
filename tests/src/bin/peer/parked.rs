//! Commands about what all processes of one Linux user share.

use std::fs::File;
use std::io::IoSlice;
use std::os::fd::{AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, ControlMessage, MsgFlags, SockFlag, SockType, sendmsg, socketpair,
};
use nix::unistd::{getegid, geteuid, getgroups};

use crate::commands::{Answer, State, Words, word};

/// Both ends of a socket.
pub(crate) type Pair = (OwnedFd, OwnedFd);

/// `user`: who the process is.
pub(crate) fn user() -> Answer {
    let groups = getgroups()?.len();
    Ok(format!("{} {} {groups}", geteuid(), getegid()))
}

/// `park NUMBER`: has so many descriptors in a socket of its own, where nobody receives them; gives up those of before.
pub(crate) fn park(state: &mut State, mut words: Words<'_>) -> Answer {
    state.parked = None;
    let (here, there) = socketpair(
        AddressFamily::Unix,
        SockType::Datagram,
        None,
        SockFlag::SOCK_CLOEXEC,
    )?;
    let file = File::open("/dev/null")?;
    let number: usize = word(&mut words)?.parse()?;
    let mut parked = 0;
    while parked < number {
        let some = vec![file.as_raw_fd(); (number - parked).min(5)];
        let rights = [ControlMessage::ScmRights(&some)];
        let bytes = [IoSlice::new(b"x")];
        match sendmsg::<()>(
            here.as_raw_fd(),
            &bytes,
            &rights,
            MsgFlags::MSG_DONTWAIT,
            None,
        ) {
            Ok(_) => parked += some.len(),
            Err(Errno::ETOOMANYREFS) => break,
            Err(errno) => return Err(errno.into()),
        }
    }
    state.parked = Some((here, there));
    Ok(format!(
        "parked {}",
        if parked < number { "all" } else { "some" }
    ))
}
