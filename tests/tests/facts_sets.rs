//! Port sets: receiving from several ports at once, and who is a member of what. Facts 46 and 47.

use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::MACH_NOTIFY_SEND_ONCE;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Letter, SOON, drain, poll, receive, receive_with};
use rendezvous_tests::raw::{
    deallocate, destroy, extract_member, insert_member, made, members, mod_refs, move_member,
    status, task, type_of,
};
use rendezvous_tests::second::two;

fn post(port: mach_port_name_t, id: i32) {
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND).id(id).send();
}

fn member_of(set: mach_port_name_t) -> mach_port_name_t {
    let port = made::port();
    assert_eq!(insert_member(port, set), KERN_SUCCESS);
    port
}

/// All that is in a set now: the member and the id of each message, in order.
fn drain_set(set: mach_port_name_t) -> Vec<(mach_port_name_t, i32)> {
    std::iter::from_fn(|| poll(set))
        .map(|mail| (mail.local(), mail.id()))
        .collect()
}

#[test]
fn fact_46_messages_from_before_a_port_joined_come_through_the_set() {
    let (set, port) = (made::set(), made::port());
    post(port, 1);
    post(port, 2);
    assert_eq!(poll(set), None);
    assert_eq!(insert_member(port, set), KERN_SUCCESS);
    assert_eq!(drain_set(set), [(port, 1), (port, 2)]);
    destroy(port);
    destroy(set);
}

#[test]
fn fact_46_the_local_port_names_the_member() {
    let set = made::set();
    let ports = [(); 3].map(|()| member_of(set));
    for (id, &port) in (0..).zip(&ports) {
        Letter::to(port, MACH_MSG_TYPE_MAKE_SEND_ONCE).id(id).send();
        let mail = receive(set);
        assert_eq!((mail.local(), mail.id()), (port, id));
        assert_eq!(mail.local_disposition(), MACH_MSG_TYPE_PORT_SEND_ONCE);
    }
    for name in ports.into_iter().chain([set]) {
        assert_eq!(destroy(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_46_members_may_die_before_their_set() {
    let set = made::set();
    let (first, second) = (member_of(set), member_of(set));
    post(first, 1);
    post(second, 2);
    made::kill(first);
    assert_eq!(members(set), Ok(vec![second]));
    assert_eq!(drain_set(set), [(second, 2)]);
    made::kill(second);
    assert_eq!(members(set), Ok(vec![]));
    assert_eq!(poll(set), None);
    assert_eq!(destroy(set), KERN_SUCCESS);
}

#[test]
fn fact_46_a_port_may_be_in_several_sets() {
    let sets = [(); 3].map(|()| made::set());
    let port = made::port();
    for set in sets {
        assert_eq!(insert_member(port, set), KERN_SUCCESS);
    }
    for (id, set) in (0..).zip(sets) {
        post(port, id);
        assert_eq!(drain_set(set), [(port, id)]);
        // What one set has given, the others have not.
        for other in sets {
            assert_eq!(poll(other), None);
        }
    }
    post(port, 9);
    assert_eq!(receive(port).id(), 9);
    for other in sets {
        assert_eq!(poll(other), None);
    }
    for name in sets {
        assert_eq!(destroy(name), KERN_SUCCESS);
    }
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_RECEIVE));
    made::kill(port);
}

#[test]
fn fact_46_destroying_a_set_leaves_members_and_messages() {
    for end in [destroy, deallocate, |set| {
        mod_refs(set, MACH_PORT_RIGHT_PORT_SET, -1)
    }] {
        let set = made::set();
        let port = member_of(set);
        post(port, 1);
        post(port, 2);
        assert_eq!(receive(set).id(), 1);
        assert_eq!(end(set), KERN_SUCCESS);
        assert_eq!(type_of(set), Err(KERN_INVALID_NAME));
        assert_eq!(status(port).unwrap().pset, 0);
        assert_eq!(drain(port), [2]);
        post(port, 3);
        assert_eq!(drain(port), [3]);
        made::kill(port);
    }
}

#[test]
fn fact_46_members_take_turns() {
    let set = made::set();
    let (a, b, c) = (member_of(set), member_of(set), member_of(set));
    for (port, id) in [(b, 0), (a, 1), (b, 2), (b, 3), (c, 4), (a, 5)] {
        post(port, id);
    }
    assert_eq!(
        drain_set(set),
        [(b, 0), (a, 1), (c, 4), (b, 2), (a, 5), (b, 3)]
    );
    for name in [a, b, c, set] {
        assert_eq!(destroy(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_46_a_busy_member_does_not_keep_others_waiting() {
    let set = made::set();
    let (busy, quiet) = (member_of(set), member_of(set));
    for id in 0..4 {
        post(busy, id);
    }
    assert_eq!(receive(set).local(), busy);
    post(quiet, 100);
    // One more of the busy one at most, for it had come round again when the other became ready.
    let next = [receive(set).local(), receive(set).local()];
    assert!(next.contains(&quiet), "{next:?}");
    for name in [busy, quiet, set] {
        assert_eq!(destroy(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_46_what_waits_on_a_set_gets_what_comes_to_its_members() {
    let set = made::set();
    let (member, late) = (member_of(set), made::port());
    post(late, 2);
    std::thread::scope(|scope| {
        let waiting =
            scope.spawn(|| [receive(set), receive(set)].map(|mail| (mail.local(), mail.id())));
        post(member, 1);
        assert_eq!(insert_member(late, set), KERN_SUCCESS);
        let mut got = waiting.join().unwrap();
        got.sort_by_key(|&(_, id)| id);
        assert_eq!(got, [(member, 1), (late, 2)]);
    });
    for name in [member, late, set] {
        assert_eq!(destroy(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_46_notifications_come_through_a_set() {
    let set = made::set();
    let port = member_of(set);
    assert_eq!(deallocate(made::send_once(port)), KERN_SUCCESS);
    assert_eq!(drain_set(set), [(port, MACH_NOTIFY_SEND_ONCE)]);
    made::kill(port);
    assert_eq!(destroy(set), KERN_SUCCESS);
}

#[test]
fn fact_46_a_member_that_leaves_takes_its_messages_along() {
    let (set, other) = (made::set(), made::set());
    let (a, b) = (member_of(set), member_of(set));
    post(a, 1);
    post(b, 2);
    assert_eq!(extract_member(a, set), KERN_SUCCESS);
    assert_eq!(drain_set(set), [(b, 2)]);
    assert_eq!(move_member(a, other), KERN_SUCCESS);
    assert_eq!(drain_set(other), [(a, 1)]);
    for name in [a, b, set, other] {
        assert_eq!(destroy(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_46_a_port_that_moves_away_leaves_its_sets() {
    let (set, way) = (made::set(), made::port());
    let port = member_of(set);
    made::send(port);
    Letter::to(way, MACH_MSG_TYPE_MAKE_SEND)
        .port(port, MACH_MSG_TYPE_MOVE_RECEIVE)
        .send();
    assert_eq!(members(set), Ok(vec![]));
    assert_eq!(receive(way).only_port().0, port);
    post(port, 1);
    assert_eq!(poll(set), None);
    assert_eq!(members(set), Ok(vec![]));
    for name in [port, set, way] {
        assert_eq!(destroy(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_46_a_set_of_ports_that_another_task_sends_to() {
    two(
        "fact_46_a_set_of_ports_that_another_task_sends_to",
        |line, _| {
            let set = made::set();
            let (early, late) = (member_of(set), made::port());
            for port in [early, late] {
                line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            }
            let mail = receive(set);
            assert_eq!((mail.local(), mail.id()), (early, 1));
            line.wait();
            // This one's message is older than its membership.
            assert_eq!(insert_member(late, set), KERN_SUCCESS);
            let mail = receive(set);
            assert_eq!((mail.local(), mail.id()), (late, 2));
            // The line itself can be a member.
            assert_eq!(insert_member(line.own, set), KERN_SUCCESS);
            line.go();
            let mut got: Vec<_> = (0..5)
                .map(|_| receive(set))
                .map(|mail| (mail.local(), mail.id()))
                .collect();
            got.sort_unstable();
            let mut expected = vec![(early, 3), (early, 4), (late, 5), (late, 6), (line.own, 7)];
            expected.sort_unstable();
            assert_eq!(got, expected);
            assert_eq!(destroy(set), KERN_SUCCESS);
            line.go();
            assert_eq!(receive(early).id(), 8);
        },
        |line| {
            let early = line.next().only_port().0;
            let late = line.next().only_port().0;
            let say = |port, id| Letter::to(port, MACH_MSG_TYPE_COPY_SEND).id(id).send();
            say(early, 1);
            say(late, 2);
            line.go();
            line.wait();
            for (port, id) in [(early, 3), (early, 4), (late, 5), (late, 6)] {
                say(port, id);
            }
            line.letter().id(7).send();
            line.wait();
            say(early, 8);
        },
    );
}

#[test]
fn fact_46_who_waits_for_another_tasks_message_on_a_set_gets_it() {
    two(
        "fact_46_who_waits_for_another_tasks_message_on_a_set_gets_it",
        |line, _| {
            let set = made::set();
            std::thread::scope(|scope| {
                let waiting = scope.spawn(|| receive_with(set, 0, SOON).map(|mail| mail.id()));
                // The set is empty at first, or not: the thread may be slow.
                let port = made::port();
                line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
                assert_eq!(insert_member(port, set), KERN_SUCCESS);
                line.go();
                assert_eq!(waiting.join().unwrap(), Ok(5));
            });
        },
        |line| {
            let port = line.next().only_port().0;
            line.wait();
            Letter::to(port, MACH_MSG_TYPE_MOVE_SEND).id(5).send();
        },
    );
}

#[test]
fn fact_47_a_port_joins_a_set_once() {
    let set = made::set();
    let port = member_of(set);
    assert_eq!(insert_member(port, set), KERN_ALREADY_IN_SET);
    assert_eq!(members(set), Ok(vec![port]));
    assert_eq!(extract_member(port, set), KERN_SUCCESS);
    assert_eq!(extract_member(port, set), KERN_NOT_IN_SET);
    assert_eq!(insert_member(port, set), KERN_SUCCESS);
    made::kill(port);
    assert_eq!(destroy(set), KERN_SUCCESS);
}

#[test]
fn fact_47_extract_leaves_other_sets_alone() {
    let (set, other) = (made::set(), made::set());
    let port = member_of(set);
    assert_eq!(extract_member(port, other), KERN_NOT_IN_SET);
    assert_eq!(insert_member(port, other), KERN_SUCCESS);
    assert_eq!(extract_member(port, set), KERN_SUCCESS);
    assert_eq!(members(set), Ok(vec![]));
    assert_eq!(members(other), Ok(vec![port]));
    for name in [port, set, other] {
        assert_eq!(destroy(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_47_move_member() {
    let (set, second, third) = (made::set(), made::set(), made::set());
    let port = made::port();
    assert_eq!(move_member(port, MACH_PORT_NULL), KERN_NOT_IN_SET);
    for _ in 0..2 {
        assert_eq!(move_member(port, set), KERN_SUCCESS);
        assert_eq!(members(set), Ok(vec![port]));
    }
    assert_eq!(insert_member(port, second), KERN_SUCCESS);
    // To its own set, and out of all others.
    assert_eq!(move_member(port, set), KERN_SUCCESS);
    assert_eq!(members(set), Ok(vec![port]));
    assert_eq!(members(second), Ok(vec![]));
    assert_eq!(insert_member(port, second), KERN_SUCCESS);
    assert_eq!(move_member(port, third), KERN_SUCCESS);
    for (of, expected) in [(set, vec![]), (second, vec![]), (third, vec![port])] {
        assert_eq!(members(of), Ok(expected));
    }
    assert_eq!(insert_member(port, set), KERN_SUCCESS);
    assert_eq!(move_member(port, MACH_PORT_NULL), KERN_SUCCESS);
    assert_eq!(status(port).unwrap().pset, 0);
    assert_eq!(move_member(port, MACH_PORT_NULL), KERN_NOT_IN_SET);
    for name in [port, set, second, third] {
        assert_eq!(destroy(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_47_messages_stay_with_a_member_that_is_moved() {
    let (set, other) = (made::set(), made::set());
    let port = member_of(set);
    post(port, 1);
    assert_eq!(move_member(port, other), KERN_SUCCESS);
    assert_eq!(poll(set), None);
    assert_eq!(drain_set(other), [(port, 1)]);
    for name in [port, set, other] {
        assert_eq!(destroy(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_47_what_is_no_member_or_no_set() {
    let (set, port, dead) = (made::set(), made::port(), made::dead_name());
    let once = made::send_once(port);
    let calls = [insert_member, extract_member, move_member];
    for call in calls {
        for member in [set, once, dead, task()] {
            assert_eq!(call(member, set), KERN_INVALID_RIGHT, "{member:#x}");
        }
        for no_set in [port, once, dead, task()] {
            assert_eq!(call(port, no_set), KERN_INVALID_RIGHT, "{no_set:#x}");
        }
        assert_eq!(call(made::absent(), set), KERN_INVALID_NAME);
        assert_eq!(call(port, made::absent()), KERN_INVALID_NAME);
        // That a name is absent counts first.
        assert_eq!(call(set, made::absent()), KERN_INVALID_NAME);
        assert_eq!(call(made::absent(), port), KERN_INVALID_NAME);
        for none in [MACH_PORT_NULL, MACH_PORT_DEAD] {
            assert_eq!(call(none, set), KERN_INVALID_RIGHT);
            assert_eq!(call(none, made::absent()), KERN_INVALID_RIGHT);
        }
        assert_eq!(call(port, MACH_PORT_DEAD), KERN_INVALID_RIGHT);
    }
    for call in [insert_member, extract_member] {
        assert_eq!(call(port, MACH_PORT_NULL), KERN_INVALID_RIGHT);
    }
    assert_eq!(
        move_member(made::absent(), MACH_PORT_NULL),
        KERN_INVALID_NAME
    );
    assert_eq!(move_member(set, MACH_PORT_NULL), KERN_INVALID_RIGHT);
    for name in [once, port, set, dead] {
        assert_eq!(destroy(name), KERN_SUCCESS);
    }
}

#[test]
fn fact_47_the_status_of_a_set_is_ascending() {
    let set = made::set();
    assert_eq!(members(set), Ok(vec![]));
    let mut ports = [(); 40].map(|()| made::port());
    for &port in ports.iter().rev() {
        assert_eq!(insert_member(port, set), KERN_SUCCESS);
    }
    ports.sort_unstable();
    assert_eq!(members(set), Ok(ports.to_vec()));
    let once = made::send_once(ports[0]);
    for (name, code) in [
        (ports[0], KERN_INVALID_RIGHT),
        (once, KERN_INVALID_RIGHT),
        (task(), KERN_INVALID_RIGHT),
        (made::absent(), KERN_INVALID_NAME),
        (MACH_PORT_NULL, KERN_INVALID_RIGHT),
        (MACH_PORT_DEAD, KERN_INVALID_RIGHT),
    ] {
        assert_eq!(members(name), Err(code));
    }
    for name in ports.into_iter().chain([set, once]) {
        assert_eq!(destroy(name), KERN_SUCCESS);
    }
}
