//! Calls on references, attributes and guards.

use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::message::*;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Letter, Region};
use rendezvous_tests::raw::{
    attributes, context, made, peek, refs, srights, status, task, type_of,
};
use rendezvous_tests::second::alone;

use super::{BOTH, DONE, MIG_TYPE_ERROR, call, request, simple};

#[test]
fn fact_66_making_counting_and_dropping() {
    alone(
        "by_message::calls::fact_66_making_counting_and_dropping",
        make_count_and_drop,
    );
}

/// In a process of its own: no other test takes a name that has just become free.
fn make_count_and_drop() {
    let port = simple(3204, &[MACH_PORT_RIGHT_RECEIVE]).unwrap()[0];
    assert_eq!(simple(3201, &[port]), Ok(vec![MACH_PORT_TYPE_RECEIVE]));
    made::send(port);
    assert_eq!(simple(3208, &[port, MACH_PORT_RIGHT_SEND, 4]), DONE);
    assert_eq!(simple(3207, &[port, MACH_PORT_RIGHT_SEND]), Ok(vec![5]));
    let minus = -2i32 as u32;
    assert_eq!(simple(3208, &[port, MACH_PORT_RIGHT_SEND, minus]), DONE);
    assert_eq!(simple(3206, &[port]), DONE);
    assert_eq!(refs(port, MACH_PORT_RIGHT_SEND), Ok(2));
    assert_eq!(simple(3222, &[port]), Ok(vec![srights(port).unwrap()]));
    assert_eq!(simple(3205, &[port]), DONE);
    assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
    // A free name of the caller's choice: that which has just become free, as it was.
    assert_eq!(simple(3203, &[MACH_PORT_RIGHT_DEAD_NAME, port]), DONE);
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_DEAD_NAME));
    assert_eq!(
        simple(3203, &[MACH_PORT_RIGHT_DEAD_NAME, port]),
        Err(KERN_NAME_EXISTS)
    );
    let qos = simple(3219, &[MACH_PORT_RIGHT_PORT_SET, 0, 7]).unwrap();
    assert_eq!(qos[..2], [0, 7]);
    assert_eq!(type_of(qos[2]), Ok(MACH_PORT_TYPE_PORT_SET));
    let full = request(3220, &[MACH_PORT_RIGHT_RECEIVE, 0, 0, 0]);
    let full = call(full.port(MACH_PORT_NULL, MACH_MSG_TYPE_COPY_SEND)).unwrap();
    assert_eq!(type_of(full[2]), Ok(MACH_PORT_TYPE_RECEIVE));
    let proto = request(3220, &[MACH_PORT_RIGHT_RECEIVE, 0, 0, 0]);
    let proto = proto.port(task(), MACH_MSG_TYPE_COPY_SEND);
    assert_eq!(call(proto), Err(KERN_INVALID_VALUE));
    assert_eq!(simple(3221, &[1000]), DONE);
    for name in [port, qos[2], full[2]] {
        assert_eq!(simple(3205, &[name]), DONE);
    }
}

#[test]
fn fact_66_errors_are_those_of_the_calls() {
    let absent = made::absent();
    let port = made::port();
    for (id, words, code) in [
        (3201, &[absent][..], KERN_INVALID_NAME),
        (3201, &[MACH_PORT_NULL], KERN_INVALID_NAME),
        (3204, &[7], KERN_INVALID_VALUE),
        (3206, &[port], KERN_INVALID_RIGHT),
        (3207, &[port, 6], KERN_INVALID_VALUE),
        (3208, &[port, MACH_PORT_RIGHT_SEND, 1], KERN_INVALID_RIGHT),
        (3210, &[MACH_PORT_NULL, 1], KERN_INVALID_RIGHT),
        (3211, &[port], KERN_INVALID_RIGHT),
        (3212, &[port, MACH_PORT_NULL], KERN_NOT_IN_SET),
        (3215, &[port, 22], KERN_INVALID_VALUE),
        (3215, &[port, MACH_MSG_TYPE_COPY_SEND], KERN_INVALID_RIGHT),
        (
            3217,
            &[port, MACH_PORT_RECEIVE_STATUS as u32, 9],
            KERN_FAILURE,
        ),
        (3217, &[port, 99, 17], KERN_INVALID_ARGUMENT),
        (
            3219,
            &[MACH_PORT_RIGHT_RECEIVE, 1, 0],
            KERN_INVALID_ARGUMENT,
        ),
        (3232, &[MACH_PORT_NULL, 0, 0, 0], KERN_INVALID_NAME),
        (3232, &[port, 1, 0, 0], KERN_INVALID_RIGHT),
    ] {
        assert_eq!(simple(id, words), Err(code), "{id} {words:x?}");
    }
    made::kill(port);
}

#[test]
fn fact_66_attributes() {
    let port = made::port_with_send();
    let (limits, state) = (MACH_PORT_LIMITS_INFO, MACH_PORT_RECEIVE_STATUS);
    assert_eq!(simple(3218, &[port, limits as u32, 1, 7]), DONE);
    assert_eq!(simple(3217, &[port, limits as u32, 17]), Ok(vec![1, 7]));
    assert_eq!(simple(3210, &[port, 3]), DONE);
    assert_eq!(simple(3216, &[port, 9]), DONE);
    for (flavor, room) in [(state, 10), (MACH_PORT_INFO_EXT, 17)] {
        let served = simple(3217, &[port, flavor as u32, u32::MAX]).unwrap();
        let own = attributes(port, flavor, room).unwrap();
        assert_eq!(served[0] as usize, own.len());
        let own: Vec<u32> = own.into_iter().collect();
        assert_eq!(served[1..], own[..]);
    }
    assert_eq!(simple(3218, &[port, 4, 0]), DONE);
    let (low, high) = (0x89ab_cdef, 0x0123_4567);
    assert_eq!(simple(3229, &[port, low, high]), DONE);
    assert_eq!(context(port), Ok(0x0123_4567_89ab_cdef));
    assert_eq!(simple(3228, &[port]), Ok(vec![low, high]));

    Letter::to(port, MACH_MSG_TYPE_COPY_SEND).id(5).send();
    for room in [8, 68] {
        let served = simple(3209, &[port, 0, 0, room]).unwrap();
        let own = peek(port, 0, 0, room).unwrap();
        assert_eq!(served[..4], [own.seqno, own.size, own.id as u32, 8]);
        assert_eq!(served.len(), 6);
    }
    assert_eq!(simple(3209, &[port, 0, 0, 7]), Err(KERN_INVALID_VALUE));
}

#[test]
fn fact_66_guards() {
    let port = made::port();
    assert_eq!(simple(3233, &[port, 1, 2, 0]), DONE);
    assert_eq!(simple(3238, &[port, 1, 2, 3, 4]), DONE);
    assert_eq!(context(port), Ok(4 << 32 | 3));
    assert_eq!(simple(3234, &[port, 3, 4]), DONE);
    let strict = MPG_STRICT as u32;
    assert_eq!(simple(3237, &[port, 5, 6, strict, 0]), DONE);
    assert_eq!(simple(3242, &[port, 8, 2, 5, 6]), DONE);
    assert_eq!(simple(3242, &[port, 8, 1, 5]), Err(KERN_FAILURE));
    assert_eq!(simple(3232, &[port, 0, 5, 6]), DONE);
    assert_eq!(type_of(port), Err(KERN_INVALID_NAME));

    // mach_port_options_t: flags, limit, and what is reserved.
    let options = [MPO_QLIMIT | MPO_INSERT_SEND_RIGHT, 3, 0, 0, 0, 0];
    let region = Region {
        address: options.as_ptr() as usize,
        deallocate: 0,
        copy: 0,
        size: 24,
    };
    let made = call(request(3231, &[6, 7]).memory(region)).unwrap()[0];
    assert_eq!(type_of(made), Ok(BOTH));
    assert_eq!(
        (context(made), status(made).unwrap().qlimit),
        (Ok(7 << 32 | 6), 3)
    );
    assert_eq!(simple(3232, &[made, -1i32 as u32, 0, 0]), DONE);
    let short = Region { size: 20, ..region };
    let short = call(request(3231, &[6, 7]).memory(short));
    assert_eq!(short, Err(MIG_TYPE_ERROR));
}
