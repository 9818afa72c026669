//! Mach facts 61 and 62: `mach_msg_destroy` and `mach_msg_server`.

use std::cell::RefCell;
use std::thread;

use mach_ports::ffi::boolean::boolean_t;
use mach_ports::ffi::extra::{mach_msg_server, mach_msg_server_once, vm_allocate, vm_deallocate};
use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::MACH_NOTIFY_SEND_ONCE;
use mach_ports::ffi::port::*;
use mach_ports::ffi::vm_statistics::VM_FLAGS_ANYWHERE;
use rendezvous_tests::holding::holding;
use rendezvous_tests::letter::{Buffer, HEADER, Letter, Region, drain, poll, receive};
use rendezvous_tests::raw::{deallocate, destroy, made, refs, status, task, type_of};
use rendezvous_tests::second::two;

/// `mach_msg_destroy`.
fn destroy_message(message: &mut Buffer) {
    // SAFETY: a whole message is there, with descriptors as C has them.
    unsafe { mach_msg_destroy(message.header()) };
}

/// A send right alone under its name, and the port in whose queue the receive right is.
fn pure_send() -> (mach_port_name_t, mach_port_name_t) {
    let (owner, carrier) = (made::port_with_send(), made::port());
    Letter::to(carrier, MACH_MSG_TYPE_MAKE_SEND)
        .port(owner, MACH_MSG_TYPE_MOVE_RECEIVE)
        .send();
    (owner, carrier)
}

#[test]
fn fact_61_the_remote_port_and_never_the_local_one() {
    let (server, client) = (made::port(), made::port());
    Letter::to(server, MACH_MSG_TYPE_MAKE_SEND)
        .reply(client, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .send();
    let mut request = receive(server);
    destroy_message(&mut request);
    assert_eq!(drain(client), [MACH_NOTIFY_SEND_ONCE]);
    assert_eq!(type_of(server), Ok(MACH_PORT_TYPE_RECEIVE));
    // The local port has a disposition too, and stays.
    let port = made::port_with_send();
    let mut unsent = Letter::to(MACH_PORT_NULL, 0)
        .reply(port, MACH_MSG_TYPE_MOVE_SEND)
        .buffer(0);
    let before = holding(port);
    destroy_message(&mut unsent);
    assert_eq!(holding(port), before);
}

#[test]
fn fact_61_what_each_disposition_does() {
    let in_header = |name, disposition| Letter::to(name, disposition).buffer(0);
    let in_body = |name, disposition| {
        Letter::to(MACH_PORT_NULL, 0)
            .port(name, disposition)
            .buffer(0)
    };
    for (nth, message) in [&in_header as &dyn Fn(_, _) -> Buffer, &in_body]
        .into_iter()
        .enumerate()
    {
        // 16: the receive right goes.
        let port = made::port();
        destroy_message(&mut message(port, 16));
        assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
        // 17 and 18: one reference goes.
        let (send, carrier) = pure_send();
        destroy_message(&mut message(send, 17));
        assert_eq!(type_of(send), Err(KERN_INVALID_NAME));
        made::kill(carrier);
        let owner = made::port();
        destroy_message(&mut message(made::send_once(owner), 18));
        assert_eq!(drain(owner), [MACH_NOTIFY_SEND_ONCE], "{nth}");
        // 19: nothing happens.
        made::send(owner);
        let before = holding(owner);
        destroy_message(&mut message(owner, 19));
        assert_eq!(holding(owner), before);
        // 20 and 21: a right is made and dropped.
        destroy_message(&mut message(owner, 20));
        assert_eq!(holding(owner), before);
        assert_eq!(status(owner).unwrap().mscount, 2);
        destroy_message(&mut message(owner, 21));
        assert_eq!(holding(owner), before);
        assert_eq!(drain(owner), [MACH_NOTIFY_SEND_ONCE]);
        // Others, and names that are none, do nothing.
        for disposition in [0, 15, 22, 31] {
            destroy_message(&mut message(owner, disposition));
        }
        for name in [MACH_PORT_NULL, MACH_PORT_DEAD, made::absent()] {
            for disposition in 16..=21 {
                destroy_message(&mut message(name, disposition));
            }
        }
        assert_eq!(holding(owner), before);
        made::kill(owner);
    }
}

/// Memory with `bytes` in it.
fn memory(bytes: &[u8]) -> Region {
    let mut address = 0;
    // SAFETY: `address` can be written, and what is allocated is as long as `bytes`.
    unsafe {
        let code = vm_allocate(task(), &raw mut address, bytes.len(), VM_FLAGS_ANYWHERE);
        assert_eq!(code, KERN_SUCCESS);
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), address as *mut u8, bytes.len());
    }
    Region {
        address,
        deallocate: 0,
        copy: MACH_MSG_PHYSICAL_COPY as u8,
        size: bytes.len() as u32,
    }
}

#[test]
fn fact_61_memory_only_with_its_flag() {
    let region = memory(b"kept");
    let mut message = Letter::to(MACH_PORT_NULL, 0).memory(region).buffer(0);
    destroy_message(&mut message);
    // SAFETY: without the flag the memory is still there.
    let kept = unsafe { std::slice::from_raw_parts(region.address as *const u8, 4) };
    assert_eq!(kept, b"kept");
    // SAFETY: it is this task's.
    let code = unsafe { vm_deallocate(task(), region.address, 4) };
    assert_eq!(code, KERN_SUCCESS);
    // With the flag it goes, as does nothing of size 0 wherever it is.
    let flagged = Region {
        deallocate: 1,
        ..memory(&[1; 1 << 20])
    };
    let nothing = Region {
        address: 8,
        size: 0,
        ..flagged
    };
    let letter = Letter::to(MACH_PORT_NULL, 0)
        .memory(flagged)
        .memory(nothing);
    destroy_message(&mut letter.buffer(0));
}

#[test]
fn fact_61_whatever_the_size_field_says() {
    let owner = made::port();
    for size in [0, 4, 24, 0x5555_5554, u32::MAX] {
        let region = Region {
            deallocate: 1,
            ..memory(b"gone")
        };
        let before = holding(owner);
        let mut message = Letter::to(made::send_once(owner), 18)
            .memory(region)
            .port(made::send_once(owner), 18)
            .ports(
                Region {
                    address: 0,
                    size: 0,
                    ..region
                },
                17,
            )
            .port(made::send_once(owner), 18)
            .buffer(0);
        message.put_u32(4, size);
        destroy_message(&mut message);
        assert_eq!(holding(owner), before);
        assert_eq!(drain(owner), [MACH_NOTIFY_SEND_ONCE; 3], "{size:#x}");
        let mut bare = Letter::to(made::send_once(owner), 18).buffer(0);
        bare.put_u32(4, size);
        destroy_message(&mut bare);
        assert_eq!(drain(owner), [MACH_NOTIFY_SEND_ONCE], "{size:#x}");
    }
}

#[test]
fn fact_61_nothing_behind_a_descriptor_of_an_unknown_type() {
    let owner = made::port();
    let mut bytes = [0; 16];
    bytes[11] = 9;
    let behind = made::send_once(owner);
    let mut message = Letter::to(MACH_PORT_NULL, 0)
        .port(made::send_once(owner), 18)
        .descriptor(&bytes)
        .port(behind, 18)
        .buffer(0);
    destroy_message(&mut message);
    assert_eq!(drain(owner), [MACH_NOTIFY_SEND_ONCE]);
    assert_eq!(deallocate(behind), KERN_SUCCESS);
}

#[test]
fn fact_61_an_array_of_rights_and_its_memory() {
    let owner = made::port();
    let names = [
        made::send_once(owner),
        MACH_PORT_NULL,
        made::send_once(owner),
    ];
    let bytes: Vec<u8> = names.iter().flat_map(|name| name.to_ne_bytes()).collect();
    let array = Region {
        deallocate: 1,
        size: 3,
        ..memory(&bytes)
    };
    destroy_message(&mut Letter::to(MACH_PORT_NULL, 0).ports(array, 18).buffer(0));
    assert_eq!(drain(owner), [MACH_NOTIFY_SEND_ONCE; 2]);
}

#[test]
fn fact_61_a_whole_message_of_another_task() {
    two(
        "fact_61_a_whole_message_of_another_task",
        |line, _| {
            let [reply, once, send] = [made::port(), made::port(), made::port()];
            line.letter()
                .reply(reply, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .port(once, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .port(send, MACH_MSG_TYPE_MAKE_SEND)
                .memory(Region {
                    deallocate: 1,
                    ..memory(&[1; 100_000])
                })
                .send();
            line.wait();
            assert_eq!(receive(reply).id(), MACH_NOTIFY_SEND_ONCE);
            assert_eq!(receive(once).id(), MACH_NOTIFY_SEND_ONCE);
            assert_eq!(status(send).unwrap().srights, 0);
        },
        |line| {
            destroy_message(&mut line.next());
            line.go();
        },
    );
}

/// How a routine answers, told by the request's id.
const OK: i32 = 1;
const NO_REPLY: i32 = 2;
const FAILS: i32 = 3;
/// The routine succeeds and puts a right of its own into the reply.
const WITH_RIGHT: i32 = 4;
/// From `mach/mig_errors.h`.
const MIG_NO_REPLY: i32 = -305;

thread_local! {
    /// The requests that this thread's routines have seen.
    static SEEN: RefCell<Vec<Buffer>> = const { RefCell::new(Vec::new()) };
    /// The port from which `WITH_RIGHT` makes a right.
    static OWN: std::cell::Cell<mach_port_name_t> = const { std::cell::Cell::new(0) };
}

/// A routine as MIG generates it: moves the reply right into the reply.
unsafe extern "C" fn demux(
    request: *mut mach_msg_header_t,
    reply: *mut mach_msg_header_t,
) -> boolean_t {
    // SAFETY: the server gives a whole message, and room for a reply as long as the largest request.
    unsafe {
        let header = request.read();
        let mut seen = Buffer::new(header.msgh_size as usize);
        let len = seen.len();
        std::ptr::copy_nonoverlapping(request.cast::<u8>(), seen.header().cast(), len);
        SEEN.with(|all| all.borrow_mut().push(seen));
        let to =
            Letter::to(header.msgh_remote_port, header.msgh_bits & 0x1f).id(header.msgh_id + 100);
        let code = match header.msgh_id {
            NO_REPLY => MIG_NO_REPLY,
            FAILS => KERN_FAILURE,
            _ => KERN_SUCCESS,
        };
        let letter = if header.msgh_id == WITH_RIGHT {
            to.port(OWN.get(), MACH_MSG_TYPE_MAKE_SEND_ONCE)
        } else {
            let mut ndr_and_code = [0; 12];
            ndr_and_code[8..].copy_from_slice(&code.to_ne_bytes());
            to.inline(&ndr_and_code)
        };
        let bytes = letter.buffer(0).bytes();
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), reply.cast::<u8>(), bytes.len());
    }
    1
}

/// `mach_msg_server_once`.
fn serve_once(port: mach_port_name_t, options: mach_msg_option_t) -> mach_msg_return_t {
    // SAFETY: the routine keeps to what the server promises.
    unsafe { mach_msg_server_once(Some(demux), 512, port, options) }
}

/// The last request that was served, as the routine saw it.
fn seen() -> Buffer {
    SEEN.with(|all| all.borrow_mut().pop()).expect("a request")
}

/// A request with a right in its body.
fn request(port: mach_port_name_t, id: i32, carried: mach_port_name_t) -> Letter {
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
        .id(id)
        .port(carried, MACH_MSG_TYPE_MAKE_SEND_ONCE)
}

#[test]
fn fact_62_success_replies_and_keeps_the_request() {
    let [port, client, carried] = [made::port(), made::port(), made::port()];
    request(port, OK, carried)
        .reply(client, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .send();
    assert_eq!(serve_once(port, 0), MACH_MSG_SUCCESS);
    let reply = receive(client);
    assert_eq!((reply.id(), reply.size(), reply.u32_at(32)), (101, 36, 0));
    // What the routine was given is the routine's.
    let (name, _) = seen().only_port();
    assert_eq!(type_of(name), Ok(MACH_PORT_TYPE_SEND_ONCE));
    assert_eq!(deallocate(name), KERN_SUCCESS);
}

#[test]
fn fact_62_no_reply_keeps_the_request_and_its_reply_port() {
    let [port, client, carried] = [made::port(), made::port(), made::port()];
    request(port, NO_REPLY, carried)
        .reply(client, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .send();
    assert_eq!(serve_once(port, 0), MACH_MSG_SUCCESS);
    assert!(poll(client).is_none() && poll(carried).is_none());
    let request = seen();
    for name in [request.remote(), request.only_port().0] {
        assert_eq!(type_of(name), Ok(MACH_PORT_TYPE_SEND_ONCE));
        assert_eq!(deallocate(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_62_an_error_destroys_the_request_and_replies() {
    let [port, client, carried] = [made::port(), made::port(), made::port()];
    request(port, FAILS, carried)
        .reply(client, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .send();
    assert_eq!(serve_once(port, 0), MACH_MSG_SUCCESS);
    assert_eq!(drain(carried), [MACH_NOTIFY_SEND_ONCE]);
    let reply = receive(client);
    assert_eq!((reply.id(), reply.u32_at(32)), (103, KERN_FAILURE as u32));
    assert!(poll(client).is_none());
    let _ = seen();
}

#[test]
fn fact_62_a_complex_reply_is_a_success() {
    let [port, client, own] = [made::port(), made::port(), made::port()];
    OWN.set(own);
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
        .id(WITH_RIGHT)
        .reply(client, MACH_MSG_TYPE_MAKE_SEND)
        .send();
    assert_eq!(serve_once(port, 0), MACH_MSG_SUCCESS);
    let (name, disposition) = receive(client).only_port();
    assert_eq!(
        (type_of(name), disposition),
        (Ok(MACH_PORT_TYPE_SEND_ONCE), 18)
    );
    assert_eq!(deallocate(name), KERN_SUCCESS);
}

#[test]
fn fact_62_a_dead_reply_port_destroys_the_reply() {
    two(
        "fact_62_a_dead_reply_port_destroys_the_reply",
        |line, _| {
            let [port, own] = [made::port(), made::port()];
            OWN.set(own);
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            // The other side's request is there, its reply port is not any more.
            line.wait();
            assert_eq!(serve_once(port, 0), MACH_MSG_SUCCESS);
            assert_eq!(drain(own), [MACH_NOTIFY_SEND_ONCE]);
        },
        |line| {
            let (port, _) = line.next().only_port();
            let reply = made::port();
            Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
                .id(WITH_RIGHT)
                .reply(reply, MACH_MSG_TYPE_MAKE_SEND)
                .send();
            made::kill(reply);
            line.go();
        },
    );
}

#[test]
fn fact_62_a_full_reply_port_destroys_the_reply_without_waiting() {
    let [port, own] = [made::port(), made::port()];
    let client = made::port_with_send();
    OWN.set(own);
    for _ in 0..5 {
        Letter::to(client, MACH_MSG_TYPE_COPY_SEND).send();
    }
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
        .id(WITH_RIGHT)
        .reply(client, MACH_MSG_TYPE_COPY_SEND)
        .send();
    assert_eq!(serve_once(port, 0), MACH_MSG_SUCCESS);
    assert_eq!(drain(own), [MACH_NOTIFY_SEND_ONCE]);
    assert_eq!(drain(client), [0; 5]);
    assert_eq!(refs(client, MACH_PORT_RIGHT_SEND), Ok(1));
    // Through a send-once right the queue's limit is no matter.
    for _ in 0..5 {
        Letter::to(client, MACH_MSG_TYPE_COPY_SEND).send();
    }
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
        .id(OK)
        .reply(client, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .send();
    assert_eq!(serve_once(port, 0), MACH_MSG_SUCCESS);
    assert_eq!(drain(client), [0, 0, 0, 0, 0, 101]);
}

#[test]
fn fact_62_a_request_that_is_too_large() {
    let port = made::port();
    let large = Letter::to(port, MACH_MSG_TYPE_MAKE_SEND).inline(&[0; 20_000]);
    large.send();
    assert_eq!(serve_once(port, 0), MACH_RCV_TOO_LARGE);
    assert!(poll(port).is_none());
    // With MACH_RCV_LARGE the buffer grows.
    large.id(NO_REPLY).send();
    assert_eq!(serve_once(port, MACH_RCV_LARGE), MACH_MSG_SUCCESS);
    assert_eq!(seen().size(), HEADER + 20_000);
}

#[test]
fn fact_62_other_errors_are_the_callers() {
    assert_eq!(serve_once(made::absent(), 0), MACH_RCV_INVALID_NAME);
    let port = made::port();
    assert_eq!(serve_once(port, MACH_RCV_TIMEOUT), MACH_RCV_TIMED_OUT);
}

#[test]
fn fact_62_the_server_goes_on_until_its_port_dies() {
    let port = made::port_with_send();
    let server = thread::spawn(move || {
        // SAFETY: the routine keeps to what the server promises.
        unsafe { mach_msg_server(Some(demux), 512, port, 0) }
    });
    let client = made::port();
    for round in 0..10 {
        // A good request, a bad one, one whose reply port dies, one that wants no reply.
        for id in [OK, FAILS] {
            Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
                .id(id)
                .reply(client, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .send();
            assert_eq!(receive(client).id(), id + 100, "{round}");
        }
        let dying = made::port();
        Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
            .id(OK)
            .reply(dying, MACH_MSG_TYPE_MAKE_SEND)
            .send();
        assert_eq!(destroy(dying), KERN_SUCCESS);
        Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
            .id(NO_REPLY)
            .send();
        Letter::to(port, MACH_MSG_TYPE_COPY_SEND).id(OK).send();
    }
    made::kill(port);
    let ended = server.join().unwrap();
    let ends = [MACH_RCV_PORT_CHANGED, MACH_RCV_INVALID_NAME];
    assert!(ends.contains(&ended), "{ended:#x}");
}
