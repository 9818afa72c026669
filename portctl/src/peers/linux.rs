//! A right is a socket, and whoever has its peer is at the other end: `sock_diag` tells which socket that is, and `/proc` who
//! has it, of the processes that this one may look at.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::Path;

use netlink_packet_core::{
    NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::unix::{ShowFlags, StateFlags, UnixRequest};
use netlink_sys::protocols::NETLINK_SOCK_DIAG;
use netlink_sys::{Socket, SocketAddr};

/// `sock_diag` has numbers of 32 bits.
type Inode = u32;

pub(super) fn of(sockets: &[(u32, u64)]) -> BTreeMap<u32, BTreeSet<i32>> {
    if sockets.is_empty() {
        return BTreeMap::new();
    }
    // A sandbox may be in a network of its own, of whose sockets nothing is told here.
    let peers = all_peers().unwrap_or_default();
    let of = |inode: u64| Inode::try_from(inode).ok().and_then(|own| peers.get(&own));
    let wanted: BTreeSet<_> = sockets.iter().filter_map(|&(_, inode)| of(inode)).collect();
    let holders = holders(&wanted);
    let mut found: BTreeMap<u32, BTreeSet<i32>> = BTreeMap::new();
    for &(name, inode) in sockets {
        let pids = of(inode).and_then(|peer| holders.get(peer));
        found
            .entry(name)
            .or_default()
            .extend(pids.into_iter().flatten());
    }
    found
}

/// Of each connected Unix socket its peer.
fn all_peers() -> io::Result<HashMap<Inode, Inode>> {
    let mut socket = Socket::new(NETLINK_SOCK_DIAG)?;
    socket.bind_auto()?;
    socket.connect(&SocketAddr::new(0, 0))?;
    socket.send(&request(), 0)?;
    let mut peers = HashMap::new();
    loop {
        let (answer, _) = socket.recv_from_full()?;
        let mut rest = &answer[..];
        while !rest.is_empty() {
            let message = NetlinkMessage::<SockDiagMessage>::deserialize(rest);
            let message = message.map_err(io::Error::other)?;
            match message.payload {
                NetlinkPayload::InnerMessage(SockDiagMessage::UnixResponse(of)) => {
                    peers.extend(of.peer().map(|peer| (of.header.inode, peer)));
                }
                NetlinkPayload::Done(_) => return Ok(peers),
                NetlinkPayload::Error(error) => return Err(error.to_io()),
                _ => {}
            }
            let len = message.header.length as usize;
            // Each begins at a multiple of 4.
            let next = len.max(1).next_multiple_of(4);
            rest = rest.get(next..).unwrap_or_default();
        }
    }
}

/// A request for all of them.
fn request() -> Vec<u8> {
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_REQUEST | NLM_F_DUMP;
    let request = SockDiagMessage::UnixRequest(UnixRequest {
        state_flags: StateFlags::ESTABLISHED,
        inode: 0,
        show_flags: ShowFlags::PEER,
        cookie: [0xff; 8],
    });
    let mut message = NetlinkMessage::new(header, NetlinkPayload::from(request));
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    bytes
}

/// The processes that have one of these sockets. What may not be looked at, or ends meanwhile, is left out.
fn holders(wanted: &BTreeSet<&Inode>) -> HashMap<Inode, BTreeSet<i32>> {
    let mut holders: HashMap<Inode, BTreeSet<i32>> = HashMap::new();
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let name = process.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let open = fs::read_dir(process.path().join("fd"));
        for descriptor in open.into_iter().flatten().flatten() {
            if let Some(inode) = socket(&descriptor.path())
                && wanted.contains(&inode)
            {
                holders.entry(inode).or_default().insert(pid);
            }
        }
    }
    holders
}

/// The inode of an open socket.
fn socket(descriptor: &Path) -> Option<Inode> {
    let link = fs::read_link(descriptor).ok()?;
    let inode = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
    inode.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;

    fn inode(stream: &UnixStream) -> u64 {
        let path = format!("/proc/self/fd/{}", stream.as_raw_fd());
        socket(Path::new(&path)).unwrap().into()
    }

    #[test]
    fn who_has_the_peer_is_found() {
        let (one, other) = UnixStream::pair().unwrap();
        let own = std::process::id().cast_signed();
        let found = of(&[(7, inode(&one)), (8, inode(&other)), (9, u64::MAX)]);
        assert!(found[&7].contains(&own) && found[&8].contains(&own));
        assert!(found[&9].is_empty());
        drop(other);
        assert!(of(&[(7, inode(&one))])[&7].is_empty());
    }
}
