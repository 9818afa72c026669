//! A liar's links: connections to a bootstrap name, and socket pairs of its own.

use std::ffi::CStr;
use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};

use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType, UnixAddr,
    connect, recvmsg, sendmsg, socket, socketpair,
};

/// The socket of a bootstrap name that is served.
pub(crate) fn path_of(service: &CStr) -> PathBuf {
    let uid = nix::unistd::geteuid();
    let service = service.to_str().expect("ASCII");
    let session = std::env::var("XDG_RUNTIME_DIR").unwrap_or_default();
    let places = [
        format!("{session}/embedded-mach"),
        format!("/run/user/{uid}/embedded-mach"),
        format!("/tmp/embedded-mach-{uid}"),
        format!("/dev/shm/embedded-mach-{uid}"),
    ];
    let folders = places.map(|place| PathBuf::from(place).join(service));
    let mut files = folders.iter().flat_map(std::fs::read_dir).flatten();
    let found = files.find(|file| {
        // In a pid namespace that is not the first it is called otherwise.
        let name = file.as_ref().map(std::fs::DirEntry::file_name);
        name.is_ok_and(|name| name.to_string_lossy().starts_with("port"))
    });
    found.expect("the name is served").expect("its path").path()
}

/// A connection to whoever serves a bootstrap name.
pub(crate) fn link_to(service: &CStr) -> OwnedFd {
    connection(&path_of(service))
}

/// A connection to whoever listens at a path.
pub(crate) fn connection(path: &Path) -> OwnedFd {
    let fd = socket(
        AddressFamily::Unix,
        SockType::SeqPacket,
        SockFlag::SOCK_CLOEXEC,
        None,
    )
    .expect("a socket");
    let address = UnixAddr::new(path).expect("an address");
    connect(fd.as_raw_fd(), &address).expect("the name's server");
    fd
}

/// Two ends that are each other's.
pub(crate) fn pair(kind: SockType) -> (OwnedFd, OwnedFd) {
    socketpair(AddressFamily::Unix, kind, None, SockFlag::SOCK_CLOEXEC).expect("a pair")
}

/// Sends a packet.
pub(crate) fn send(to: &OwnedFd, bytes: &[u8], descriptors: &[&OwnedFd]) {
    let raw: Vec<RawFd> = descriptors.iter().map(|fd| fd.as_raw_fd()).collect();
    let rights = [ControlMessage::ScmRights(&raw)];
    let attached = if raw.is_empty() { &[][..] } else { &rights[..] };
    let sent = sendmsg::<()>(
        to.as_raw_fd(),
        &[IoSlice::new(bytes)],
        attached,
        MsgFlags::MSG_NOSIGNAL,
        None,
    );
    assert_eq!(sent, Ok(bytes.len()), "a packet that fits");
}

/// Waits for a packet: its bytes and descriptors.
pub(crate) fn receive(from: &OwnedFd) -> (Vec<u8>, Vec<OwnedFd>) {
    let mut bytes = vec![0; 65_536];
    let mut room = nix::cmsg_space!([RawFd; 16]);
    let mut buffers = [IoSliceMut::new(&mut bytes)];
    let arrived = recvmsg::<()>(
        from.as_raw_fd(),
        &mut buffers,
        Some(&mut room),
        MsgFlags::MSG_CMSG_CLOEXEC,
    )
    .expect("a packet");
    let mut descriptors = Vec::new();
    for message in arrived.cmsgs().expect("whole ancillary data") {
        if let ControlMessageOwned::ScmRights(raw) = message {
            // SAFETY: the kernel has just made these numbers for this process; nothing else owns them.
            descriptors.extend(
                raw.into_iter()
                    .map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }),
            );
        }
    }
    let len = arrived.bytes;
    bytes.truncate(len);
    (bytes, descriptors)
}
