//! One packet with its ancillary data: the only place where `sendmsg` and `recvmsg` are called.
//!
//! Descriptors arrive owned, with close-on-exec set from birth, whatever kind of entry they come in; a packet whose
//! descriptors the kernel had to drop says so and never passes for a shorter one.

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::errno::Errno;

use super::direct;
use super::foreign::Foreign;
use super::place::Place;
use super::process;

/// The most descriptors that the kernel takes in one packet (`SCM_MAX_FD`).
pub(crate) const MAX_DESCRIPTORS: usize = 253;

/// Who sent a packet, filled in by the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) pid: i32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// Which process that is, where the receiving end asks: see [`super::process::version`]. 0 if it is not known, or
    /// if no such process was left when the packet was read.
    pub(crate) version: u32,
}

/// A packet as it arrived; its bytes are in the buffer that was given.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) len: usize,
    pub(crate) descriptors: Vec<Foreign>,
    pub(crate) credentials: Option<Credentials>,
    /// Nanoseconds of the wall clock at the send, 0 if arrivals were not stamped then.
    pub(crate) stamp: u64,
    /// The packet was longer than the buffer.
    pub(crate) bytes_lost: bool,
    /// The kernel dropped descriptors, for want of room here or of free descriptor numbers.
    pub(crate) descriptors_lost: bool,
    /// It has an entry of a kind that is not known here. Somebody asked for that who has a descriptor of the receiving end.
    pub(crate) strange: bool,
    /// Whether a socket that was among the descriptors was read, and what was in its queue stands for it: `false` where that
    /// was not what was said.
    pub(crate) unloaded: Option<bool>,
}

/// Room for the ancillary data of one packet, aligned as `cmsghdr` wants it.
#[repr(C, align(8))]
struct Ancillary([u8; ANCILLARY]);

const ANCILLARY: usize = {
    // SAFETY: `CMSG_SPACE` only computes.
    unsafe {
        libc::CMSG_SPACE((MAX_DESCRIPTORS * size_of::<RawFd>()) as u32) as usize
            + libc::CMSG_SPACE(size_of::<libc::ucred>() as u32) as usize
            + libc::CMSG_SPACE(size_of::<libc::timespec>() as u32) as usize
            + OPTIONAL
    }
};

/// Room for what others can ask for on a socket that they have, too: times of other kinds, a security label, a pidfd. If
/// that were not enough the packet would be one whose descriptors are lost.
const OPTIONAL: usize = 4096;

/// Kinds of entries that hold no descriptor, and that others can ask for.
const HARMLESS: [libc::c_int; 6] = [
    SCM_SECURITY,
    libc::SCM_TIMESTAMP,
    libc::SCM_TIMESTAMPING,
    SO_TIMESTAMP_NEW,
    SO_TIMESTAMPNS_NEW,
    SO_TIMESTAMPING_NEW,
];

// Of `linux/socket.h` and `asm-generic/socket.h`.
const SCM_SECURITY: libc::c_int = 3;
/// A descriptor of the process that sent the packet, or the number of an error (Linux 6.5).
const SCM_PIDFD: libc::c_int = 4;
const SO_TIMESTAMP_NEW: libc::c_int = 63;
const SO_TIMESTAMPNS_NEW: libc::c_int = 64;
const SO_TIMESTAMPING_NEW: libc::c_int = 65;

/// How packets are sent: without blocking, and without a signal where nobody can receive them.
const AT_ONCE: libc::c_int = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;

/// The other side closed without having read all that was sent to it, which is told once, before what it sent itself
/// (Slot rule 4).
const NOT_ALL_READ: Errno = Errno::ECONNRESET;

/// Makes a call again that a signal has ended, or that told of [`NOT_ALL_READ`].
fn again<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno::EINTR | NOT_ALL_READ) => {}
            other => return other,
        }
    }
}

/// Sends one packet without descriptors, as [`send`] does.
pub(crate) fn send_bytes(to: BorrowedFd<'_>, bytes: &[u8]) -> Result<(), Errno> {
    again(|| direct::send(to.as_raw_fd(), bytes, AT_ONCE).map(drop))
}

/// Sends one packet, of two parts one after the other, without ever blocking. `EAGAIN` means that the link is full.
pub(crate) fn send(
    to: BorrowedFd<'_>,
    bytes: [&[u8]; 2],
    descriptors: &[BorrowedFd<'_>],
) -> Result<(), Errno> {
    if descriptors.len() > MAX_DESCRIPTORS {
        return Err(Errno::EINVAL);
    }
    let mut iov = bytes.map(|part| libc::iovec {
        iov_base: part.as_ptr().cast_mut().cast(),
        iov_len: part.len(),
    });
    let mut ancillary = std::mem::MaybeUninit::<Ancillary>::uninit();
    // SAFETY: an all-zero `msghdr` is a valid empty one.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_iov = iov.as_mut_ptr();
    header.msg_iovlen = if bytes[1].is_empty() { 1 } else { 2 };
    if !descriptors.is_empty() {
        let len = descriptors.len().saturating_mul(size_of::<RawFd>());
        header.msg_control = ancillary
            .write(Ancillary([0; ANCILLARY]))
            .0
            .as_mut_ptr()
            .cast();
        // SAFETY: `CMSG_SPACE` only computes.
        header.msg_controllen = unsafe { libc::CMSG_SPACE(len as u32) } as usize;
        // SAFETY: `header` names a control buffer that has room for one header and MAX_DESCRIPTORS numbers, of which
        // `len` bytes are used; it is aligned for `cmsghdr`, and the payload is written without an alignment claim.
        unsafe {
            let control = libc::CMSG_FIRSTHDR(&raw const header);
            (*control).cmsg_level = libc::SOL_SOCKET;
            (*control).cmsg_type = libc::SCM_RIGHTS;
            (*control).cmsg_len = libc::CMSG_LEN(len as u32) as usize;
            let payload = libc::CMSG_DATA(control).cast::<RawFd>();
            for (i, fd) in descriptors.iter().enumerate() {
                payload.add(i).write_unaligned(fd.as_raw_fd());
            }
        }
    }
    again(|| {
        // SAFETY: `header` points to live buffers of the stated lengths, all of which outlive the call.
        unsafe { direct::sendmsg(to.as_raw_fd(), &header, AT_ONCE) }.map(drop)
    })
}

/// Takes the next packet into `buffer` without ever blocking. `EAGAIN` means that there is none.
///
/// The end of a link is an arrival of no bytes and no credentials; an empty packet carries credentials.
pub(crate) fn receive(from: BorrowedFd<'_>, buffer: &mut [u8]) -> Result<Arrival, Errno> {
    again(|| receive_with(from, &mut [part(buffer)], libc::MSG_DONTWAIT))
}

/// As [`receive`], of a packet that goes to more than one place.
pub(crate) fn receive_to(from: BorrowedFd<'_>, place: &mut Place) -> Result<Arrival, Errno> {
    let mut parts = place.parts();
    again(|| receive_with(from, &mut parts, libc::MSG_DONTWAIT))
}

fn part(buffer: &mut [u8]) -> libc::iovec {
    libc::iovec {
        iov_base: buffer.as_mut_ptr().cast(),
        iov_len: buffer.len(),
    }
}

/// Whether a read failed for want of something that this task or the system is short of: it says nothing of the end that
/// was read, and what is there stays for the next read.
pub(crate) fn is_want(errno: Errno) -> bool {
    matches!(
        errno,
        Errno::ENOMEM | Errno::ENOBUFS | Errno::EMFILE | Errno::ENFILE | Errno::ETOOMANYREFS
    )
}

/// As [`receive_to`], but waits for the next packet. `EAGAIN` means that the end's limit has passed, `EINTR` that a signal
/// handler ran, which is not told without a limit if the handler was set to have calls begun again.
///
/// Only for an end that no stranger has: others can make it return at once, or never.
pub(crate) fn wait_for(from: BorrowedFd<'_>, place: &mut Place) -> Result<Arrival, Errno> {
    match receive_with(from, &mut place.parts(), 0) {
        Err(NOT_ALL_READ) => receive_to(from, place),
        other => other,
    }
}

/// Whether there is a packet: `false` at the end. The packet stays, with what it carries.
///
/// Only for an end that no stranger has.
pub(super) fn peek(from: BorrowedFd<'_>) -> Result<bool, Errno> {
    let header = peeked(from)?;
    // An empty packet has credentials.
    Ok(header.has_bytes || header.sender.is_some() || header.has_more)
}

/// The process that has sent the next packet, if that has more beside it than who sent it: rights, perhaps. The packet stays.
///
/// Only for an end that no stranger has.
pub(crate) fn carries_more(from: BorrowedFd<'_>) -> Option<i32> {
    let header = peeked(from).ok()?;
    header.has_more.then_some(header.sender.unwrap_or(0))
}

/// What is seen of a packet that stays where it is.
struct Peeked {
    has_bytes: bool,
    sender: Option<i32>,
    /// There was no room for all that is beside it.
    has_more: bool,
}

fn peeked(from: BorrowedFd<'_>) -> Result<Peeked, Errno> {
    // For credentials alone, so that no descriptor finds any; where there is a time, it comes before them.
    let alone = peeked_with(from, &mut [0; CREDENTIALS])?;
    if alone.has_more && alone.sender.is_none() {
        return peeked_with(from, &mut [0; BOTH]);
    }
    Ok(alone)
}

/// Room for the two entries that come first, in words.
const CREDENTIALS: usize = words(size_of::<libc::ucred>());
const BOTH: usize = CREDENTIALS.saturating_add(words(size_of::<libc::timespec>()));

const fn words(len: usize) -> usize {
    // SAFETY: `CMSG_SPACE` only computes.
    unsafe { (libc::CMSG_SPACE(len as u32) as usize).div_ceil(size_of::<u64>()) }
}

fn peeked_with(from: BorrowedFd<'_>, room: &mut [u64]) -> Result<Peeked, Errno> {
    let mut byte = [0u8; 1];
    let mut iov = libc::iovec {
        iov_base: byte.as_mut_ptr().cast(),
        iov_len: byte.len(),
    };
    // SAFETY: an all-zero `msghdr` is a valid empty one.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_iov = &raw mut iov;
    header.msg_iovlen = 1;
    header.msg_control = room.as_mut_ptr().cast();
    let mut again = true;
    loop {
        header.msg_controllen = size_of_val(room);
        let flags = libc::MSG_DONTWAIT | libc::MSG_PEEK;
        // SAFETY: `header` points to live, writable buffers of the stated lengths.
        let got = unsafe { libc::recvmsg(from.as_raw_fd(), &raw mut header, flags) };
        match Errno::result(got) {
            Ok(len) => {
                let has_more = header.msg_flags & libc::MSG_CTRUNC != 0;
                return Ok(Peeked {
                    has_bytes: len > 0,
                    sender: sender(&header),
                    has_more,
                });
            }
            // The other side closed with packets unread. What it sent is behind that.
            Err(NOT_ALL_READ | Errno::EINTR) if again => again = false,
            Err(errno) => return Err(errno),
        }
    }
}

/// The process that sent what was read, with whatever room there was beside it.
fn sender(header: &libc::msghdr) -> Option<i32> {
    // SAFETY: `header` is as `recvmsg` left it, and names a live buffer: its entries are within that, and one is of credentials
    // if it says so and is long enough.
    unsafe {
        let mut entry = libc::CMSG_FIRSTHDR(header);
        while !entry.is_null() {
            let is_whole = (*entry).cmsg_level == libc::SOL_SOCKET
                && (*entry).cmsg_type == libc::SCM_CREDENTIALS
                && (*entry).cmsg_len >= libc::CMSG_LEN(size_of::<libc::ucred>() as u32) as usize;
            if is_whole {
                let from = libc::CMSG_DATA(entry).cast::<libc::ucred>();
                return Some(from.read_unaligned().pid);
            }
            entry = libc::CMSG_NXTHDR(header, entry);
        }
    }
    None
}

/// Takes a packet into live, writable memory.
fn receive_with(
    from: BorrowedFd<'_>,
    parts: &mut [libc::iovec],
    flags: libc::c_int,
) -> Result<Arrival, Errno> {
    let mut ancillary = std::mem::MaybeUninit::<Ancillary>::uninit();
    // SAFETY: an all-zero `msghdr` is a valid empty one.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_iov = parts.as_mut_ptr();
    header.msg_iovlen = parts.len();
    header.msg_control = ancillary.as_mut_ptr().cast();
    header.msg_controllen = ANCILLARY;
    // SAFETY: `header` points to live, writable buffers of the stated lengths: `part` and `Place::parts` make no others.
    let len = unsafe {
        direct::recvmsg(
            from.as_raw_fd(),
            &mut header,
            flags | libc::MSG_CMSG_CLOEXEC,
        )
    }?;
    let mut arrival = Arrival {
        len,
        descriptors: Vec::new(),
        credentials: None,
        stamp: 0,
        bytes_lost: header.msg_flags & libc::MSG_TRUNC != 0,
        descriptors_lost: header.msg_flags & libc::MSG_CTRUNC != 0,
        strange: false,
        unloaded: None,
    };
    let mut process = None;
    // SAFETY: the kernel filled `msg_controllen` bytes of the control buffer with well-formed entries, and
    // `CMSG_FIRSTHDR`/`CMSG_NXTHDR` stay within them.
    unsafe {
        let mut control = libc::CMSG_FIRSTHDR(&raw const header);
        while !control.is_null() {
            take_entry(control, &mut arrival, &mut process);
            control = libc::CMSG_NXTHDR(&raw const header, control);
        }
    }
    if let Some(from) = arrival.credentials {
        sent_by(&mut arrival.descriptors, from);
    }
    if let (Some(credentials), Some(process)) = (&mut arrival.credentials, process) {
        credentials.version = process::version(&process);
    }
    Ok(arrival)
}

/// Notes who has sent descriptors.
pub(crate) fn sent_by(descriptors: &mut [Foreign], from: Credentials) {
    for descriptor in descriptors {
        descriptor.sent_by(process::number(from.pid));
    }
}

/// Moves what one ancillary entry carries into `arrival`.
///
/// # Safety
/// `control` must point to an entry that `recvmsg` wrote, and must be passed here once only: the descriptors in
/// it become owned.
unsafe fn take_entry(
    control: *const libc::cmsghdr,
    arrival: &mut Arrival,
    process: &mut Option<OwnedFd>,
) {
    // SAFETY: the caller says that `control` points to a whole entry; `cmsg_len` is the kernel's and covers the
    // payload, which is read without an alignment claim.
    unsafe {
        let payload = libc::CMSG_DATA(control);
        let len = (*control)
            .cmsg_len
            .saturating_sub(libc::CMSG_LEN(0) as usize);
        match ((*control).cmsg_level, (*control).cmsg_type) {
            (libc::SOL_SOCKET, libc::SCM_RIGHTS) => {
                for i in 0..len.div_euclid(size_of::<RawFd>()) {
                    let raw = payload.cast::<RawFd>().add(i).read_unaligned();
                    // A number that the kernel just made for us; nobody else owns it.
                    let fd = OwnedFd::from_raw_fd(raw);
                    arrival.descriptors.push(Foreign::arrived(fd));
                }
            }
            (libc::SOL_SOCKET, libc::SCM_CREDENTIALS) if len >= size_of::<libc::ucred>() => {
                let cred = payload.cast::<libc::ucred>().read_unaligned();
                arrival.credentials = Some(Credentials {
                    pid: cred.pid,
                    uid: cred.uid,
                    gid: cred.gid,
                    version: 0,
                });
            }
            (libc::SOL_SOCKET, SCM_PIDFD) if len >= size_of::<RawFd>() => {
                let raw = payload.cast::<RawFd>().read_unaligned();
                // Made for us just now, as above, so that nobody can hold up its closing; a negative number says why there
                // is none.
                *process = (raw >= 0).then(|| OwnedFd::from_raw_fd(raw));
            }
            (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS) if len >= size_of::<libc::timespec>() => {
                let at = payload.cast::<libc::timespec>().read_unaligned();
                arrival.stamp = (at.tv_sec as u64)
                    .wrapping_mul(1_000_000_000)
                    .wrapping_add(at.tv_nsec as u64);
            }
            (libc::SOL_SOCKET, kind) if HARMLESS.contains(&kind) => {}
            // Whether it is a descriptor cannot be known: no more shall come.
            _ => arrival.strange = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;
    use crate::sys::socket::{SO_PASSPIDFD, link_pair, set_int_option};

    fn null() -> OwnedFd {
        std::fs::File::open("/dev/null").unwrap().into()
    }

    #[test]
    fn a_packet_arrives_whole_with_credentials() {
        let (receiving, sending) = link_pair().unwrap();
        send(sending.as_fd(), [b"hello", b""], &[]).unwrap();
        let mut buffer = [0; 64];
        let arrival = receive(receiving.as_fd(), &mut buffer).unwrap();
        assert_eq!(&buffer[..arrival.len], b"hello");
        assert_eq!(arrival.credentials.unwrap().pid, std::process::id() as i32);
        assert!(!arrival.bytes_lost && !arrival.descriptors_lost);
    }

    #[test]
    fn an_empty_packet_is_told_from_the_end() {
        let (receiving, sending) = link_pair().unwrap();
        send(sending.as_fd(), [b"", b""], &[]).unwrap();
        let mut buffer = [0; 8];
        let empty = receive(receiving.as_fd(), &mut buffer).unwrap();
        assert!(empty.len == 0 && empty.credentials.is_some());
        drop(sending);
        let end = receive(receiving.as_fd(), &mut buffer).unwrap();
        assert!(end.len == 0 && end.credentials.is_none());
    }

    /// Both ends of a link whose sender closes with something unread: whoever has a copy of the receiving end can write by it.
    fn closed_with_packets_unread() -> Foreign {
        let (receiving, sending) = link_pair().unwrap();
        send(sending.as_fd(), [b"one", b""], &[]).unwrap();
        send(sending.as_fd(), [b"two", b""], &[]).unwrap();
        send(receiving.as_fd(), [b"unread", b""], &[]).unwrap();
        receiving
    }

    #[test]
    fn what_was_sent_before_a_reset_is_received() {
        type Receive = fn(BorrowedFd<'_>, &mut [u8]) -> Result<Arrival, Errno>;
        let wait: Receive = |from, buffer| {
            let mut place = Place::new(vec![0; buffer.len()]);
            let arrival = wait_for(from, &mut place)?;
            buffer.copy_from_slice(place.gather(arrival.len));
            Ok(arrival)
        };
        for receive in [receive as Receive, wait] {
            let receiving = closed_with_packets_unread();
            let mut buffer = [0; 8];
            for expected in [b"one", b"two"] {
                let arrival = receive(receiving.as_fd(), &mut buffer).unwrap();
                assert_eq!(&buffer[..arrival.len], expected);
            }
            let end = receive(receiving.as_fd(), &mut buffer).unwrap();
            assert!(end.len == 0 && end.credentials.is_none());
        }
    }

    #[test]
    fn a_send_after_a_reset_tells_that_nobody_is_there() {
        let receiving = closed_with_packets_unread();
        let refused = send(receiving.as_fd(), [b"x", b""], &[]);
        assert_eq!(refused, Err(Errno::EPIPE));
        // Nothing of what came is lost by it.
        let mut buffer = [0; 8];
        assert_eq!(receive(receiving.as_fd(), &mut buffer).unwrap().len, 3);
    }

    #[test]
    fn as_many_descriptors_as_the_kernel_takes_arrive_with_close_on_exec() {
        let (receiving, sending) = link_pair().unwrap();
        let file = null();
        let all = vec![file.as_fd(); MAX_DESCRIPTORS];
        send(sending.as_fd(), [b"x", b""], &all).unwrap();
        let mut buffer = [0; 8];
        let arrival = receive(receiving.as_fd(), &mut buffer).unwrap();
        assert_eq!(arrival.descriptors.len(), MAX_DESCRIPTORS);
        for fd in &arrival.descriptors {
            let flags = nix::fcntl::fcntl(fd, nix::fcntl::FcntlArg::F_GETFD).unwrap();
            assert_eq!(flags & libc::FD_CLOEXEC, libc::FD_CLOEXEC);
        }
        let more = vec![file.as_fd(); MAX_DESCRIPTORS + 1];
        assert_eq!(
            send(sending.as_fd(), [b"x", b""], &more),
            Err(Errno::EINVAL)
        );
    }

    #[test]
    fn a_longer_packet_than_the_buffer_is_marked() {
        let (receiving, sending) = link_pair().unwrap();
        send(sending.as_fd(), [b"0123456789", b""], &[]).unwrap();
        let mut buffer = [0; 4];
        assert!(receive(receiving.as_fd(), &mut buffer).unwrap().bytes_lost);
    }

    #[test]
    fn what_others_ask_for_on_a_shared_end_leaves_nothing_open() {
        let (receiving, sending) = link_pair().unwrap();
        let options = [
            libc::SO_PASSSEC,
            libc::SO_TIMESTAMP,
            libc::SO_TIMESTAMPNS,
            SO_TIMESTAMP_NEW,
            SO_TIMESTAMPNS_NEW,
            libc::SO_TIMESTAMPING,
            libc::SO_PEEK_OFF,
            libc::SO_RCVLOWAT,
            SO_PASSPIDFD,
        ];
        let file = null();
        let all = vec![file.as_fd(); MAX_DESCRIPTORS];
        for option in options {
            // Older kernels do not know all of them.
            let value = if option == libc::SO_TIMESTAMPING {
                0x18
            } else {
                1
            };
            let _ = set_int_option(receiving.as_fd(), option, value);
            send(sending.as_fd(), [b"x", b""], &all).unwrap();
            let mut buffer = [0; 8];
            let arrival = receive(receiving.as_fd(), &mut buffer).unwrap();
            assert!(!arrival.strange && !arrival.descriptors_lost, "{option}");
            assert_eq!(arrival.descriptors.len(), MAX_DESCRIPTORS, "{option}");
            assert!(arrival.credentials.is_some(), "{option}");
        }
    }

    #[test]
    fn a_look_at_the_queue_takes_nothing_from_it() {
        let (receiving, sending) = link_pair().unwrap();
        assert_eq!(peek(receiving.as_fd()), Err(Errno::EAGAIN));
        let file = null();
        for bytes in [&b""[..], b"abc"] {
            for files in [&[][..], &[file.as_fd()]] {
                send(sending.as_fd(), [bytes, b""], files).unwrap();
                assert_eq!(peek(receiving.as_fd()), Ok(true));
                let arrival = receive(receiving.as_fd(), &mut [0; 8]).unwrap();
                assert_eq!(arrival.descriptors.len(), files.len());
            }
        }
        // With what the other side has not read itself.
        send(receiving.as_fd(), [b"back", b""], &[]).unwrap();
        send(sending.as_fd(), [b"last", b""], &[]).unwrap();
        drop(sending);
        assert_eq!(peek(receiving.as_fd()), Ok(true));
        receive(receiving.as_fd(), &mut [0; 8]).unwrap();
        assert_eq!(peek(receiving.as_fd()), Ok(false));
    }
}
