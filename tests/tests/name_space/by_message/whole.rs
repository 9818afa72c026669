//! Calls that tell of the name space as a whole, and of sets.

use mach_ports::ffi::extra::{mach_port_space_info, vm_deallocate};
use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::*;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::receive;
use rendezvous_tests::notice::ask;
use rendezvous_tests::raw::{made, members, names, set_limit, task};
use rendezvous_tests::second::alone;

use super::{DONE, NDR, reply, request, simple, take};

/// Other tests have names of their own: again, until none came or went meanwhile.
fn undisturbed<T>(mut compare: impl FnMut() -> Option<T>) -> T {
    (0..100_000)
        .find_map(|_| compare())
        .expect("a moment without other tests")
}

/// The names and their types by message, the reply coming to a port.
fn listed(port: mach_port_name_t) -> Vec<(mach_port_name_t, mach_port_type_t)> {
    let letter = request(3200, &[]);
    assert_eq!(letter.size(), 24);
    letter.reply(port, MACH_MSG_TYPE_MAKE_SEND_ONCE).send();
    let reply = receive(port);
    assert_eq!((reply.id(), reply.size()), (3300, 76));
    assert_eq!(reply.bits(), 0x8000_1200);
    assert_eq!((reply.u32_at(24), reply.at::<8>(60)), (2, NDR));
    let &[first, second] = reply.items().as_slice() else {
        panic!("not two arrays");
    };
    let (listed, types) = (take(first), take(second));
    let counts = (reply.u32_at(68) as usize, reply.u32_at(72) as usize);
    assert_eq!(counts, (listed.len(), types.len()));
    listed.into_iter().zip(types).collect()
}

/// The bytes of the captured call of `mach_port_names`, its request or its reply.
fn captured(what: &str) -> Vec<u8> {
    let all = include_str!("../../../../mach-interface/tests/wire/vectors.json");
    let all: serde_json::Value = serde_json::from_str(all).unwrap();
    let vectors = all["vectors"].as_array().unwrap();
    let names = vectors
        .iter()
        .find(|vector| vector["name"] == "mport_names");
    let hex = names.unwrap()[what].as_str().unwrap();
    let hex: String = hex.split_whitespace().collect();
    let digits = hex.as_bytes().chunks_exact(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

#[test]
fn fact_66_mach_port_names_byte_for_byte() {
    let port = made::port();
    let letter = request(3200, &[]).reply(port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
    // Only the ports are others.
    let mut request = captured("request_hex");
    request[8..12].copy_from_slice(&task().to_ne_bytes());
    request[12..16].copy_from_slice(&port.to_ne_bytes());
    assert_eq!(letter.buffer(0).bytes(), request);
    letter.send();

    let reply = receive(port);
    let mut expected = captured("reply_hex");
    let mut put = |at: usize, value: u32| {
        expected[at..at + 4].copy_from_slice(&value.to_ne_bytes());
    };
    // As the receiver has it: where it came, and by which right.
    put(
        0,
        MACH_MSGH_BITS_COMPLEX | MACH_MSG_TYPE_MOVE_SEND_ONCE << 8,
    );
    put(8, MACH_PORT_NULL);
    put(12, port);
    // The names are this task's, wherever they are, and the memory is the receiver's.
    for (array, count) in [(28, 68), (44, 72)] {
        let elements = reply.u32_at(count);
        assert!(elements > 0);
        put(array, reply.u32_at(array));
        put(array + 4, reply.u32_at(array + 4));
        put(array + 12, elements * 4);
        put(count, elements);
    }
    for array in [28, 44] {
        expected[array + 8] = 1;
    }
    assert_eq!(reply.bytes()[..reply.size() as usize], expected);
    for item in reply.items() {
        take(item);
    }
    made::kill(port);
}

/// `mach_port_space_basic_info` by message, the reply coming to a port.
fn in_short(port: mach_port_name_t) -> Vec<u32> {
    request(3235, &[])
        .reply(port, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .send();
    let reply = receive(port);
    assert_eq!((reply.size(), reply.u32_at(32)), (60, 0));
    (36..60).step_by(4).map(|at| reply.u32_at(at)).collect()
}

/// `mach_port_space_info`, called.
fn own_table() -> Vec<u32> {
    let (mut info, mut rows, mut count) = (Default::default(), std::ptr::null_mut(), 0);
    let (mut tree, mut none) = (std::ptr::null_mut(), 0);
    // SAFETY: all can be written; the table, as long as it says, is given back once.
    unsafe {
        let code = mach_port_space_info(
            task(),
            &raw mut info,
            &raw mut rows,
            &raw mut count,
            &raw mut tree,
            &raw mut none,
        );
        assert_eq!(code, KERN_SUCCESS);
        let words = count as usize * 7;
        let own = std::slice::from_raw_parts(rows.cast::<u32>(), words).to_vec();
        assert_eq!(
            vm_deallocate(task(), rows as usize, words * 4),
            KERN_SUCCESS
        );
        own
    }
}

#[test]
fn fact_66_mach_port_names() {
    alone("by_message::whole::fact_66_mach_port_names", list_names);
}

/// In a process of its own: other tests make and drop names all the time.
fn list_names() {
    // Each kind of name, and of request.
    let notify = made::port();
    let [dead_name, later, now] = std::array::from_fn(|_| made::port_with_send());
    let _ = (made::set(), made::dead_name(), made::send_once(notify));
    for port in [later, now] {
        assert_eq!(set_limit(port, 0), KERN_SUCCESS);
    }
    ask(dead_name, MACH_NOTIFY_DEAD_NAME, 0, notify);
    ask(later, MACH_NOTIFY_SEND_POSSIBLE, 0, notify);
    ask(now, MACH_NOTIFY_SEND_POSSIBLE, 1, notify);

    let port = made::port();
    let found = undisturbed(|| {
        let (before, found) = (names().unwrap(), listed(port));
        let same = names().unwrap() == before;
        same.then(|| assert_eq!(found, before)).map(|()| found)
    });
    let shown = |name| found.iter().find(|entry| entry.0 == name).unwrap().1 >> 29;
    assert_eq!([dead_name, later, now].map(shown), [0b100, 0b111, 0b110]);
}

#[test]
fn fact_66_sets_and_the_space() {
    alone(
        "by_message::whole::fact_66_sets_and_the_space",
        ask_for_the_space,
    );
}

/// In a process of its own, as above.
fn ask_for_the_space() {
    let (set, port) = (made::set(), made::port());
    assert_eq!(simple(3226, &[port, set]), DONE);
    let listed = reply(request(3211, &[set]));
    assert_eq!((listed.size(), listed.u32_at(52)), (56, 1));
    assert_eq!(take(listed.items()[0]), members(set).unwrap());
    assert_eq!(simple(3227, &[port, set]), DONE);
    let listed = reply(request(3211, &[set]));
    assert_eq!((take(listed.items()[0]), listed.u32_at(52)), (vec![], 0));
    assert_eq!(simple(3212, &[port, set]), DONE);
    assert_eq!(members(set), Ok(vec![port]));

    let port = made::port();
    undisturbed(|| {
        let before = own_table();
        let short = in_short(port);
        request(3223, &[])
            .reply(port, MACH_MSG_TYPE_MAKE_SEND_ONCE)
            .send();
        let long = receive(port);
        if own_table() != before {
            return None;
        }
        assert_eq!((long.size(), long.u32_at(24)), (100, 2));
        let &[table, tree] = long.items().as_slice() else {
            panic!("not two arrays");
        };
        assert_eq!((take(table), take(tree)), (before.clone(), vec![]));
        let rows = before.len() as u32 / 7;
        assert_eq!((long.u32_at(92), long.u32_at(96)), (rows, 0));
        assert_eq!((short[0], short[3]), (long.u32_at(68), rows));
        Some(())
    });
}
