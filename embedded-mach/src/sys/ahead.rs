//! Links of which each task makes its own end, so that nobody else ever had a descriptor of either.
//!
//! Who is to send listens and connects to that itself, and passes the listening socket. The receiving end is in its queue
//! and has no descriptor until it is taken out, which can be done once. Everybody in the network namespace can connect there
//! as well, for as long as it lasts: who takes the end out looks whose it is.

use std::io;
use std::os::fd::AsRawFd;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::socket::{Backlog, UnixAddr, bind, connect, listen, setsockopt, sockopt};
use nix::sys::time::TimeVal;

use super::foreign::Foreign;
use super::socket;

/// How many may wait to be taken out: the end that is meant, and some that others have put there.
const PLACES: i32 = 4;
/// The least that a connection can be made to wait for a place.
const AT_ONCE: TimeVal = TimeVal::new(0, 1);

/// A new link: what is to be passed so that another task has its receiving end, and its sending end.
///
/// Where sockets may not be named it is a pair, whose ends the other task cannot take for its own alone.
pub(crate) fn link() -> io::Result<(Foreign, Foreign)> {
    listening().or_else(|_| {
        let (receiving, sending) = socket::link_pair()?;
        socket::prepare_receiving(&sending)?;
        Ok((receiving, sending))
    })
}

fn listening() -> io::Result<(Foreign, Foreign)> {
    let listener = socket::seqpacket()?;
    fcntl(&listener, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    let address = socket::receiving_name()?;
    bind(listener.as_raw_fd(), &address)?;
    listen(&listener, Backlog::new(PLACES - 1)?)?;
    let sending = connected(&address)?;
    Ok((Foreign::own_end(listener), Foreign::own_end(sending)))
}

fn connected(address: &UnixAddr) -> io::Result<std::os::fd::OwnedFd> {
    let sending = socket::seqpacket()?;
    let _ = setsockopt(&sending, sockopt::SndBuf, &socket::LINK_BUFFER);
    setsockopt(&sending, sockopt::SendTimeout, &AT_ONCE)?;
    // Slot rule 3: before anything is sent.
    socket::prepare_receiving(&sending)?;
    connect(sending.as_raw_fd(), address)?;
    Ok(sending)
}

/// Takes out the end that a process has put into a listening socket, and closes that. `None`: there is none at whose other
/// side nobody receives.
///
/// Whoever else has the listening socket can hold this up.
pub(crate) fn take(listener: Foreign, is_maker: impl Fn(i32) -> bool) -> Option<Foreign> {
    for _ in 0..PLACES {
        let end = listener.make_call("accept", |listener| socket::accept(&listener));
        let end = end.ok()??;
        if socket::maker(&end).is_some_and(|maker| is_maker(maker.pid)) {
            // Slot rule 3: what was sent before names who sent it, too.
            socket::prepare_receiving(&end).ok()?;
            return socket::is_named_receiving(&end).then_some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;
    use crate::sys::packet;

    fn own(pid: i32) -> bool {
        pid == std::process::id() as i32
    }

    #[test]
    fn an_end_is_taken_out_with_what_was_sent() {
        let (listener, sending) = listening().unwrap();
        packet::send(sending.as_fd(), [b"one", &[]], &[]).unwrap();
        let receiving = take(listener, own).unwrap();
        assert!(receiving.is_own() && sending.is_own());
        packet::send(sending.as_fd(), [b"two", &[]], &[]).unwrap();
        for expected in [b"one", b"two"] {
            let mut buffer = [0; 16];
            let arrival = packet::receive(receiving.as_fd(), &mut buffer).unwrap();
            assert_eq!(&buffer[..arrival.len], expected);
            assert!(own(arrival.credentials.unwrap().pid));
        }
        drop(receiving);
        assert_eq!(socket::outlook(sending.as_fd()), socket::Outlook::Dead);
    }

    #[test]
    fn an_end_is_taken_out_once() {
        let (listener, _sending) = listening().unwrap();
        let copy = listener.try_clone().unwrap();
        assert!(take(listener, own).is_some());
        assert!(take(copy, own).is_none());
    }

    #[test]
    fn the_ends_of_others_are_passed_over() {
        let (listener, _sending) = listening().unwrap();
        let copy = listener.try_clone().unwrap();
        let all = std::cell::Cell::new(0);
        assert!(take(copy, |_| all.replace(all.get() + 1) > 0).is_none());
        assert_eq!(all.get(), 1);
    }

    #[test]
    fn nobody_receives_at_the_other_side() {
        let (_listener, sending) = listening().unwrap();
        // Whoever is brought the sending end as one to receive by sees what it is.
        assert!(!socket::name_receiving(&sending));
        // Somebody was brought it before it was connected.
        let (listener, sending) = (socket::seqpacket().unwrap(), socket::seqpacket().unwrap());
        let address = socket::receiving_name().unwrap();
        bind(listener.as_raw_fd(), &address).unwrap();
        listen(&listener, Backlog::new(1).unwrap()).unwrap();
        assert!(socket::name_receiving(&sending));
        connect(sending.as_raw_fd(), &address).unwrap();
        assert!(take(Foreign::arrived(listener), own).is_none());
        // A listening socket of another name, whose ends say nothing of what they are.
        let other = socket::seqpacket().unwrap();
        bind(other.as_raw_fd(), &UnixAddr::new_unnamed()).unwrap();
        listen(&other, Backlog::new(1).unwrap()).unwrap();
        let address: UnixAddr = nix::sys::socket::getsockname(other.as_raw_fd()).unwrap();
        let _sending = connected(&address).unwrap();
        assert!(take(Foreign::arrived(other), own).is_none());
    }
}
