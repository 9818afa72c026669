//! A socket of a new pair, passed.

use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use nix::cmsg_space;
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};

use crate::harness::{Contender, Counts};
use crate::raw::{self, SMALL};
use crate::{Result, sys};

pub(super) const RIGHTS: &str = "raw-rights";

/// A new pair, of which one end goes to the peer with 64 bytes; it closes that and answers.
pub(crate) fn rights(counts: &Counts) -> Result<Contender> {
    let (socket, theirs) = sys::pair()?;
    let peer = raw::start(RIGHTS, 0, theirs)?;
    let mut packet = [0; SMALL];
    let name = "raw socketpair, SCM_RIGHTS";
    Ok(Contender::repeating(
        name,
        [peer],
        counts.calls,
        move || {
            let (_kept, passed) = sys::pair()?;
            let passed = [passed.as_raw_fd()];
            let rights = [ControlMessage::ScmRights(&passed)];
            let parts = [IoSlice::new(&packet)];
            sendmsg::<()>(socket.as_raw_fd(), &parts, &rights, MsgFlags::empty(), None)?;
            raw::receive(&socket, &mut packet)
        },
    ))
}

pub(super) fn serve() -> Result<()> {
    let socket = raw::inherited();
    let mut room = cmsg_space!([i32; 1]);
    let mut packet = [0; SMALL];
    loop {
        let mut parts = [IoSliceMut::new(&mut packet)];
        let got = recvmsg::<()>(
            socket.as_raw_fd(),
            &mut parts,
            Some(&mut room),
            MsgFlags::empty(),
        )?;
        raw::whole(got.bytes, SMALL)?;
        let passed = got.cmsgs()?.find_map(|part| match part {
            ControlMessageOwned::ScmRights(passed) => passed.first().copied(),
            _ => None,
        });
        // SAFETY: the kernel has just made this descriptor for this process, and nothing else has it.
        drop(unsafe { OwnedFd::from_raw_fd(passed.ok_or("nothing was passed")?) });
        raw::send_all(&socket, &packet)?;
    }
}
