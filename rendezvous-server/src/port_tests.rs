//! What a port that nobody claims leaves behind: Chromium's table of six cases,
//! with types and references, and the safe constructors beside it.

use mach_ports::census;
use mach_ports::{Disposition, Name, Notification, ReceiveOptions, ReceiveRight, SendRight};

use crate::RendezvousPort;

/// What a name is, exactly.
#[derive(Debug, PartialEq, Eq)]
enum Held {
    Receive,
    /// A receive right and this many references to a send right.
    ReceiveAndSends(u32),
    /// This many references to a dead name.
    Dead(u32),
    Other(census::Entry),
}

fn held(name: Name) -> Held {
    let entry = census::entry(name).unwrap().unwrap();
    let kinds = [entry.is_receive(), entry.is_send(), entry.is_dead_name()];
    match kinds {
        [true, false, false] => Held::Receive,
        [true, true, false] => Held::ReceiveAndSends(entry.references),
        [false, false, true] => Held::Dead(entry.references),
        _ => Held::Other(entry),
    }
}

#[test]
fn unclaimed_ports_by_name_and_disposition() {
    use Disposition::{CopySend, MakeSend, MakeSendOnce, MoveReceive, MoveSend};
    for (with_send, disposition, expected) in [
        (true, MoveReceive, Held::Dead(1)),
        (true, MoveSend, Held::Receive),
        (true, CopySend, Held::ReceiveAndSends(1)),
        (true, MakeSend, Held::ReceiveAndSends(1)),
        (false, MakeSend, Held::Receive),
        (true, MakeSendOnce, Held::ReceiveAndSends(1)),
    ] {
        let port = ReceiveRight::new().unwrap();
        let send = with_send.then(|| port.make_send().unwrap().into_raw());
        let name = port.into_raw();
        // SAFETY: the rights were given up just now; those that are moved are not
        // used again, and the others live until the port is dropped.
        let waiting = unsafe { RendezvousPort::from_raw(name, disposition) }.unwrap();
        assert_eq!((waiting.name(), waiting.disposition()), (name, disposition));
        drop(waiting);
        assert_eq!(
            held(name),
            expected,
            "{disposition:?}, send right: {with_send}"
        );
        // SAFETY: what was not moved is owned again, to be released.
        unsafe {
            if send.is_some() && disposition != MoveSend {
                drop(SendRight::from_raw(name));
            }
            if disposition != MoveReceive {
                drop(ReceiveRight::from_raw(name));
            }
        }
    }
}

#[test]
fn no_port_is_no_port() {
    for name in [0, !0] {
        // SAFETY: these names denote nothing, so there is nothing to own.
        assert!(unsafe { RendezvousPort::from_raw(name, Disposition::MoveSend) }.is_none());
    }
}

#[test]
fn unclaimed_copies_and_new_rights_go_the_source_stays() {
    let port = ReceiveRight::new().unwrap();
    let send = port.make_send().unwrap();
    drop(RendezvousPort::copy_send(&send).unwrap());
    drop(RendezvousPort::make_send(&port).unwrap());
    assert_eq!(held(port.name()), Held::ReceiveAndSends(1));
    assert_eq!(port.status().unwrap().message_count, 0);
}

#[test]
fn an_unclaimed_send_once_right_tells_its_port() {
    let port = ReceiveRight::new().unwrap();
    drop(RendezvousPort::make_send_once(&port).unwrap());
    let message = port.receive(&ReceiveOptions::new()).unwrap();
    assert_eq!(message.notification(), Some(Notification::SendOnce));
    drop(RendezvousPort::move_send_once(
        port.make_send_once().unwrap(),
    ));
    let message = port.receive(&ReceiveOptions::new()).unwrap();
    assert_eq!(message.notification(), Some(Notification::SendOnce));
}

#[test]
fn what_is_made_at_the_request_fails_when_the_source_is_gone() {
    let port = ReceiveRight::new().unwrap();
    // SAFETY: the port outlives the claim in the first case. In the second it
    // does not, which the safety contract forbids for the caller's own sake: its
    // name may come to mean something else. Here nothing else takes names.
    let waiting = |name| unsafe { RendezvousPort::from_raw(name, Disposition::MakeSend) }.unwrap();
    let right = waiting(port.name()).into_right().unwrap();
    assert_eq!(right.name(), port.name());
    drop(right);
    let late = waiting(port.name());
    drop(port);
    assert!(late.into_right().is_err());
}
