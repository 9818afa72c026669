//! References: what each value owns, and what is left when it is gone.

use std::time::Duration;

use crate::census;
use crate::message::{Notification, ReceiveOptions, ReceivedMessage};
use crate::right::{AnyRight, ReceiveRight, Right, RightKind, SendOnceRight, SendRight};

/// Receives what must already be there, or come without anybody's doing.
fn next(port: &ReceiveRight) -> ReceivedMessage {
    port.receive(&ReceiveOptions::new().timeout(Duration::from_secs(10)))
        .unwrap()
}

fn is_empty(port: &ReceiveRight) -> bool {
    port.receive(&ReceiveOptions::new().timeout(Duration::ZERO))
        .is_err()
}

#[test]
fn each_send_right_is_one_reference() {
    let port = ReceiveRight::new().unwrap();
    let first = port.make_send().unwrap();
    assert_eq!(first.name(), port.name());
    let second = port.make_send().unwrap();
    let third = first.clone();
    assert_eq!(first.references(), Ok(3));
    drop(second);
    assert_eq!(first.references(), Ok(2));
    drop(third);
    assert_eq!(first.references(), Ok(1));
    drop(first);
    let entry = census::entry(port.name()).unwrap().unwrap();
    assert!(entry.is_receive() && !entry.is_send());
}

#[test]
fn a_receive_right_takes_its_name_along() {
    let port = ReceiveRight::new().unwrap();
    let name = port.name();
    drop(port);
    assert_eq!(census::entry(name).unwrap(), None);
}

#[test]
fn a_dead_name_is_cloned_and_released_like_a_right() {
    let port = ReceiveRight::new().unwrap();
    let first = port.make_send().unwrap();
    assert!(!first.is_dead());
    drop(port);
    assert!(first.is_dead());
    let second = first.clone();
    assert_eq!(second.references(), Ok(2));
    drop(first);
    assert_eq!(second.references(), Ok(1));
    let name = second.name();
    drop(second);
    assert_eq!(census::entry(name).unwrap(), None);
}

#[test]
fn send_once_rights_have_names_of_their_own() {
    let port = ReceiveRight::new().unwrap();
    let (first, second) = (
        port.make_send_once().unwrap(),
        port.make_send_once().unwrap(),
    );
    assert_ne!(first.name(), second.name());
    assert_ne!(first.name(), port.name());
    assert_eq!(port.status().unwrap().send_once_rights, 2);
    drop(port);
    assert!(first.is_dead() && second.is_dead());
}

#[test]
fn an_unused_send_once_right_tells_its_receiver() {
    let port = ReceiveRight::new().unwrap();
    let right = port.make_send_once().unwrap();
    let name = right.name();
    assert!(is_empty(&port));
    drop(right);
    assert_eq!(next(&port).notification(), Some(Notification::SendOnce));
    assert!(is_empty(&port));
    assert_eq!(census::entry(name).unwrap(), None);
}

#[test]
fn raw_names_carry_their_reference() {
    let port = ReceiveRight::new().unwrap();
    let right = port.make_send().unwrap();
    let name = right.clone().into_raw();
    assert_eq!(right.references(), Ok(2));
    // SAFETY: the reference was given up on the line above.
    let back = unsafe { SendRight::from_raw(name) }.unwrap();
    drop(back);
    assert_eq!(right.references(), Ok(1));
    for nothing in [0, !0] {
        // SAFETY: these names are never owned.
        unsafe {
            assert!(SendRight::from_raw(nothing).is_none());
            assert!(SendOnceRight::from_raw(nothing).is_none());
            assert!(ReceiveRight::from_raw(nothing).is_none());
            assert!(AnyRight::from_raw(nothing, RightKind::Send).is_none());
        }
    }
}

#[test]
fn a_right_of_any_kind_keeps_its_kind() {
    let port = ReceiveRight::new().unwrap();
    let (send, once) = (port.make_send().unwrap(), port.make_send_once().unwrap());
    let kinds = [RightKind::Send, RightKind::SendOnce, RightKind::Receive];
    for (right, kind) in [AnyRight::from(send), once.into(), port.into()]
        .into_iter()
        .zip(kinds)
    {
        let name = right.name();
        assert_eq!(right.kind(), kind);
        let raw = right.into_raw();
        assert_eq!(raw, (name, kind));
        // SAFETY: the reference was just given up.
        let back = unsafe { AnyRight::from_raw(raw.0, raw.1) };
        assert_eq!(back.unwrap().kind(), kind);
    }
    assert_eq!(<SendOnceRight as Right>::KIND, RightKind::SendOnce);
}

#[test]
fn no_senders_comes_when_the_last_reference_goes() {
    let (port, notify) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
    let right = port.make_send().unwrap();
    let second = right.clone();
    let previous = port
        .request_no_senders(notify.make_send_once().unwrap(), 1)
        .unwrap();
    assert!(previous.is_none());
    drop(right);
    assert!(is_empty(&notify));
    drop(second);
    let expected = Notification::NoSenders { make_send_count: 1 };
    assert_eq!(next(&notify).notification(), Some(expected));
}

#[test]
fn a_request_replaces_the_one_before() {
    let (port, notify) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
    let _right = port.make_send().unwrap();
    let request = || {
        port.request_no_senders(notify.make_send_once().unwrap(), 0)
            .unwrap()
    };
    assert!(request().is_none());
    assert!(request().is_some());
    assert!(port.status().unwrap().no_senders_requested);
    assert!(port.cancel_no_senders().unwrap().is_some());
    assert!(port.cancel_no_senders().unwrap().is_none());
}

#[test]
fn a_dead_name_notification_releases_its_reference() {
    let (port, notify) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
    let right = port.make_send().unwrap();
    assert!(
        right
            .request_dead_name(notify.make_send_once().unwrap())
            .unwrap()
            .is_none()
    );
    drop(port);
    let message = next(&notify);
    let name = right.name();
    assert_eq!(
        message.notification(),
        Some(Notification::DeadName { name })
    );
    assert_eq!(right.references(), Ok(2));
    drop(message);
    assert_eq!(right.references(), Ok(1));
    // Too late to ask again; the notify right is used up all the same.
    assert!(
        right
            .request_dead_name(notify.make_send_once().unwrap())
            .is_err()
    );
    assert_eq!(next(&notify).notification(), Some(Notification::SendOnce));
}

#[test]
fn a_withdrawn_dead_name_request_stays_silent() {
    let (port, notify) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
    let right = port.make_send().unwrap();
    right
        .request_dead_name(notify.make_send_once().unwrap())
        .unwrap();
    let withdrawn = right.cancel_dead_name().unwrap().unwrap();
    drop(port);
    assert!(is_empty(&notify));
    drop(withdrawn);
    assert_eq!(next(&notify).notification(), Some(Notification::SendOnce));
}

#[test]
fn a_port_can_be_saved_from_destruction() {
    let (port, notify) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
    let right = port.make_send().unwrap();
    port.request_port_destroyed(notify.make_send_once().unwrap())
        .unwrap();
    assert!(port.status().unwrap().port_destroyed_requested);
    drop(port);
    let mut message = next(&notify);
    assert_eq!(message.notification(), Some(Notification::PortDestroyed));
    assert!(!right.is_dead());
    let port = message.take_receive(0).unwrap().unwrap();
    assert_eq!(port.name(), right.name());
}

#[test]
fn the_queue_limit_is_part_of_the_status() {
    let port = ReceiveRight::new().unwrap();
    let fresh = port.status().unwrap();
    assert_eq!(
        (fresh.queue_limit, fresh.message_count, fresh.has_senders),
        (5, 0, false)
    );
    port.set_queue_limit(1024).unwrap();
    assert!(port.set_queue_limit(1025).is_err());
    let _right = port.make_send().unwrap();
    let status = port.status().unwrap();
    assert_eq!((status.queue_limit, status.make_send_count), (1024, 1));
    assert!(status.has_senders && !status.in_set);
}
