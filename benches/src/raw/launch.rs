//! What a rendezvous costs at the least: a child of the standard library's fetches four ends of sockets and sends by one.
//!
//! Nothing is checked, nobody is named, and nothing is kept for who dies: one socket is the child's standard input, and who
//! launches answers the one request itself.

use std::io::{IoSlice, IoSliceMut, stdin};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::process::Command;
use std::time::{Duration, Instant};

use nix::cmsg_space;
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};

use crate::harness::peer::{PEER, program};
use crate::raw::{self, SMALL};
use crate::{Result, sys};

pub(crate) const FETCH: &str = "raw-fetch";

/// As many as the launcher's child has ports.
const ENDS: usize = 4;

pub(crate) fn launch() -> Result<Duration> {
    let begun = Instant::now();
    let (socket, theirs) = sys::pair()?;
    let mut child = Command::new(program()?)
        .args([PEER, FETCH])
        .stdin(theirs)
        .spawn()?;
    raw::receive(&socket, &mut [0])?;
    let (own, passed): (Vec<_>, Vec<_>) = (0..ENDS)
        .map(|_| sys::pair())
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .unzip();
    let numbers: Vec<_> = passed.iter().map(OwnedFd::as_raw_fd).collect();
    let rights = [ControlMessage::ScmRights(&numbers)];
    let parts = [IoSlice::new(&[0])];
    sendmsg::<()>(socket.as_raw_fd(), &parts, &rights, MsgFlags::empty(), None)?;
    drop(passed);
    raw::receive(&own[0], &mut [0; SMALL])?;
    let taken = begun.elapsed();
    child.wait()?;
    Ok(taken)
}

pub(crate) fn serve() -> Result<()> {
    let socket = stdin().as_fd().try_clone_to_owned()?;
    raw::send_all(&socket, &[0])?;
    let mut room = cmsg_space!([i32; ENDS]);
    let mut byte = [0];
    let mut parts = [IoSliceMut::new(&mut byte)];
    let (socket, none) = (socket.as_raw_fd(), MsgFlags::empty());
    let got = recvmsg::<()>(socket, &mut parts, Some(&mut room), none)?;
    let passed = got.cmsgs()?.find_map(|part| match part {
        ControlMessageOwned::ScmRights(passed) => Some(passed),
        _ => None,
    });
    let ends: Vec<_> = passed
        .into_iter()
        .flatten()
        // SAFETY: the kernel has just made these descriptors for this process, and nothing else has them.
        .map(|number| unsafe { OwnedFd::from_raw_fd(number) })
        .collect();
    raw::send_all(ends.first().ok_or("nothing was passed")?, &[0; SMALL])
}
