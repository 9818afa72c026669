//! Mach facts 48 to 50: what notifications look like, and how they are asked for.

use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::*;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Buffer, Letter, receive};
use rendezvous_tests::notice::{NONE, all, ask, next, request};
use rendezvous_tests::raw::{deallocate, destroy, made, request_notification, status, type_of};

/// A message by the kernel, with the size and the bits that all but one have.
#[track_caller]
fn plain(notify: mach_port_name_t, id: mach_msg_id_t, size: usize) -> Buffer {
    let mail = receive(notify);
    assert_eq!((mail.id(), mail.size(), mail.bits()), (id, size, 0x1200));
    assert_eq!((mail.remote(), mail.local()), (MACH_PORT_NULL, notify));
    assert_eq!(mail.voucher(), MACH_PORT_NULL);
    mail
}

/// As `plain`, with NDR record and value.
#[track_caller]
fn with_value(notify: mach_port_name_t, id: mach_msg_id_t, value: u32) {
    let mail = plain(notify, id, 36);
    // Integers little-endian, characters ASCII, floats IEEE.
    let little = u8::from(cfg!(target_endian = "little"));
    assert_eq!(mail.at(24), [0, 0, 0, 0, little, 0, 0, 0]);
    assert_eq!(mail.u32_at(32), value);
}

#[test]
fn fact_48_the_ids() {
    let ids = [
        MACH_NOTIFY_PORT_DELETED,
        MACH_NOTIFY_SEND_POSSIBLE,
        MACH_NOTIFY_PORT_DESTROYED,
        MACH_NOTIFY_NO_SENDERS,
        MACH_NOTIFY_SEND_ONCE,
        MACH_NOTIFY_DEAD_NAME,
    ];
    assert_eq!(ids, [65, 66, 69, 70, 71, 72]);
}

#[test]
fn fact_48_port_deleted() {
    let (notify, port) = (made::port(), made::port());
    ask(port, MACH_NOTIFY_DEAD_NAME, 0, notify);
    made::kill(port);
    with_value(notify, 65, port);
}

#[test]
fn fact_48_send_possible() {
    let (notify, port) = (made::port(), made::port_with_send());
    ask(port, MACH_NOTIFY_SEND_POSSIBLE, 1, notify);
    with_value(notify, 66, port);
}

#[test]
fn fact_48_port_destroyed() {
    let (notify, port) = (made::port(), made::port());
    ask(port, MACH_NOTIFY_PORT_DESTROYED, 0, notify);
    made::kill(port);
    let mail = receive(notify);
    assert_eq!((mail.id(), mail.size(), mail.bits()), (69, 40, 0x8000_1200));
    assert_eq!((mail.remote(), mail.local()), (MACH_PORT_NULL, notify));
    assert_eq!(mail.u32_at(24), 1);
    let (name, disposition) = mail.only_port();
    assert_eq!((name, disposition), (mail.u32_at(28), 16));
    assert_eq!(type_of(name), Ok(MACH_PORT_TYPE_RECEIVE));
}

#[test]
fn fact_48_no_senders() {
    let (notify, port) = (made::port(), made::port());
    ask(port, MACH_NOTIFY_NO_SENDERS, 0, notify);
    with_value(notify, 70, 0);
}

#[test]
fn fact_48_send_once() {
    let notify = made::port();
    assert_eq!(deallocate(made::send_once(notify)), KERN_SUCCESS);
    plain(notify, 71, 24);
}

#[test]
fn fact_48_dead_name() {
    let (notify, port) = (made::port(), made::port_with_send());
    ask(port, MACH_NOTIFY_DEAD_NAME, 0, notify);
    made::kill(port);
    with_value(notify, 72, port);
}

/// Asks twice for `id` and cancels: each time the former right comes back, under a name of its own.
fn replaced_and_cancelled(id: mach_msg_id_t, sync: u32) {
    let (first, second, port) = (made::port(), made::port(), made::port_with_send());
    ask(port, id, sync, first);
    let former = request(port, id, sync, second).expect("a second request");
    assert_eq!(type_of(former), Ok(MACH_PORT_TYPE_SEND_ONCE));
    Letter::to(former, MACH_MSG_TYPE_MOVE_SEND_ONCE)
        .id(1)
        .send();
    assert_eq!(receive(first).id(), 1);

    let former = request(port, id, sync, MACH_PORT_NULL).expect("a cancellation");
    assert_eq!(type_of(former), Ok(MACH_PORT_TYPE_SEND_ONCE));
    assert_eq!(deallocate(former), KERN_SUCCESS);
    assert_eq!(next(second), (MACH_NOTIFY_SEND_ONCE, 0));
    // Nothing is left of it.
    assert_eq!(request(port, id, sync, MACH_PORT_NULL), Ok(MACH_PORT_NULL));
    assert_eq!(destroy(port), KERN_SUCCESS);
    assert_eq!((all(first), all(second)), (NONE.to_vec(), NONE.to_vec()));
}

#[test]
fn fact_49_a_request_gives_back_the_right_of_the_former_one() {
    replaced_and_cancelled(MACH_NOTIFY_DEAD_NAME, 0);
    replaced_and_cancelled(MACH_NOTIFY_SEND_POSSIBLE, 0);
    replaced_and_cancelled(MACH_NOTIFY_NO_SENDERS, 1);
}

#[test]
fn fact_49_a_request_that_fires_at_once_gives_back_the_former_right_too() {
    let (first, second, port) = (made::port(), made::port(), made::port_with_send());
    ask(port, MACH_NOTIFY_DEAD_NAME, 0, first);
    let former = request(port, MACH_NOTIFY_SEND_POSSIBLE, 1, second).unwrap();
    assert_eq!(type_of(former), Ok(MACH_PORT_TYPE_SEND_ONCE));
    assert_eq!(next(second), (MACH_NOTIFY_SEND_POSSIBLE, port));
    assert_eq!(deallocate(former), KERN_SUCCESS);

    let lonely = made::port();
    // In the future as far as the count goes, so that it stands.
    ask(lonely, MACH_NOTIFY_NO_SENDERS, 1, first);
    assert_eq!(next(first), (MACH_NOTIFY_SEND_ONCE, 0));
    let former = request(lonely, MACH_NOTIFY_NO_SENDERS, 0, second).unwrap();
    assert_eq!(type_of(former), Ok(MACH_PORT_TYPE_SEND_ONCE));
    assert_eq!(next(second), (MACH_NOTIFY_NO_SENDERS, 0));
    assert_eq!(deallocate(former), KERN_SUCCESS);
}

#[test]
fn fact_49_a_notify_right_can_be_moved() {
    let (notify, port) = (made::port(), made::port_with_send());
    let once = made::send_once(notify);
    let id = MACH_NOTIFY_DEAD_NAME;
    let asked = request_notification(port, id, 0, once, MACH_MSG_TYPE_MOVE_SEND_ONCE);
    assert_eq!(asked, Ok(MACH_PORT_NULL));
    assert_eq!(type_of(once), Err(KERN_INVALID_NAME));
    made::kill(port);
    assert_eq!(next(notify), (id, port));
}

#[test]
fn fact_49_port_destroyed_cannot_be_replaced_or_cancelled() {
    let (notify, second, port) = (made::port(), made::port(), made::port());
    let id = MACH_NOTIFY_PORT_DESTROYED;
    assert_eq!(request(port, id, 0, MACH_PORT_NULL), Ok(MACH_PORT_NULL));
    ask(port, id, 0, notify);
    assert_eq!(request(port, id, 0, second), Err(KERN_FAILURE));
    assert_eq!(next(second), (MACH_NOTIFY_SEND_ONCE, 0));
    assert_eq!(request(port, id, 0, MACH_PORT_NULL), Err(KERN_FAILURE));
    assert_eq!(status(port).unwrap().pdrequest, 1);
    made::kill(port);
    assert_eq!(next(notify).0, id);
}

#[test]
fn fact_49_a_failed_request_destroys_the_notify_right() {
    let (notify, send_only) = (made::port(), made::dead_name());
    for (name, id, sync) in [
        (made::absent(), MACH_NOTIFY_DEAD_NAME, 0),
        (made::absent(), MACH_NOTIFY_NO_SENDERS, 0),
        (send_only, MACH_NOTIFY_PORT_DESTROYED, 0),
        (MACH_PORT_NULL, MACH_NOTIFY_SEND_POSSIBLE, 0),
        (notify, MACH_NOTIFY_PORT_DESTROYED, 1),
        (notify, 1, 0),
    ] {
        assert!(request(name, id, sync, notify).is_err());
        assert_eq!(next(notify), (MACH_NOTIFY_SEND_ONCE, 0));
        let once = made::send_once(notify);
        let moved = MACH_MSG_TYPE_MOVE_SEND_ONCE;
        assert!(request_notification(name, id, sync, once, moved).is_err());
        assert_eq!(type_of(once), Err(KERN_INVALID_NAME));
        assert_eq!(next(notify), (MACH_NOTIFY_SEND_ONCE, 0));
    }
}

#[test]
fn fact_49_an_unknown_notify_name() {
    let port = made::port_with_send();
    for disposition in [MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_MOVE_SEND_ONCE] {
        let id = MACH_NOTIFY_DEAD_NAME;
        let asked = request_notification(port, id, 0, made::absent(), disposition);
        assert_eq!(asked, Err(KERN_INVALID_NAME));
    }
    assert_eq!(
        type_of(port),
        Ok(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE)
    );
}

/// The code with which a request fails.
#[track_caller]
fn code(name: mach_port_name_t, id: mach_msg_id_t, sync: u32) -> kern_return_t {
    let notify = made::port();
    let code = request(name, id, sync, notify).expect_err("a bad request");
    made::kill(notify);
    code
}

#[test]
fn fact_50_unknown_ids_and_a_sync_that_means_nothing() {
    let port = made::port_with_send();
    for id in [0, 64, 67, 68, 71, 73, -1] {
        assert_eq!(code(port, id, 0), KERN_INVALID_VALUE, "{id}");
    }
    // Told to names, not asked for.
    assert_eq!(code(port, MACH_NOTIFY_PORT_DELETED, 0), KERN_INVALID_VALUE);
    assert_eq!(
        code(port, MACH_NOTIFY_PORT_DESTROYED, 1),
        KERN_INVALID_VALUE
    );
}

#[test]
fn fact_50_names_that_are_none() {
    for name in [MACH_PORT_NULL, MACH_PORT_DEAD] {
        for sync in [0, 1] {
            let codes = [
                code(name, MACH_NOTIFY_DEAD_NAME, sync),
                code(name, MACH_NOTIFY_SEND_POSSIBLE, sync),
            ];
            assert_eq!(codes, [KERN_INVALID_ARGUMENT; 2]);
        }
        let codes = [
            code(name, MACH_NOTIFY_NO_SENDERS, 0),
            code(name, MACH_NOTIFY_PORT_DESTROYED, 0),
        ];
        assert_eq!(codes, [KERN_INVALID_RIGHT; 2]);
    }
    for id in [66, 69, 70, 72] {
        assert_eq!(code(made::absent(), id, 0), KERN_INVALID_NAME, "{id}");
    }
}

#[test]
fn fact_50_names_of_another_kind() {
    let (set, dead, owner) = (made::set(), made::dead_name(), made::port());
    let once = made::send_once(owner);
    for id in [MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_SEND_POSSIBLE] {
        assert_eq!(code(set, id, 0), KERN_INVALID_RIGHT);
    }
    for id in [MACH_NOTIFY_NO_SENDERS, MACH_NOTIFY_PORT_DESTROYED] {
        for name in [set, dead, once] {
            assert_eq!(code(name, id, 0), KERN_INVALID_RIGHT);
        }
    }
    assert_eq!(deallocate(once), KERN_SUCCESS);
}

#[test]
fn fact_50_cancelling_what_does_not_stand() {
    // There is nothing to take back, whatever the name is.
    let names = [made::set(), made::dead_name(), made::port()];
    for name in names {
        for id in [MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_SEND_POSSIBLE] {
            assert_eq!(request(name, id, 0, MACH_PORT_NULL), Ok(MACH_PORT_NULL));
        }
    }
}

#[test]
fn fact_50_a_request_on_a_name_without_a_send_right_stands() {
    let (notify, port, owner) = (made::port(), made::port(), made::port());
    ask(port, MACH_NOTIFY_DEAD_NAME, 0, notify);
    let shown = Ok(MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_DNREQUEST);
    assert_eq!(type_of(port), shown);
    let once = made::send_once(owner);
    ask(once, MACH_NOTIFY_DEAD_NAME, 0, notify);
    let shown = Ok(MACH_PORT_TYPE_SEND_ONCE | MACH_PORT_TYPE_DNREQUEST);
    assert_eq!(type_of(once), shown);
    made::kill(owner);
    assert_eq!(next(notify), (MACH_NOTIFY_DEAD_NAME, once));
}

#[test]
fn fact_50_a_dead_notify_right() {
    let (port, owner) = (made::port_with_send(), made::port());
    let once = made::send_once(owner);
    made::kill(owner);
    assert_eq!(type_of(once), Ok(MACH_PORT_TYPE_DEAD_NAME));
    for notify in [once, MACH_PORT_DEAD] {
        let id = MACH_NOTIFY_DEAD_NAME;
        let moved = MACH_MSG_TYPE_MOVE_SEND_ONCE;
        let asked = request_notification(port, id, 0, notify, moved);
        assert_eq!(asked, Err(KERN_INVALID_CAPABILITY));
    }
}
