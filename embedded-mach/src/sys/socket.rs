//! The socket pairs that links are made of, and what the kernel vouches for about them.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use super::random;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, Backlog, MsgFlags, Shutdown, SockFlag, SockType, UnixAddr, accept4, bind,
    connect, getpeername, getsockname, getsockopt, listen, recv, setsockopt, socket, socketpair,
    sockopt,
};
use nix::sys::time::TimeVal;

use super::again::uninterrupted;
use super::foreign::Foreign;
use super::packet;

/// How much a link buffers, in bytes as the kernel counts them. Messages use a quarter of it (the kernel
/// reports a socket as writable up to there), or somewhat more where many may wait; the rest stays free for control packets.
pub(super) const LINK_BUFFER: usize = 212_992;

/// How long a look-up waits for a server that has more clients waiting than the kernel allows: one that is stopped.
const PATIENCE: TimeVal = TimeVal::new(1, 0);

pub(super) const SO_PASSPIDFD: libc::c_int = 76;

/// The process that made a socket pair, called `listen` or connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) pid: i32,
    pub(crate) uid: u32,
}

/// A new link: its receiving end and its sending end.
pub(crate) fn link_pair() -> io::Result<(Foreign, Foreign)> {
    let (receiving, sending) = socketpair(
        AddressFamily::Unix,
        SockType::SeqPacket,
        None,
        SockFlag::SOCK_CLOEXEC,
    )?;
    prepare_receiving(&receiving)?;
    // The kernel caps this at its own maximum: a smaller buffer only means an earlier "queue full".
    let _ = setsockopt(&sending, sockopt::SndBuf, &LINK_BUFFER);
    Ok((Foreign::own_end(receiving), Foreign::own_end(sending)))
}

/// Makes the kernel name the sender of every packet that arrives from now on.
pub(crate) fn prepare_receiving(end: &impl AsFd) -> io::Result<()> {
    setsockopt(&end.as_fd(), sockopt::PassCred, &true)?;
    Ok(())
}

/// Makes the kernel say which process sent each packet that is read from now on (Linux 6.5): see
/// [`version`](super::process::version). Connections to a listening socket inherit it.
pub(crate) fn tell_processes(end: &impl AsFd) -> io::Result<()> {
    Ok(set_int_option(end.as_fd(), SO_PASSPIDFD, 1)?)
}

pub(super) fn set_int_option(
    fd: BorrowedFd<'_>,
    option: libc::c_int,
    value: libc::c_int,
) -> Result<(), Errno> {
    // SAFETY: `value` is a live local of the stated size.
    let rc = unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            libc::SOL_SOCKET,
            option,
            (&raw const value).cast(),
            size_of_val(&value) as libc::socklen_t,
        )
    };
    Errno::result(rc).map(drop)
}

/// Makes the kernel say when each packet that is sent from now on arrived.
pub(crate) fn stamp_arrivals(end: &impl AsFd) -> io::Result<()> {
    setsockopt(&end.as_fd(), sockopt::ReceiveTimestampns, &true)?;
    Ok(())
}

/// Has a read of an end wait so many milliseconds at most, 0 for as long as it takes.
pub(crate) fn limit_reads(end: &impl AsFd, milliseconds: u32) -> io::Result<()> {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    let limit = TimeVal::new(i64::from(seconds), i64::from(rest) * 1000);
    setsockopt(&end.as_fd(), sockopt::ReceiveTimeout, &limit)?;
    Ok(())
}

/// Ends what comes to this side, whoever else has descriptors of this end. What has come can still be read.
pub(crate) fn shut_reading(end: &impl AsFd) {
    let _ = nix::sys::socket::shutdown(end.as_fd().as_raw_fd(), Shutdown::Read);
}

/// Ends a link for both sides, whoever else has descriptors of this end.
pub(crate) fn shut_down(end: &impl AsFd) {
    // It fails where there is no other side any more.
    let _ = nix::sys::socket::shutdown(end.as_fd().as_raw_fd(), Shutdown::Both);
}

/// Whether a descriptor is a socket.
pub(super) fn is_any(fd: BorrowedFd<'_>) -> bool {
    int_option(fd, libc::SO_TYPE).is_some()
}

/// Whether a descriptor is a socket of this machine's own.
pub(crate) fn is_local(fd: BorrowedFd<'_>) -> bool {
    int_option(fd, libc::SO_DOMAIN) == Some(libc::AF_UNIX)
}

/// Whether nothing is in the queue of a connected socket, nor ever will be: no more comes to it from now on.
///
/// Only for a socket that no stranger has a descriptor of.
pub(crate) fn is_empty_for_good(fd: BorrowedFd<'_>) -> bool {
    let _ = nix::sys::socket::shutdown(fd.as_raw_fd(), Shutdown::Read);
    matches!(packet::peek(fd), Ok(false))
}

/// Whether a descriptor is what a link is made of. A received descriptor is only a claim.
pub(crate) fn is_link_end(fd: &impl AsFd) -> bool {
    let domain = int_option(fd.as_fd(), libc::SO_DOMAIN);
    let kind = int_option(fd.as_fd(), libc::SO_TYPE);
    let listens = int_option(fd.as_fd(), libc::SO_ACCEPTCONN);
    domain == Some(libc::AF_UNIX) && kind == Some(libc::SOCK_SEQPACKET) && listens == Some(0)
}

/// Whether a descriptor is a listening socket of the kind a bootstrap name is served by.
pub(crate) fn is_listener(fd: &impl AsFd) -> bool {
    let domain = int_option(fd.as_fd(), libc::SO_DOMAIN);
    let kind = int_option(fd.as_fd(), libc::SO_TYPE);
    let listens = int_option(fd.as_fd(), libc::SO_ACCEPTCONN);
    domain == Some(libc::AF_UNIX) && kind == Some(libc::SOCK_SEQPACKET) && listens == Some(1)
}

fn int_option(fd: BorrowedFd<'_>, option: libc::c_int) -> Option<libc::c_int> {
    let mut value: libc::c_int = 0;
    let mut len = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: `value` and `len` are live locals, and `len` holds the size of `value`.
    let rc = unsafe {
        libc::getsockopt(
            fd.as_raw_fd(),
            libc::SOL_SOCKET,
            option,
            (&raw mut value).cast(),
            &raw mut len,
        )
    };
    (rc == 0).then_some(value)
}

/// The number of a socket's inode, by which `sock_diag` and `/proc` know it.
pub(crate) fn inode(fd: BorrowedFd<'_>) -> Option<u64> {
    nix::sys::stat::fstat(fd).ok().map(|stat| stat.st_ino)
}

/// The kernel's never-repeated number of a socket, the same through every descriptor of it.
pub(crate) fn cookie(fd: BorrowedFd<'_>) -> io::Result<u64> {
    let mut value: u64 = 0;
    let mut len = size_of::<u64>() as libc::socklen_t;
    // SAFETY: `value` and `len` are live locals, and `len` holds the size of `value`.
    let rc = unsafe {
        libc::getsockopt(
            fd.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_COOKIE,
            (&raw mut value).cast(),
            &raw mut len,
        )
    };
    if rc == 0 {
        Ok(value)
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Who made the pair that this end belongs to (or who listens, for a connected one).
pub(crate) fn peer(fd: &impl AsFd) -> Option<Peer> {
    maker(fd)
}

/// As [`peer`], of whatever has a descriptor.
pub(crate) fn maker(fd: &impl AsFd) -> Option<Peer> {
    let cred = getsockopt(&fd.as_fd(), sockopt::PeerCredentials).ok()?;
    Some(Peer {
        pid: cred.pid(),
        uid: cred.uid(),
    })
}

/// What a sending end can do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outlook {
    /// A message fits.
    Writable,
    /// The other side has as many bytes waiting as it may have.
    Full,
    /// Nobody can receive there any more.
    Dead,
}

/// Asks the kernel about a sending end without blocking.
pub(crate) fn outlook(fd: BorrowedFd<'_>) -> Outlook {
    let mut fds = [PollFd::new(fd, PollFlags::POLLOUT)];
    loop {
        match poll(&mut fds, PollTimeout::ZERO) {
            Err(Errno::EINTR) => {}
            // Want of memory says nothing of the other side: a send will tell.
            Err(_) => return Outlook::Writable,
            Ok(_) => break,
        }
    }
    let flags = fds[0].revents().unwrap_or(PollFlags::empty());
    if flags.intersects(PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL) {
        Outlook::Dead
    } else if flags.contains(PollFlags::POLLOUT) {
        Outlook::Writable
    } else {
        Outlook::Full
    }
}

/// Whether a read of a socket would find something, its end included. The answer needs no lock of the socket.
pub(crate) fn has_something(fd: BorrowedFd<'_>) -> bool {
    let mut fds = [PollFd::new(fd, PollFlags::POLLIN)];
    // Where it cannot be said a read will tell.
    !matches!(poll(&mut fds, PollTimeout::ZERO), Ok(0))
}

/// How many bytes can be sent by an end, counted by [`weight`], before it has no room for anything.
pub(crate) fn free(fd: BorrowedFd<'_>) -> u32 {
    buffered(fd).map_or(0, |(buffer, queued)| buffer.saturating_sub(queued))
}

/// How much an end buffers, and how much it does now.
pub(crate) fn buffered(fd: BorrowedFd<'_>) -> Option<(u32, u32)> {
    /// `SK_MEMINFO_WMEM_ALLOC` and `SK_MEMINFO_SNDBUF`: where the two stand.
    const QUEUED: usize = 2;
    const BUFFER: usize = 3;
    let mut values = [0u32; 4];
    let mut len = size_of_val(&values) as libc::socklen_t;
    // SAFETY: `values` and `len` are live locals, and `len` holds the size of `values`.
    let rc = unsafe {
        libc::getsockopt(
            fd.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_MEMINFO,
            values.as_mut_ptr().cast(),
            &raw mut len,
        )
    };
    // Not known to older kernels. Each send is preceded by a look then.
    (rc == 0).then_some((values[BUFFER], values[QUEUED]))
}

/// What a packet counts of the room, or a little more: the kernel counts its own bookkeeping, too.
pub(crate) fn weight(len: usize) -> u32 {
    u32::try_from(len.saturating_mul(2).saturating_add(1024)).unwrap_or(u32::MAX)
}

/// Whether a receiving end has been read to its end: whoever could send there is gone.
pub(crate) fn is_spent(end: BorrowedFd<'_>) -> bool {
    let peek = MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT;
    matches!(recv(end.as_raw_fd(), &mut [0], peek), Ok(0))
}

/// A listening socket at `address`.
pub(crate) fn listen_at(address: &UnixAddr) -> io::Result<Foreign> {
    let fd = seqpacket()?;
    fcntl(&fd, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    // Before `bind`: connections inherit it, so that even their first packet carries credentials.
    prepare_receiving(&fd)?;
    bind(fd.as_raw_fd(), address)?;
    listen(&fd, Backlog::MAXCONN)?;
    // Whoever connects can send before anybody takes that up.
    Ok(Foreign::arrived(fd))
}

/// A sending end connected to whoever listens at `address`. `EAGAIN`: that one has taken up nobody for a while.
pub(crate) fn connect_to(address: &UnixAddr) -> io::Result<Foreign> {
    let fd = seqpacket()?;
    let _ = setsockopt(&fd, sockopt::SndBuf, &LINK_BUFFER);
    // Slot rule 3: replies may come back by it.
    prepare_receiving(&fd)?;
    setsockopt(&fd, sockopt::SendTimeout, &PATIENCE)?;
    uninterrupted(|| connect(fd.as_raw_fd(), address))?;
    Ok(Foreign::own_end(fd))
}

/// As [`connect_to`], without waiting, from a socket that has an abstract name, which the other side is shown.
pub(crate) fn connect_as(name: &[u8], address: &UnixAddr) -> io::Result<Foreign> {
    let fd = seqpacket()?;
    fcntl(&fd, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    bind(fd.as_raw_fd(), &UnixAddr::new_abstract(name)?)?;
    uninterrupted(|| connect(fd.as_raw_fd(), address))?;
    Ok(Foreign::own_end(fd))
}

/// How the names of receiving ends that came from elsewhere begin. (The kernel itself names sockets by numbers.)
const RECEIVING: &str = "embedded-mach.receiving.";

/// Gives a receiving end that came from elsewhere a name, which whoever has the other end is shown: `false` if that one is
/// called so already, or this one has had a name, so that nobody sends by it.
pub(crate) fn name_receiving(end: &impl AsFd) -> bool {
    let raw = end.as_fd().as_raw_fd();
    let named = receiving_name().and_then(|address| bind(raw, &address));
    // Where names are not to be had nobody has one. Of two who look at once one sees the other's, for it is given first.
    named != Err(Errno::EINVAL) && !other_receives(end)
}

/// Whether a receiving end has had such a name from the beginning, and the other end has none.
pub(super) fn is_named_receiving(end: &impl AsFd) -> bool {
    let named = getsockname::<UnixAddr>(end.as_fd().as_raw_fd());
    named.is_ok_and(|name| is_receiving(&name)) && !other_receives(end)
}

/// A name for a receiving end.
pub(super) fn receiving_name() -> Result<UnixAddr, Errno> {
    let name = format!("{RECEIVING}{:016x}", random::number());
    UnixAddr::new_abstract(name.as_bytes())
}

fn is_receiving(name: &UnixAddr) -> bool {
    let name = name.as_abstract();
    name.is_some_and(|name| name.starts_with(RECEIVING.as_bytes()))
}

fn other_receives(end: &impl AsFd) -> bool {
    getpeername::<UnixAddr>(end.as_fd().as_raw_fd()).is_ok_and(|name| is_receiving(&name))
}

/// The abstract name of the socket at the other side, if it has one.
pub(crate) fn abstract_name_of_peer(fd: &impl AsFd) -> Option<Vec<u8>> {
    let address: UnixAddr = getpeername(fd.as_fd().as_raw_fd()).ok()?;
    address.as_abstract().map(<[u8]>::to_vec)
}

/// Who listens at `address`: `None` if that one has as many waiting as can be.
pub(crate) fn listener_at(address: &UnixAddr) -> io::Result<Option<Peer>> {
    let fd = seqpacket()?;
    fcntl(&fd, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    match connect(fd.as_raw_fd(), address) {
        Ok(()) => Ok(peer(&fd)),
        Err(Errno::EAGAIN) => Ok(None),
        Err(errno) => Err(errno.into()),
    }
}

pub(super) fn seqpacket() -> io::Result<OwnedFd> {
    Ok(socket(
        AddressFamily::Unix,
        SockType::SeqPacket,
        SockFlag::SOCK_CLOEXEC,
        None,
    )?)
}

/// The next connection of a listening socket, `None` when there is none.
pub(crate) fn accept(listener: &impl AsFd) -> io::Result<Option<Foreign>> {
    // The listener is non-blocking, but that belongs to everyone who has it: readiness is asked first.
    let mut fds = [PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
    if poll(&mut fds, PollTimeout::ZERO)? == 0 {
        return Ok(None);
    }
    match accept4(listener.as_fd().as_raw_fd(), SockFlag::SOCK_CLOEXEC) {
        // SAFETY: `accept4` returned a new descriptor that nothing else owns.
        Ok(raw) => Ok(Some(Foreign::own_end(unsafe {
            <OwnedFd as std::os::fd::FromRawFd>::from_raw_fd(raw)
        }))),
        Err(Errno::EAGAIN | Errno::ECONNABORTED | Errno::EINTR) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether the descriptor number `raw` is open and is the socket with this cookie; if so, takes it over as it is, open
/// across `exec` or not.
pub(crate) fn adopt(raw: i32, expected_cookie: u64) -> Option<OwnedFd> {
    if raw < 3 {
        return None;
    }
    // SAFETY: only borrowed for the questions below; a number that is not open is answered with EBADF.
    let borrowed = unsafe { BorrowedFd::borrow_raw(raw) };
    if cookie(borrowed).ok()? != expected_cookie {
        return None;
    }
    // SAFETY: the socket with this never-repeated number was made for this process to inherit, and whoever made it
    // handed the descriptor over by naming it; nothing else in this process knows the number.
    let fd = unsafe { <OwnedFd as std::os::fd::FromRawFd>::from_raw_fd(raw) };
    is_link_end(&fd).then_some(fd)
}

/// Has a descriptor end with this program.
pub(crate) fn close_on_exec(fd: &impl AsFd) -> io::Result<()> {
    fcntl(fd.as_fd(), FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_end_is_told_from_other_descriptors() {
        let (receiving, sending) = link_pair().unwrap();
        assert!(is_link_end(&receiving) && is_link_end(&sending));
        let (stream, _other) = socketpair(
            AddressFamily::Unix,
            SockType::Stream,
            None,
            SockFlag::SOCK_CLOEXEC,
        )
        .unwrap();
        assert!(!is_link_end(&stream));
        let file: OwnedFd = std::fs::File::open("/dev/null").unwrap().into();
        assert!(!is_link_end(&file));
    }

    #[test]
    fn a_cookie_survives_dup_and_differs_between_ends() {
        let (receiving, sending) = link_pair().unwrap();
        let copy = sending.try_clone().unwrap();
        assert_eq!(
            cookie(sending.as_fd()).unwrap(),
            cookie(copy.as_fd()).unwrap()
        );
        assert_ne!(
            cookie(sending.as_fd()).unwrap(),
            cookie(receiving.as_fd()).unwrap()
        );
    }

    #[test]
    fn death_shows_only_with_the_last_copy_of_the_receiving_end() {
        let (receiving, sending) = link_pair().unwrap();
        let copy = receiving.try_clone().unwrap();
        drop(receiving);
        assert_eq!(outlook(sending.as_fd()), Outlook::Writable);
        drop(copy);
        assert_eq!(outlook(sending.as_fd()), Outlook::Dead);
    }

    #[test]
    fn of_a_pair_one_end_receives() {
        let (receiving, sending) = link_pair().unwrap();
        assert!(name_receiving(&receiving));
        assert!(!name_receiving(&sending));
        // What has a name has been somebody's already.
        assert!(!name_receiving(&receiving));
        drop(receiving);
        let (receiving, sending) = link_pair().unwrap();
        drop(sending);
        assert!(name_receiving(&receiving));
    }

    #[test]
    fn the_pair_names_its_maker() {
        let (_receiving, sending) = link_pair().unwrap();
        assert_eq!(peer(&sending).unwrap().pid, std::process::id() as i32);
    }
}
