//! Mach facts 22 to 28 of sending: the header's rights, and what makes a message unfit to be sent.

use mach_ports::ffi::extra::vm_deallocate;
use mach_ports::ffi::kern_return::{KERN_INVALID_NAME, KERN_SUCCESS};
use mach_ports::ffi::message::*;
use mach_ports::ffi::port::*;
use rendezvous_tests::holding::{holding, holdings};
use rendezvous_tests::letter::{Buffer, HEADER, Item, Letter, Region, poll, receive};
use rendezvous_tests::raw::{deallocate, destroy, made, mod_refs, refs, status, task, type_of};
use rendezvous_tests::second::two;

/// Sends `letter`, which is refused with `code`: nothing changes, neither in the buffer nor under the names.
#[track_caller]
fn refused(letter: &Letter, code: mach_msg_return_t, names: &[mach_port_name_t]) {
    let before = (letter.buffer(0), holdings(names));
    let (got, after) = letter.send_with(MACH_SEND_TIMEOUT, 0);
    assert_eq!(got, code, "{got:#x} in place of {code:#x}");
    assert_eq!((after, holdings(names)), before);
}

/// A port's send right, in a name of its own that has no receive right: a dead name once the port is killed.
fn dead_name() -> mach_port_name_t {
    let port = made::port_with_send();
    made::kill(port);
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_DEAD_NAME));
    port
}

/// A message with one right of each kind, as `six` takes it apart.
fn with_six(letter: Letter) -> Letter {
    let [moved, move_send, copy_send, make_send] = std::array::from_fn(|_| made::port_with_send());
    let [move_once, make_once] = std::array::from_fn(|_| made::port());
    letter
        .port(moved, MACH_MSG_TYPE_MOVE_RECEIVE)
        .port(move_send, MACH_MSG_TYPE_MOVE_SEND)
        .port(copy_send, MACH_MSG_TYPE_COPY_SEND)
        .port(make_send, MACH_MSG_TYPE_MAKE_SEND)
        .port(made::send_once(move_once), MACH_MSG_TYPE_MOVE_SEND_ONCE)
        .port(make_once, MACH_MSG_TYPE_MAKE_SEND_ONCE)
}

fn dispositions(mail: &Buffer) -> Vec<mach_msg_type_name_t> {
    let of = |item: &Item| match item {
        Item::Port { disposition, .. } => *disposition,
        other => panic!("no port: {other:?}"),
    };
    mail.items().iter().map(of).collect()
}

/// `MACH_MSG_TYPE_PORT_RECEIVE`, three `PORT_SEND`, two `PORT_SEND_ONCE`.
const SIX: [mach_msg_type_name_t; 6] = [16, 17, 17, 17, 18, 18];

#[test]
fn fact_22_dispositions_on_arrival() {
    let port = made::port();
    with_six(Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)).send();
    assert_eq!(dispositions(&receive(port)), SIX);
}

#[test]
fn fact_22_dispositions_on_arrival_in_another_task() {
    two(
        "fact_22_dispositions_on_arrival_in_another_task",
        |line, _| with_six(line.letter()).send(),
        |line| {
            let mail = line.next();
            assert_eq!(dispositions(&mail), SIX);
            let types: Vec<_> = mail
                .items()
                .iter()
                .map(|item| match item {
                    Item::Port { name, .. } => type_of(*name).unwrap(),
                    other => panic!("no port: {other:?}"),
                })
                .collect();
            let (send, once) = (MACH_PORT_TYPE_SEND, MACH_PORT_TYPE_SEND_ONCE);
            let receive = MACH_PORT_TYPE_RECEIVE;
            assert_eq!(types, [receive, send, send, send, once, once]);
        },
    );
}

#[test]
fn fact_22_making_a_send_right_of_ones_own_port_is_a_destination() {
    for disposition in [MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE] {
        let port = made::port();
        Letter::to(port, disposition).id(7).send();
        let mail = receive(port);
        assert_eq!((mail.id(), mail.local()), (7, port));
        assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_RECEIVE));
    }
}

#[test]
fn fact_23_a_request_and_its_reply() {
    let (server, client) = (made::port_with_send(), made::port());
    Letter::to(server, MACH_MSG_TYPE_COPY_SEND)
        .reply(client, MACH_MSG_TYPE_MAKE_SEND)
        .send();
    let request = receive(server);
    assert_eq!(request.bits(), 17 | 17 << 8);
    assert_eq!((request.remote(), request.local()), (client, server));
    assert_eq!(refs(client, MACH_PORT_RIGHT_SEND), Ok(1));

    Letter::to(request.remote(), request.remote_disposition()).send();
    let reply = receive(client);
    assert_eq!((reply.bits(), reply.remote()), (17 << 8, MACH_PORT_NULL));
    assert_eq!(reply.local(), client);
    assert_eq!(type_of(client), Ok(MACH_PORT_TYPE_RECEIVE));
}

#[test]
fn fact_23_a_reply_through_a_send_once_right() {
    let (server, client) = (made::port_with_send(), made::port());
    Letter::to(server, MACH_MSG_TYPE_COPY_SEND)
        .reply(client, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .send();
    let request = receive(server);
    assert_eq!(request.bits(), 18 | 17 << 8);
    assert_eq!(type_of(request.remote()), Ok(MACH_PORT_TYPE_SEND_ONCE));

    Letter::to(request.remote(), request.remote_disposition()).send();
    let reply = receive(client);
    assert_eq!((reply.bits(), reply.remote()), (18 << 8, MACH_PORT_NULL));
    assert_eq!(type_of(request.remote()), Err(KERN_INVALID_NAME));
}

#[test]
fn fact_23_a_request_and_its_reply_between_tasks() {
    two(
        "fact_23_a_request_and_its_reply_between_tasks",
        |line, _| {
            for (disposition, arrives) in [
                (MACH_MSG_TYPE_MAKE_SEND, 17),
                (MACH_MSG_TYPE_MAKE_SEND_ONCE, 18),
            ] {
                let client = made::port();
                line.letter().reply(client, disposition).send();
                let reply = receive(client);
                assert_eq!((reply.bits(), reply.remote()), (arrives << 8, 0));
                assert_eq!(reply.local(), client);
            }
        },
        |line| {
            for arrives in [17, 18] {
                let request = line.next();
                assert_eq!(request.bits(), arrives | 17 << 8);
                Letter::to(request.remote(), arrives).send();
            }
        },
    );
}

#[test]
fn fact_24_bad_reply_bits() {
    let port = made::port_with_send();
    let to = || Letter::to(port, MACH_MSG_TYPE_COPY_SEND);
    for disposition in [16, 1, 15, 22, 24, 25, 26, 31] {
        refused(
            &to().reply(port, disposition),
            MACH_SEND_INVALID_HEADER,
            &[port],
        );
        let null = to().reply(MACH_PORT_NULL, disposition);
        refused(&null, MACH_SEND_INVALID_HEADER, &[port]);
    }
    refused(&to().reply(port, 0), MACH_SEND_INVALID_HEADER, &[port]);
    refused(
        &to().reply(MACH_PORT_DEAD, 0),
        MACH_SEND_INVALID_HEADER,
        &[port],
    );
}

#[test]
fn fact_24_bad_destination_bits() {
    let port = made::port_with_send();
    for disposition in [0, 16, 1, 15, 22, 24, 25, 26, 31] {
        refused(
            &Letter::to(port, disposition),
            MACH_SEND_INVALID_HEADER,
            &[port],
        );
        let nowhere = Letter::to(MACH_PORT_NULL, disposition);
        refused(&nowhere, MACH_SEND_INVALID_HEADER, &[]);
    }
}

#[test]
fn fact_24_no_destination_comes_after_the_bits_and_before_the_rights() {
    let port = made::port_with_send();
    for nowhere in [MACH_PORT_NULL, MACH_PORT_DEAD] {
        let to = || Letter::to(nowhere, MACH_MSG_TYPE_COPY_SEND);
        refused(&to(), MACH_SEND_INVALID_DEST, &[]);
        refused(&to().reply(port, 16), MACH_SEND_INVALID_HEADER, &[port]);
        let stale = made::absent();
        let reply = to().reply(stale, MACH_MSG_TYPE_COPY_SEND);
        refused(&reply, MACH_SEND_INVALID_DEST, &[]);
    }
}

#[test]
fn fact_24_undefined_bits_are_cleared() {
    let port = made::port_with_send();
    let undefined = !MACH_MSGH_BITS_USER;
    Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
        .bits(undefined)
        .send();
    assert_eq!(receive(port).bits(), 17 << 8);
}

#[test]
fn fact_24_a_bad_voucher_has_a_code_of_its_own() {
    let port = made::port_with_send();
    let with_voucher = |disposition: u32, name: mach_port_name_t| {
        let letter = Letter::to(port, MACH_MSG_TYPE_COPY_SEND).bits(disposition << 16);
        let mut buffer = letter.buffer(0);
        buffer.put_u32(16, name);
        let code = buffer.mach_msg(MACH_SEND_MSG | MACH_SEND_TIMEOUT, HEADER, 0, 0, 0);
        (code, buffer.voucher())
    };
    for disposition in [16, 18, 20, 21, 31] {
        let (code, _) = with_voucher(disposition, MACH_PORT_NULL);
        assert_eq!(code, MACH_SEND_INVALID_VOUCHER, "{disposition}");
    }
    for disposition in [MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_COPY_SEND] {
        assert_eq!(
            with_voucher(disposition, MACH_PORT_DEAD).0,
            MACH_SEND_INVALID_VOUCHER
        );
        let stale = made::absent();
        assert_eq!(
            with_voucher(disposition, stale).0,
            MACH_SEND_INVALID_VOUCHER
        );
        assert_eq!(
            with_voucher(disposition, MACH_PORT_NULL).0,
            MACH_MSG_SUCCESS
        );
        let mail = receive(port);
        assert_eq!((mail.bits(), mail.voucher()), (17 << 8, MACH_PORT_NULL));
    }
    // Without a disposition the field means nothing, and goes through.
    assert_eq!(with_voucher(0, 0x1234_5678).0, MACH_MSG_SUCCESS);
    assert_eq!(receive(port).voucher(), 0x1234_5678);
}

#[test]
fn fact_24_the_voucher_field_goes_through_to_another_task() {
    two(
        "fact_24_the_voucher_field_goes_through_to_another_task",
        |line, _| {
            let mut buffer = line.letter().buffer(0);
            buffer.put_u32(16, 0x1234_5678);
            let code = buffer.mach_msg(MACH_SEND_MSG, HEADER, 0, 0, 0);
            assert_eq!(code, MACH_MSG_SUCCESS);
        },
        |line| assert_eq!(line.next().voucher(), 0x1234_5678),
    );
}

#[test]
fn fact_25_no_such_destination() {
    let (receive_only, set) = (made::port(), made::set());
    let (owner, dead) = (made::port(), dead_name());
    let once = made::send_once(owner);
    let stale = made::absent();
    for disposition in 17..=21 {
        for name in [stale, dead, set] {
            let letter = Letter::to(name, disposition);
            refused(&letter, MACH_SEND_INVALID_DEST, &[name]);
        }
    }
    for disposition in [17, 18, 19] {
        let letter = Letter::to(receive_only, disposition);
        refused(&letter, MACH_SEND_INVALID_DEST, &[receive_only]);
    }
    for disposition in [17, 19, 20, 21] {
        refused(
            &Letter::to(once, disposition),
            MACH_SEND_INVALID_DEST,
            &[once],
        );
    }
    assert_eq!(deallocate(once), KERN_SUCCESS);
}

#[test]
fn fact_25_the_same_name_twice_with_a_send_once_right() {
    let port = made::port_with_send();
    let once = made::send_once(port);
    for name in [port, once] {
        for other in [17, 19, 20, 21] {
            for (to, reply) in [(18, other), (other, 18), (18, 18)] {
                let letter = Letter::to(name, to).reply(name, reply);
                let code = match letter.try_send() {
                    // Older kernels look at the reply right by itself first.
                    reply @ MACH_SEND_INVALID_REPLY if cfg!(target_os = "macos") => reply,
                    _ => MACH_SEND_INVALID_DEST,
                };
                refused(&letter, code, &[port, once]);
            }
        }
    }
    assert_eq!(deallocate(once), KERN_SUCCESS);
}

#[test]
fn fact_25_the_same_name_moved_twice_needs_two_references() {
    let port = made::port_with_send();
    let (move_send, copy_send) = (MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_COPY_SEND);
    let twice = Letter::to(port, move_send).reply(port, move_send);
    refused(&twice, MACH_SEND_INVALID_DEST, &[port]);
    made::send(port);
    twice.send();
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_RECEIVE));
    let mail = receive(port);
    assert_eq!((mail.bits(), mail.remote()), (17 | 17 << 8, port));
    assert_eq!(refs(port, MACH_PORT_RIGHT_SEND), Ok(1));

    // One reference is enough for one move, in whichever place.
    for (to, reply, left) in [
        (move_send, copy_send, 1),
        (copy_send, move_send, 1),
        (copy_send, copy_send, 2),
        (MACH_MSG_TYPE_MAKE_SEND, move_send, 1),
        (move_send, MACH_MSG_TYPE_MAKE_SEND, 1),
    ] {
        Letter::to(port, to).reply(port, reply).send();
        let mail = receive(port);
        assert_eq!((mail.bits(), mail.remote()), (17 | 17 << 8, port));
        assert_eq!(refs(port, MACH_PORT_RIGHT_SEND), Ok(left), "{to} {reply}");
        if left == 2 {
            assert_eq!(deallocate(port), KERN_SUCCESS);
        }
    }
}

#[test]
fn fact_26_no_such_reply_right() {
    let port = made::port_with_send();
    let (receive_only, set, owner) = (made::port(), made::set(), made::port());
    let (once, stale, dead) = (made::send_once(owner), made::absent(), dead_name());
    let check = |name, disposition| {
        let letter = Letter::to(port, MACH_MSG_TYPE_COPY_SEND).reply(name, disposition);
        refused(&letter, MACH_SEND_INVALID_REPLY, &[port, name]);
    };
    for disposition in 17..=21 {
        check(stale, disposition);
        check(set, disposition);
    }
    for disposition in [17, 18, 19] {
        check(receive_only, disposition);
    }
    for disposition in [17, 19, 20, 21] {
        check(once, disposition);
    }
    for disposition in [20, 21] {
        check(dead, disposition);
    }
    assert_eq!(deallocate(once), KERN_SUCCESS);
}

#[test]
fn fact_26_a_dead_name_as_reply_right() {
    for disposition in [MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MOVE_SEND] {
        let (port, dead) = (made::port_with_send(), dead_name());
        let letter = Letter::to(port, MACH_MSG_TYPE_COPY_SEND).reply(dead, disposition);
        // Up to macOS 14 it arrives as MACH_PORT_DEAD.
        if cfg!(target_os = "macos") && letter.try_send() == MACH_MSG_SUCCESS {
            assert_eq!(receive(port).remote(), MACH_PORT_DEAD);
        } else {
            refused(&letter, MACH_SEND_INVALID_REPLY, &[port, dead]);
        }
    }
}

#[test]
fn fact_26_a_right_that_died_unnoticed_arrives_dead() {
    let (port, client) = (made::port_with_send(), made::port());
    let once = made::send_once(client);
    made::kill(client);
    // Nobody has looked at the name since.
    Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
        .reply(once, MACH_MSG_TYPE_MOVE_SEND_ONCE)
        .send();
    let mail = receive(port);
    assert_eq!((mail.bits(), mail.remote()), (18 | 17 << 8, MACH_PORT_DEAD));
    assert_eq!(type_of(once), Err(KERN_INVALID_NAME));
}

#[test]
fn fact_26_no_reply_port_passes() {
    let port = made::port_with_send();
    for name in [MACH_PORT_NULL, MACH_PORT_DEAD] {
        for disposition in 17..=21 {
            Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
                .reply(name, disposition)
                .send();
            let mail = receive(port);
            let arrives = if [18, 21].contains(&disposition) {
                18
            } else {
                17
            };
            assert_eq!((mail.bits(), mail.remote()), (arrives | 17 << 8, name));
        }
    }
}

#[test]
fn fact_26_the_reply_right_is_looked_at_before_the_kind_of_destination() {
    // A destination that is there, though of the wrong kind, and a reply right that is not.
    let (receive_only, stale) = (made::port(), made::absent());
    let letter = Letter::to(receive_only, MACH_MSG_TYPE_COPY_SEND);
    let reply = letter.clone().reply(stale, MACH_MSG_TYPE_COPY_SEND);
    refused(&reply, MACH_SEND_INVALID_REPLY, &[receive_only]);
    // A destination that is not there at all.
    let nowhere = Letter::to(stale, MACH_MSG_TYPE_COPY_SEND);
    let reply = nowhere.reply(stale, MACH_MSG_TYPE_MAKE_SEND);
    refused(&reply, MACH_SEND_INVALID_DEST, &[]);
}

/// Sends the first `len` bytes of `letter` with a message of `claimed` bytes in the header's field.
fn send_part(letter: &Letter, len: usize, claimed: u32) -> (mach_msg_return_t, bool) {
    let mut buffer = letter.buffer(len);
    buffer.put_u32(4, claimed);
    let before = buffer.clone();
    let code = buffer.mach_msg(MACH_SEND_MSG | MACH_SEND_TIMEOUT, len, 0, 0, 0);
    (code, buffer == before)
}

#[test]
fn fact_27_the_argument_counts_and_not_the_field() {
    let port = made::port_with_send();
    let letter = Letter::to(port, MACH_MSG_TYPE_COPY_SEND).inline(&[1; 12]);
    for (len, claimed) in [(36, 0), (36, 24), (28, 36), (24, u32::MAX)] {
        assert_eq!(send_part(&letter, len, claimed).0, MACH_MSG_SUCCESS);
        assert_eq!(receive(port).size(), len);
    }
}

#[test]
fn fact_27_the_field_counts_for_mach_msg_send() {
    let port = made::port_with_send();
    let letter = Letter::to(port, MACH_MSG_TYPE_COPY_SEND).inline(&[1; 12]);
    for (claimed, code) in [
        (36, MACH_MSG_SUCCESS),
        (28, MACH_MSG_SUCCESS),
        (20, MACH_SEND_MSG_TOO_SMALL),
    ] {
        let mut buffer = letter.buffer(0);
        buffer.put_u32(4, claimed);
        // SAFETY: the message is no longer than the buffer.
        assert_eq!(unsafe { mach_msg_send(buffer.header()) }, code);
        if code == MACH_MSG_SUCCESS {
            assert_eq!(receive(port).size(), claimed as usize);
        }
    }
}

#[test]
fn fact_27_too_small() {
    let port = made::port_with_send();
    let simple = Letter::to(port, MACH_MSG_TYPE_COPY_SEND).inline(&[0; 4]);
    for len in [0, 4, 20, 23, 25, 26, 27] {
        let outcome = send_part(&simple, len, 24);
        assert_eq!(outcome, (MACH_SEND_MSG_TOO_SMALL, true), "{len}");
    }
    let right = made::port_with_send();
    let complex = Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
        .port(right, MACH_MSG_TYPE_MOVE_SEND)
        .port(right, MACH_MSG_TYPE_MOVE_SEND);
    let before = holding(right);
    for len in [24, 28, 32, 40, 44, 48] {
        let outcome = send_part(&complex, len, 52);
        assert_eq!(outcome, (MACH_SEND_MSG_TOO_SMALL, true), "{len}");
    }
    assert_eq!(holding(right), before);
    assert!(poll(port).is_none());
}

#[test]
fn fact_27_more_descriptors_than_fit() {
    let port = made::port_with_send();
    let memory = Region {
        address: 0,
        deallocate: 0,
        copy: 0,
        size: 0,
    };
    let mut buffer = Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
        .memory(memory)
        .buffer(0);
    for count in [2, 3, 0x1000_0000, u32::MAX] {
        buffer.put_u32(HEADER, count);
        let before = buffer.clone();
        let code = buffer.mach_msg(MACH_SEND_MSG | MACH_SEND_TIMEOUT, 44, 0, 0, 0);
        assert_eq!((code, &buffer), (MACH_SEND_MSG_TOO_SMALL, &before));
    }
    // The last one has twelve bytes, as much as the smallest has, but not the sixteen that its type needs.
    buffer.put_u32(HEADER, 1);
    let code = buffer.mach_msg(MACH_SEND_MSG | MACH_SEND_TIMEOUT, 40, 0, 0, 0);
    assert_eq!(code, MACH_SEND_MSG_TOO_SMALL);
}

#[test]
fn fact_27_too_large() {
    let port = made::port_with_send();
    let mut buffer = Letter::to(port, MACH_MSG_TYPE_COPY_SEND).buffer(64 << 20);
    for size in [64 << 20, (48 << 20) - 64] {
        let code = buffer.mach_msg(MACH_SEND_MSG | MACH_SEND_TIMEOUT, size, 0, 0, 0);
        assert_eq!(code, MACH_SEND_TOO_LARGE, "{size}");
    }
}

#[test]
fn fact_27_too_many_rights() {
    let port = made::port_with_send();
    let names = [MACH_PORT_NULL; 4];
    let array = |size| Region {
        address: names.as_ptr() as usize,
        deallocate: 0,
        copy: MACH_MSG_PHYSICAL_COPY as u8,
        size,
    };
    let to = || Letter::to(port, MACH_MSG_TYPE_COPY_SEND);
    for (first, second) in [
        (16_384, 0),
        (16_383, 1),
        (u32::MAX, 0),
        (u32::MAX, u32::MAX),
    ] {
        let letter = to()
            .ports(array(first), MACH_MSG_TYPE_COPY_SEND)
            .ports(array(second), MACH_MSG_TYPE_COPY_SEND);
        refused(&letter, MACH_SEND_TOO_LARGE, &[port]);
    }
    let together = to()
        .ports(array(16_383), MACH_MSG_TYPE_COPY_SEND)
        .port(port, MACH_MSG_TYPE_MAKE_SEND);
    refused(&together, MACH_SEND_TOO_LARGE, &[port]);
}

#[test]
fn fact_27_an_unknown_type_or_copy_option() {
    let (port, right) = (made::port_with_send(), made::port_with_send());
    let to =
        || Letter::to(port, MACH_MSG_TYPE_COPY_SEND).reply(right, MACH_MSG_TYPE_MAKE_SEND_ONCE);
    for kind in [5, 6, 15, 255] {
        let mut bytes = [0; 16];
        bytes[11] = kind;
        let first = to().descriptor(&bytes).port(right, MACH_MSG_TYPE_MOVE_SEND);
        refused(&first, MACH_SEND_INVALID_TYPE, &[port, right]);
        // macOS 11 finds that only when it comes to it, and destroys what stands before.
        if !cfg!(target_os = "macos") {
            let last = to().port(right, MACH_MSG_TYPE_MOVE_SEND).descriptor(&bytes);
            refused(&last, MACH_SEND_INVALID_TYPE, &[port, right]);
        }
    }
    for copy in [2, 3, 255] {
        let region = Region {
            address: 0,
            deallocate: 0,
            copy,
            size: 0,
        };
        let memory = to().port(right, MACH_MSG_TYPE_MOVE_SEND).memory(region);
        refused(&memory, MACH_SEND_INVALID_TYPE, &[port, right]);
    }
}

#[test]
fn fact_27_the_copy_option_of_an_array_of_ports_is_not_looked_at() {
    let port = made::port_with_send();
    let names = [made::port_with_send(), MACH_PORT_NULL];
    for copy in [2, 3, 0x5a, 255] {
        let array = Region {
            address: names.as_ptr() as usize,
            deallocate: 0,
            copy,
            size: 2,
        };
        Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
            .ports(array, MACH_MSG_TYPE_COPY_SEND)
            .send();
        match receive(port).items().as_slice() {
            &[Item::Ports(region, disposition)] => {
                assert_eq!((region.size, disposition), (2, MACH_MSG_TYPE_MOVE_SEND));
                // SAFETY: the array came with the message, and is freed once.
                unsafe {
                    assert_eq!(*(region.address as *const u32), names[0]);
                    assert_eq!(vm_deallocate(task(), region.address, 8), KERN_SUCCESS);
                }
            }
            other => panic!("not one array: {other:?}"),
        }
        assert_eq!(deallocate(names[0]), KERN_SUCCESS);
    }
    assert_eq!(refs(names[0], MACH_PORT_RIGHT_SEND), Ok(1));
}

#[test]
fn fact_27_a_guarded_descriptor_that_means_nothing() {
    let (port, right) = (made::port_with_send(), made::port());
    let (immovable, unguarded) = (1, 2);
    for (disposition, context, flags) in [
        (MACH_MSG_TYPE_MOVE_RECEIVE, 0, 0),
        (MACH_MSG_TYPE_MOVE_RECEIVE, 0, 4),
        (MACH_MSG_TYPE_MOVE_RECEIVE, 5, unguarded),
        (MACH_MSG_TYPE_MAKE_SEND, 0, immovable),
        (0, 0, immovable),
    ] {
        let letter =
            Letter::to(port, MACH_MSG_TYPE_COPY_SEND).guarded(right, disposition, context, flags);
        refused(&letter, MACH_SEND_INVALID_TYPE, &[port, right]);
    }
}

#[test]
fn fact_28_a_message_refused_for_its_header_is_still_the_callers() {
    // Every right that a message can hold, and a request on one of them.
    let (port, owner) = (made::port_with_send(), made::port_with_send());
    let once = made::send_once(owner);
    let moved = made::port();
    let names = [port, owner, once, moved];
    let full = |to, reply| {
        Letter::to(port, to)
            .reply(once, reply)
            .port(owner, MACH_MSG_TYPE_MOVE_SEND)
            .port(moved, MACH_MSG_TYPE_MOVE_RECEIVE)
    };
    refused(&full(0, 18), MACH_SEND_INVALID_HEADER, &names);
    refused(&full(18, 18), MACH_SEND_INVALID_DEST, &names);
    refused(&full(19, 19), MACH_SEND_INVALID_REPLY, &names);
    assert!(poll(owner).is_none(), "the send-once right is unused");
    assert_eq!(status(owner).unwrap().sorights, 1);
    // And good for the message after all.
    full(19, 18).send();
    assert_eq!(type_of(once), Err(KERN_INVALID_NAME));
    assert_eq!(destroy(port), KERN_SUCCESS);
    assert_eq!(receive(owner).id(), 71);
    assert_eq!(mod_refs(owner, MACH_PORT_RIGHT_RECEIVE, -1), KERN_SUCCESS);
}
