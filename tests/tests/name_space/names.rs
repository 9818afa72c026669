//! Names: what they look like, who chooses them, what comes under them. Mach facts 1 to 3.

use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::MACH_NOTIFY_SEND_ONCE;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::drain;
use rendezvous_tests::raw::{
    allocate, allocate_name, deallocate, insert_right, made, mod_refs, names, refs, rename, type_of,
};
use rendezvous_tests::second::alone;

#[test]
fn fact_01_a_fresh_receive_right_is_exactly_that() {
    let port = made::port();
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_RECEIVE));
    assert_eq!(refs(port, MACH_PORT_RIGHT_RECEIVE), Ok(1));
    assert_eq!(refs(port, MACH_PORT_RIGHT_SEND), Ok(0));
    assert_eq!(
        insert_right(port, port, MACH_MSG_TYPE_MAKE_SEND),
        KERN_SUCCESS
    );
    assert_eq!(
        type_of(port),
        Ok(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE)
    );
    assert_eq!(refs(port, MACH_PORT_RIGHT_SEND), Ok(1));
    assert_eq!(refs(port, MACH_PORT_RIGHT_RECEIVE), Ok(1));
    made::kill(port);
    deallocate(port);
}

#[test]
fn fact_01_a_fresh_set_dead_name_or_send_once_right_has_one_reference() {
    let (set, dead, port) = (made::set(), made::dead_name(), made::port());
    let once = made::send_once(port);
    for (name, kind, right) in [
        (set, MACH_PORT_TYPE_PORT_SET, MACH_PORT_RIGHT_PORT_SET),
        (dead, MACH_PORT_TYPE_DEAD_NAME, MACH_PORT_RIGHT_DEAD_NAME),
        (once, MACH_PORT_TYPE_SEND_ONCE, MACH_PORT_RIGHT_SEND_ONCE),
    ] {
        assert_eq!(type_of(name), Ok(kind));
        assert_eq!(refs(name, right), Ok(1));
        assert_eq!(deallocate(name), KERN_SUCCESS);
    }
    made::kill(port);
}

/// What the next name steps by when an index is used again and again.
fn steps(count: usize) -> Vec<u32> {
    let mut last = made::port();
    (0..count)
        .map(|_| {
            made::kill(last);
            let next = made::port();
            assert_eq!(next >> 8, last >> 8, "a freed index is used again at once");
            let step = next.wrapping_sub(last) & 0xff;
            last = next;
            step
        })
        .collect()
}

#[test]
fn fact_02_a_name_is_an_index_and_a_generation() {
    alone("fact_02_a_name_is_an_index_and_a_generation", || {
        // Whatever a first call sets up for itself is set up now.
        let _ = names().unwrap();
        for name in [made::port(), made::set(), made::dead_name()] {
            assert_eq!(name & 3, 3, "{name:#x}");
            assert!(name >> 8 > 0, "{name:#x}");
        }
        // XNU counts in steps of 4, newer ones in a multiple that lasts until the generations begin anew.
        let steps = steps(8);
        assert!(steps.iter().all(|step| step % 4 == 0), "{steps:?}");
        let small = steps.iter().filter(|&&step| (4..=16).contains(&step));
        assert!(small.count() >= 7, "{steps:?}");
    });
}

#[test]
fn fact_02_the_last_freed_index_comes_first() {
    alone("fact_02_the_last_freed_index_comes_first", || {
        let _ = names().unwrap();
        let ports = [(); 3].map(|()| made::port());
        for port in ports {
            made::kill(port);
        }
        for freed in ports.into_iter().rev() {
            let next = made::port();
            assert_eq!(next >> 8, freed >> 8);
            assert_ne!(next, freed, "a freed name is not used again at once");
        }
    });
}

#[test]
fn fact_02_a_number_comes_back_after_16_to_64_uses_of_its_index() {
    alone(
        "fact_02_a_number_comes_back_after_16_to_64_uses_of_its_index",
        || {
            let _ = names().unwrap();
            // At an index that nobody has used: the round that its generations begin is a whole one.
            let fresh = std::iter::repeat_with(made::port).find(|name| name & 0xff == 3);
            let first = fresh.expect("ports without end");
            let mut uses = 0;
            let mut name = first;
            loop {
                made::kill(name);
                name = made::port();
                uses += 1;
                if name == first {
                    break;
                }
                assert!(uses <= 64, "{first:#x} does not come back");
            }
            // The shortest round of XNU has 15 or 16 names.
            assert!(uses >= 15, "{first:#x} comes back after {uses}");
        },
    );
}

/// Names at which nothing can be made, and the reason.
fn impossible_names(used: u32) -> [(u32, kern_return_t); 6] {
    [
        (0xffff_fe03, KERN_NO_SPACE),
        (0xffff_fe00, KERN_NO_SPACE),
        (122, KERN_INVALID_VALUE),
        (used & !3, KERN_INVALID_VALUE),
        (123, KERN_FAILURE),
        (used ^ 4, KERN_FAILURE),
    ]
}

#[test]
fn fact_02_insert_right_at_an_impossible_name() {
    let port = made::port();
    for (name, code) in impossible_names(port) {
        assert_eq!(
            insert_right(name, port, MACH_MSG_TYPE_MAKE_SEND_ONCE),
            code,
            "{name:#x}"
        );
        // The right was made, and nobody got it.
        assert_eq!(drain(port), [MACH_NOTIFY_SEND_ONCE], "{name:#x}");
        // Before it counts that the port has a name already.
        assert_eq!(
            insert_right(name, port, MACH_MSG_TYPE_MAKE_SEND),
            code,
            "{name:#x}"
        );
        assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_RECEIVE));
    }
    made::kill(port);
}

#[test]
fn fact_02_allocate_name_at_an_impossible_name() {
    let port = made::port();
    for (name, code) in impossible_names(port) {
        for right in [MACH_PORT_RIGHT_RECEIVE, MACH_PORT_RIGHT_PORT_SET] {
            assert_eq!(allocate_name(right, name), code, "{name:#x}");
        }
    }
    made::kill(port);
}

#[test]
fn fact_02_insert_right_at_a_free_name() {
    // Alone: once a chosen name has made the table grow, XNU gives out the free indices in any order.
    alone("fact_02_insert_right_at_a_free_name", || {
        let (port, chosen) = (made::port(), 0x0001_f203);
        assert_eq!(
            insert_right(chosen, port, MACH_MSG_TYPE_MAKE_SEND_ONCE),
            KERN_SUCCESS
        );
        assert_eq!(type_of(chosen), Ok(MACH_PORT_TYPE_SEND_ONCE));
        assert_eq!(deallocate(chosen), KERN_SUCCESS);
        assert_eq!(type_of(chosen), Err(KERN_INVALID_NAME));
        made::kill(port);
    });
}

#[test]
fn fact_03_allocate_makes_three_kinds() {
    for (right, kind) in [
        (MACH_PORT_RIGHT_RECEIVE, MACH_PORT_TYPE_RECEIVE),
        (MACH_PORT_RIGHT_PORT_SET, MACH_PORT_TYPE_PORT_SET),
        (MACH_PORT_RIGHT_DEAD_NAME, MACH_PORT_TYPE_DEAD_NAME),
    ] {
        let name = allocate(right).unwrap();
        assert_eq!(type_of(name), Ok(kind));
        assert_eq!(mod_refs(name, right, -1), KERN_SUCCESS);
        assert_eq!(type_of(name), Err(KERN_INVALID_NAME));
    }
    for right in [
        MACH_PORT_RIGHT_SEND,
        MACH_PORT_RIGHT_SEND_ONCE,
        MACH_PORT_RIGHT_LABELH,
        MACH_PORT_RIGHT_NUMBER,
        u32::MAX,
    ] {
        assert_eq!(allocate(right), Err(KERN_INVALID_VALUE), "{right}");
        assert_eq!(
            allocate_name(right, 0x0001_f303),
            KERN_INVALID_VALUE,
            "{right}"
        );
    }
}

#[test]
fn fact_03_allocate_name_takes_the_name_it_is_given() {
    alone(
        "fact_03_allocate_name_takes_the_name_it_is_given",
        take_chosen_names,
    );
}

fn take_chosen_names() {
    for (right, kind, name) in [
        (MACH_PORT_RIGHT_RECEIVE, MACH_PORT_TYPE_RECEIVE, 0x0001_f403),
        (
            MACH_PORT_RIGHT_PORT_SET,
            MACH_PORT_TYPE_PORT_SET,
            0x0001_f51f,
        ),
    ] {
        assert_eq!(allocate_name(right, name), KERN_SUCCESS);
        assert_eq!(type_of(name), Ok(kind));
        for again in [MACH_PORT_RIGHT_RECEIVE, MACH_PORT_RIGHT_PORT_SET] {
            assert_eq!(allocate_name(again, name), KERN_NAME_EXISTS);
        }
        assert_eq!(type_of(name), Ok(kind));
        assert_eq!(mod_refs(name, right, -1), KERN_SUCCESS);
    }
}

#[test]
fn fact_03_null_and_dead_cannot_be_chosen() {
    for name in [MACH_PORT_NULL, MACH_PORT_DEAD] {
        for right in [
            MACH_PORT_RIGHT_RECEIVE,
            MACH_PORT_RIGHT_PORT_SET,
            MACH_PORT_RIGHT_DEAD_NAME,
            MACH_PORT_RIGHT_SEND,
        ] {
            assert_eq!(allocate_name(right, name), KERN_INVALID_VALUE);
        }
    }
}

#[test]
fn fact_03_names_in_use_of_any_kind_exist() {
    let port = made::port();
    let used = [
        port,
        made::set(),
        made::dead_name(),
        made::send_once(port),
        rendezvous_tests::raw::task(),
    ];
    for name in used {
        assert_eq!(
            allocate_name(MACH_PORT_RIGHT_RECEIVE, name),
            KERN_NAME_EXISTS,
            "{name:#x}"
        );
        assert_eq!(
            insert_right(name, port, MACH_MSG_TYPE_MAKE_SEND_ONCE),
            KERN_NAME_EXISTS,
            "{name:#x}"
        );
    }
    for name in used.into_iter().take(4) {
        assert_eq!(
            rendezvous_tests::raw::destroy(name),
            KERN_SUCCESS,
            "{name:#x}"
        );
    }
}

#[test]
fn fact_03_nothing_is_renamed() {
    let port = made::port();
    // MIG_BAD_ID; before macOS 13 there was still a routine for it, which did as little.
    let code = rename(port, 0x0001_f603);
    let older = cfg!(target_os = "macos") && code == KERN_NOT_SUPPORTED;
    assert!(code == -303 || older, "{code}");
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_RECEIVE));
    made::kill(port);
}
