//! Descriptors that a peer sends.

use std::os::fd::{AsFd, OwnedFd};

use arbitrary::{Result, Unstructured};
use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::socket::{AddressFamily, Backlog, SockFlag, SockType, UnixAddr};
use nix::sys::socket::{bind, listen, socket, socketpair};

/// The most bytes of a file.
const LONGEST: u32 = 1 << 20;

/// Two ends that are each other's.
pub(super) fn pair(kind: SockType) -> (OwnedFd, OwnedFd) {
    socketpair(AddressFamily::Unix, kind, None, SockFlag::SOCK_CLOEXEC).expect("a pair")
}

/// Memory with these bytes, sealed or not.
pub(super) fn memory(bytes: &[u8], len: u32, seals: SealFlag) -> OwnedFd {
    let flags = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
    let fd = memfd_create(c"fuzz", flags).expect("a memfd");
    nix::unistd::write(&fd, bytes).expect("its bytes");
    nix::unistd::ftruncate(&fd, i64::from(len)).expect("its size");
    fcntl(&fd, FcntlArg::F_ADD_SEALS(seals)).expect("its seals");
    fd
}

fn listener() -> OwnedFd {
    let kind = SockType::SeqPacket;
    let fd = socket(AddressFamily::Unix, kind, SockFlag::SOCK_CLOEXEC, None).expect("a socket");
    bind(
        std::os::fd::AsRawFd::as_raw_fd(&fd),
        &UnixAddr::new_unnamed(),
    )
    .expect("an address");
    listen(&fd, Backlog::MAXCONN).expect("a listener");
    fd
}

/// A descriptor to be sent, and the other end of it if it has one.
pub(super) fn one(
    input: &mut Unstructured<'_>,
    held: &[OwnedFd],
) -> Result<(OwnedFd, Option<OwnedFd>)> {
    let single = |fd: OwnedFd| (fd, None);
    let both = |(one, other): (OwnedFd, OwnedFd)| (one, Some(other));
    Ok(match input.int_in_range(0..=12u8)? {
        0..=4 => both(pair(SockType::SeqPacket)),
        5 => {
            let index = input.choose_index(held.len())?;
            single(held[index].as_fd().try_clone_to_owned().expect("a copy"))
        }
        6 => {
            let all = SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_WRITE;
            let seals = if input.ratio(3, 4)? {
                all
            } else {
                SealFlag::from_bits_truncate(input.int_in_range(0..=31)?)
            };
            let len = input.int_in_range(0..=LONGEST)?;
            single(memory(&[], len, seals))
        }
        7 => both(pair(SockType::Stream)),
        8 => both(pair(SockType::Datagram)),
        9 => both(nix::unistd::pipe().expect("a pipe")),
        10 => single(listener()),
        11 => {
            let flags = nix::sys::epoll::EpollCreateFlags::EPOLL_CLOEXEC;
            single(nix::sys::epoll::Epoll::new(flags).expect("an epoll").0)
        }
        _ => single(std::fs::File::open("/dev/null").expect("a file").into()),
    })
}
