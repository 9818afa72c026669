//! What a port that nobody claims leaves behind: Chromium's table of six cases,
//! with types and references, and the safe constructors beside it.

use mach_ports::ffi::extra::{MACH_PORT_TYPE_DEAD_NAME, mach_port_get_refs, mach_port_type};
use mach_ports::ffi::port::{MACH_PORT_RIGHT_RECEIVE, MACH_PORT_RIGHT_SEND};
use mach_ports::ffi::port::{mach_port_right_t, mach_port_type_t};
use mach_ports::ffi::traps::mach_task_self;
use mach_ports::{Disposition, Name, Notification, ReceiveOptions, ReceiveRight};

use crate::RendezvousPort;

const RECEIVE: mach_port_type_t = 1 << (16 + MACH_PORT_RIGHT_RECEIVE);
const SEND: mach_port_type_t = 1 << (16 + MACH_PORT_RIGHT_SEND);

fn type_of(name: Name) -> mach_port_type_t {
    let mut bits = 0;
    // SAFETY: `bits` is valid for the call to write.
    let code = unsafe { mach_port_type(mach_task_self(), name, &mut bits) };
    assert_eq!(code, 0);
    bits
}

fn references(name: Name, right: mach_port_right_t) -> u32 {
    let mut count = 0;
    // SAFETY: `count` is valid for the call to write.
    let code = unsafe { mach_port_get_refs(mach_task_self(), name, right, &mut count) };
    assert_eq!(code, 0);
    count
}

#[test]
fn unclaimed_ports_by_name_and_disposition() {
    use Disposition::{CopySend, MakeSend, MakeSendOnce, MoveReceive, MoveSend};
    for (with_send, disposition, expected, sends) in [
        (true, MoveReceive, MACH_PORT_TYPE_DEAD_NAME, 0),
        (true, MoveSend, RECEIVE, 0),
        (true, CopySend, RECEIVE | SEND, 1),
        (true, MakeSend, RECEIVE | SEND, 1),
        (false, MakeSend, RECEIVE, 0),
        (true, MakeSendOnce, RECEIVE | SEND, 1),
    ] {
        let port = ReceiveRight::new().unwrap();
        let send = with_send.then(|| port.make_send().unwrap().into_raw());
        let name = port.into_raw();
        // SAFETY: the rights were given up just now; those that are moved are not
        // used again, and the others live until the port is dropped.
        let waiting = unsafe { RendezvousPort::from_raw(name, disposition) }.unwrap();
        assert_eq!((waiting.name(), waiting.disposition()), (name, disposition));
        drop(waiting);
        let case = format!("{disposition:?}, send right: {with_send}");
        assert_eq!(type_of(name), expected, "{case}");
        assert_eq!(references(name, MACH_PORT_RIGHT_SEND), sends, "{case}");
        // SAFETY: what was not moved is owned again, to be released.
        unsafe {
            if send.is_some() && disposition != MoveSend {
                drop(mach_ports::SendRight::from_raw(name));
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
    assert_eq!(type_of(port.name()), RECEIVE | SEND);
    assert_eq!(references(port.name(), MACH_PORT_RIGHT_SEND), 1);
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
