//! Mach facts 46 and 47: port sets.

use std::thread;

use mach_ports::ffi::kern_return::{
    KERN_ALREADY_IN_SET, KERN_INVALID_NAME, KERN_INVALID_RIGHT, KERN_NOT_IN_SET, KERN_SUCCESS,
};
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::MACH_NOTIFY_SEND_ONCE;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Buffer, Item, Letter, drain, poll, receive};
use rendezvous_tests::raw::{
    deallocate, destroy, extract_member, insert_member, made, members, mod_refs, move_member,
    status, type_of,
};
use rendezvous_tests::second::two;

/// Sends an empty message with an id to one's own port.
fn post(port: mach_port_name_t, id: i32) {
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND).id(id).send();
}

/// Makes a port a member.
#[track_caller]
fn join(port: mach_port_name_t, set: mach_port_name_t) {
    assert_eq!(insert_member(port, set), KERN_SUCCESS);
}

/// The names of all ports in a message.
fn names_in(mail: &Buffer) -> Vec<mach_port_name_t> {
    let name = |item: Item| match item {
        Item::Port { name, .. } => name,
        other => panic!("no port: {other:?}"),
    };
    mail.items().into_iter().map(name).collect()
}

/// A set with three members.
fn set_of_three() -> (mach_port_name_t, [mach_port_name_t; 3]) {
    let set = made::set();
    let ports = [made::port(), made::port(), made::port()];
    for port in ports {
        join(port, set);
    }
    (set, ports)
}

/// Sees to it that members took turns. The tens of an id say which member it came to, the ones are in order.
#[track_caller]
fn assert_turns(got: &[i32], turns: &[i32]) {
    // Up to macOS 11 a member is emptied before the next one has its turn.
    let emptied = |ids: &[i32]| {
        ids.chunk_by(|a, b| a / 10 == b / 10)
            .all(<[i32]>::is_sorted)
    };
    let sorted = |ids: &[i32]| {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids
    };
    let members = |ids: &[i32]| ids.chunk_by(|a, b| a / 10 == b / 10).count();
    let one_by_one =
        emptied(got) && sorted(got) == sorted(turns) && members(got) == members(&sorted(turns));
    assert!(
        got == turns || cfg!(target_vendor = "apple") && one_by_one,
        "{got:?}, not {turns:?}"
    );
}

#[test]
fn fact_46_messages_from_before_a_port_joined() {
    let (port, set) = (made::port(), made::set());
    post(port, 1);
    post(port, 2);
    assert!(poll(set).is_none());
    join(port, set);
    let first = receive(set);
    assert_eq!((first.id(), first.local()), (1, port));
    post(port, 3);
    assert_eq!(drain(set), [2, 3]);
}

#[test]
fn fact_46_the_local_port_names_the_member() {
    let (set, ports) = set_of_three();
    for (port, id) in ports.into_iter().zip(1..) {
        post(port, id);
        let mail = receive(set);
        assert_eq!((mail.id(), mail.local()), (id, port));
        assert_eq!(mail.local_disposition(), MACH_MSG_TYPE_PORT_SEND);
    }
    let once = made::send_once(ports[1]);
    Letter::to(once, MACH_MSG_TYPE_MOVE_SEND_ONCE).send();
    let mail = receive(set);
    assert_eq!(mail.local(), ports[1]);
    assert_eq!(mail.local_disposition(), MACH_MSG_TYPE_PORT_SEND_ONCE);
}

#[test]
fn fact_46_members_may_die_before_the_set() {
    let (set, [first, second, third]) = set_of_three();
    post(first, 1);
    post(second, 2);
    made::kill(first);
    let mut left = vec![second, third];
    left.sort_unstable();
    assert_eq!(members(set), Ok(left));
    assert_eq!(drain(set), [2]);
    made::kill(second);
    made::kill(third);
    assert_eq!(members(set), Ok(vec![]));
    assert!(poll(set).is_none());
    let port = made::port();
    join(port, set);
    post(port, 3);
    assert_eq!(drain(set), [3]);
}

#[test]
fn fact_46_a_port_in_several_sets() {
    let (port, sets) = (made::port(), [made::set(), made::set(), made::set()]);
    for set in sets {
        join(port, set);
    }
    for id in 1..=4 {
        post(port, id);
    }
    for (set, id) in sets.into_iter().zip(1..) {
        let mail = receive(set);
        assert_eq!((mail.id(), mail.local()), (id, port));
    }
    // Directly, too; and a message is there once.
    assert_eq!(drain(port), [4]);
    for set in sets {
        assert!(poll(set).is_none());
        assert_eq!(members(set), Ok(vec![port]));
    }
}

#[test]
fn fact_46_a_set_that_is_destroyed_leaves_members_and_messages() {
    let end = [
        destroy,
        |set| mod_refs(set, MACH_PORT_RIGHT_PORT_SET, -1),
        deallocate,
    ];
    for end in end {
        let (set, ports) = set_of_three();
        let other = made::set();
        join(ports[0], other);
        post(ports[0], 1);
        post(ports[1], 2);
        assert_eq!(end(set), KERN_SUCCESS);
        assert_eq!(type_of(set), Err(KERN_INVALID_NAME));
        assert_eq!(ports.map(|port| status(port).unwrap().pset), [1, 0, 0]);
        assert_eq!(ports.map(type_of), [Ok(MACH_PORT_TYPE_RECEIVE); 3]);
        assert_eq!(drain(other), [1]);
        assert_eq!(drain(ports[1]), [2]);
    }
}

#[test]
fn fact_46_a_member_that_leaves_takes_its_messages_along() {
    let (set, [first, second, _]) = set_of_three();
    post(first, 1);
    post(second, 2);
    assert_eq!(extract_member(first, set), KERN_SUCCESS);
    assert_eq!(drain(set), [2]);
    assert_eq!(drain(first), [1]);
}

#[test]
fn fact_46_members_take_turns_in_the_order_they_became_ready() {
    let (set, [first, second, third]) = set_of_three();
    for (port, id) in [
        (third, 31),
        (first, 11),
        (third, 32),
        (second, 21),
        (third, 33),
        (first, 12),
    ] {
        post(port, id);
    }
    assert_turns(&drain(set), &[31, 11, 21, 32, 12, 33]);
}

#[test]
fn fact_46_members_that_join_with_messages_take_turns() {
    let (set, ports) = (made::set(), [made::port(), made::port(), made::port()]);
    for (port, id) in ports.into_iter().zip([10, 20, 30]) {
        post(port, id);
        post(port, id + 1);
    }
    // In the order in which they join.
    for port in ports.into_iter().rev() {
        join(port, set);
    }
    assert_turns(&drain(set), &[30, 20, 10, 31, 21, 11]);
}

#[test]
fn fact_46_a_message_between_two_receives_waits_its_turn() {
    let (set, [first, second, _]) = set_of_three();
    for id in 11..=13 {
        post(first, id);
    }
    post(second, 21);
    assert_eq!(receive(set).id(), 11);
    post(second, 22);
    let order: Vec<_> = (0..4).map(|_| receive(set).id()).collect();
    assert_turns(&order, &[21, 12, 22, 13]);
}

#[test]
fn fact_46_a_member_that_was_emptied_directly() {
    let (set, [first, second, _]) = set_of_three();
    post(first, 1);
    post(second, 2);
    assert_eq!(drain(first), [1]);
    assert_eq!(receive(set).id(), 2);
    assert!(poll(set).is_none());
    post(first, 3);
    assert_eq!(drain(set), [3]);
}

#[test]
fn fact_46_a_message_wakes_who_waits_on_a_set() {
    let (set, [_, second, _]) = set_of_three();
    let waiting = thread::spawn(move || receive(set).local());
    post(second, 1);
    assert_eq!(waiting.join().unwrap(), second);
}

#[test]
fn fact_46_a_port_that_joins_with_a_message_serves_who_waits() {
    let (port, set) = (made::port(), made::set());
    let waiting = thread::spawn(move || receive(set).id());
    post(port, 5);
    join(port, set);
    assert_eq!(waiting.join().unwrap(), 5);
}

#[test]
fn fact_46_who_waits_on_a_member_and_who_waits_on_its_set_share() {
    let (port, set) = (made::port(), made::set());
    join(port, set);
    let waiting = [port, set].map(|from| thread::spawn(move || receive(from).id()));
    post(port, 1);
    post(port, 2);
    let mut got = waiting.map(|thread| thread.join().unwrap());
    got.sort_unstable();
    assert_eq!(got, [1, 2]);
}

#[test]
fn fact_46_members_with_senders_in_another_task() {
    two(
        "fact_46_members_with_senders_in_another_task",
        |line, _| {
            let (set, ports) = set_of_three();
            let letter = ports.into_iter().fold(line.letter(), |letter, port| {
                letter.port(port, MACH_MSG_TYPE_MAKE_SEND)
            });
            letter.send();
            line.wait();
            let [first, second, third] = ports;
            // Two messages of each are there.
            let got = [(); 6].map(|()| {
                let mail = receive(set);
                let member = ports.iter().position(|&port| port == mail.local());
                10 * (member.expect("a member") as i32 + 1) + mail.id()
            });
            assert_turns(&got, &[31, 11, 21, 32, 12, 22]);
            assert!(poll(set).is_none());
            // One by one, each waited for.
            for (port, id) in [(second, 7), (first, 8), (third, 9)] {
                line.letter()
                    .id(id)
                    .port(port, MACH_MSG_TYPE_MAKE_SEND)
                    .send();
                let mail = receive(set);
                assert_eq!((mail.local(), mail.id()), (port, id));
            }
        },
        |line| {
            let names = names_in(&line.next());
            for id in 1..=2 {
                for index in [2, 0, 1] {
                    Letter::to(names[index], MACH_MSG_TYPE_COPY_SEND)
                        .id(id)
                        .send();
                }
            }
            line.go();
            for _ in 0..3 {
                let mail = line.next();
                let (port, _) = mail.only_port();
                Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
                    .id(mail.id())
                    .send();
            }
        },
    );
}

#[test]
fn fact_46_a_set_that_is_destroyed_leaves_senders_in_another_task() {
    two(
        "fact_46_a_set_that_is_destroyed_leaves_senders_in_another_task",
        |line, _| {
            let (port, set) = (made::port(), made::set());
            join(port, set);
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            assert_eq!(receive(set).id(), 1);
            line.wait();
            assert_eq!(destroy(set), KERN_SUCCESS);
            assert_eq!(drain(port), [2, 3]);
        },
        |line| {
            let (port, _) = line.next().only_port();
            for id in 1..=3 {
                Letter::to(port, MACH_MSG_TYPE_COPY_SEND).id(id).send();
            }
            line.go();
        },
    );
}

#[test]
fn fact_46_notifications_come_through_a_set() {
    let (port, set) = (made::port(), made::set());
    join(port, set);
    assert_eq!(deallocate(made::send_once(port)), KERN_SUCCESS);
    let mail = receive(set);
    assert_eq!((mail.id(), mail.local()), (MACH_NOTIFY_SEND_ONCE, port));
}

#[test]
fn fact_46_a_busy_member_does_not_keep_others_waiting() {
    let (set, [busy, quiet, _]) = set_of_three();
    for id in 0..4 {
        post(busy, id);
    }
    assert_eq!(receive(set).local(), busy);
    post(quiet, 100);
    // One more of the busy one at most, for it had come round again when the other became ready.
    let next: Vec<_> = (0..4).map(|_| receive(set).local()).collect();
    let turn = next.iter().position(|&member| member == quiet);
    let unfair = cfg!(target_vendor = "apple") && turn == Some(3);
    assert!([Some(0), Some(1)].contains(&turn) || unfair, "{next:?}");
}

#[test]
fn fact_46_a_port_that_joins_with_messages_from_another_task() {
    two(
        "fact_46_a_port_that_joins_with_messages_from_another_task",
        |line, _| {
            let (port, set) = (made::port(), made::set());
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            line.wait();
            // Its message is older than its membership.
            join(port, set);
            let mail = receive(set);
            assert_eq!((mail.local(), mail.id()), (port, 1));
            // The way to the other task can be a member as well.
            join(line.own, set);
            line.go();
            let mail = receive(set);
            assert_eq!((mail.local(), mail.id()), (line.own, 2));
        },
        |line| {
            let (port, _) = line.next().only_port();
            Letter::to(port, MACH_MSG_TYPE_COPY_SEND).id(1).send();
            line.go();
            line.wait();
            line.letter().id(2).send();
        },
    );
}

#[test]
fn fact_46_who_waits_on_a_set_for_another_tasks_message() {
    two(
        "fact_46_who_waits_on_a_set_for_another_tasks_message",
        |line, _| {
            let (port, set) = (made::port(), made::set());
            // The set is empty at first, or not: the thread may be slow.
            let waiting = thread::spawn(move || receive(set).id());
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            join(port, set);
            line.go();
            assert_eq!(waiting.join().unwrap(), 5);
        },
        |line| {
            let (port, _) = line.next().only_port();
            line.wait();
            Letter::to(port, MACH_MSG_TYPE_MOVE_SEND).id(5).send();
        },
    );
}

#[test]
fn fact_47_a_member_twice() {
    let (port, set) = (made::port(), made::set());
    join(port, set);
    assert_eq!(insert_member(port, set), KERN_ALREADY_IN_SET);
    assert_eq!(members(set), Ok(vec![port]));
    assert_eq!(extract_member(port, set), KERN_SUCCESS);
    assert_eq!(members(set), Ok(vec![]));
    assert_eq!(status(port).unwrap().pset, 0);
}

#[test]
fn fact_47_a_stranger_cannot_leave() {
    let (port, set, other) = (made::port(), made::set(), made::set());
    assert_eq!(extract_member(port, set), KERN_NOT_IN_SET);
    join(port, other);
    assert_eq!(extract_member(port, set), KERN_NOT_IN_SET);
    assert_eq!(members(other), Ok(vec![port]));
}

#[test]
fn fact_47_move_member_to_its_own_set() {
    let (port, set) = (made::port(), made::set());
    join(port, set);
    post(port, 1);
    assert_eq!(move_member(port, set), KERN_SUCCESS);
    assert_eq!(members(set), Ok(vec![port]));
    assert_eq!(drain(set), [1]);
}

#[test]
fn fact_47_move_member_leaves_all_others() {
    let (port, sets) = (made::port(), [made::set(), made::set(), made::set()]);
    let all = || sets.map(|set| members(set).unwrap().len());
    join(port, sets[0]);
    join(port, sets[1]);
    assert_eq!(all(), [1, 1, 0]);
    assert_eq!(move_member(port, sets[1]), KERN_SUCCESS);
    assert_eq!(all(), [0, 1, 0]);
    join(port, sets[0]);
    assert_eq!(move_member(port, sets[2]), KERN_SUCCESS);
    assert_eq!(all(), [0, 0, 1]);
    post(port, 1);
    assert_eq!(sets.map(drain), [vec![], vec![], vec![1]]);
}

#[test]
fn fact_47_move_member_to_none() {
    let (port, sets) = (made::port(), [made::set(), made::set()]);
    assert_eq!(move_member(port, MACH_PORT_NULL), KERN_NOT_IN_SET);
    for set in sets {
        join(port, set);
    }
    post(port, 1);
    assert_eq!(move_member(port, MACH_PORT_NULL), KERN_SUCCESS);
    assert_eq!(sets.map(members), [Ok(vec![]), Ok(vec![])]);
    assert_eq!(move_member(port, MACH_PORT_NULL), KERN_NOT_IN_SET);
    assert_eq!(drain(port), [1]);
}

/// The three calls that take a member and a set.
const CALLS: [fn(mach_port_name_t, mach_port_name_t) -> i32; 3] =
    [insert_member, extract_member, move_member];

#[test]
fn fact_47_what_is_no_member_and_what_is_no_set() {
    let (port, set) = (made::port(), made::set());
    let (once, dead) = (made::send_once(port), made::dead_name());
    let send = made::port_with_send();
    made::kill(send);
    for call in CALLS {
        for member in [once, dead, set, send] {
            assert_eq!(call(member, set), KERN_INVALID_RIGHT);
        }
        for no_set in [port, once, dead, send] {
            assert_eq!(call(port, no_set), KERN_INVALID_RIGHT);
        }
        assert_eq!(call(made::absent(), set), KERN_INVALID_NAME);
        assert_eq!(call(port, made::absent()), KERN_INVALID_NAME);
        assert_eq!(call(made::absent(), port), KERN_INVALID_NAME);
        // Both names are looked up before either right is looked at; the last of the calls once did otherwise.
        let code = call(once, made::absent());
        let older = cfg!(target_vendor = "apple") && code == KERN_INVALID_RIGHT;
        assert!(code == KERN_INVALID_NAME || older, "{code}");
    }
    assert_eq!(move_member(once, MACH_PORT_NULL), KERN_INVALID_RIGHT);
    assert_eq!(
        move_member(made::absent(), MACH_PORT_NULL),
        KERN_INVALID_NAME
    );
    assert_eq!(members(set), Ok(vec![]));
}

#[test]
fn fact_47_the_names_null_and_dead() {
    let (port, set) = (made::port(), made::set());
    for call in CALLS {
        for member in [MACH_PORT_NULL, MACH_PORT_DEAD] {
            assert_eq!(call(member, set), KERN_INVALID_RIGHT);
            assert_eq!(call(member, made::absent()), KERN_INVALID_RIGHT);
        }
        assert_eq!(call(port, MACH_PORT_DEAD), KERN_INVALID_RIGHT);
        assert_eq!(call(made::absent(), MACH_PORT_DEAD), KERN_INVALID_RIGHT);
    }
    assert_eq!(insert_member(port, MACH_PORT_NULL), KERN_INVALID_RIGHT);
    assert_eq!(extract_member(port, MACH_PORT_NULL), KERN_INVALID_RIGHT);
    assert_eq!(members(MACH_PORT_NULL), Err(KERN_INVALID_RIGHT));
    assert_eq!(members(MACH_PORT_DEAD), Err(KERN_INVALID_RIGHT));
}

#[test]
fn fact_47_a_refused_move_leaves_no_set() {
    let (port, set) = (made::port(), made::set());
    join(port, set);
    assert_eq!(move_member(port, made::absent()), KERN_INVALID_NAME);
    assert_eq!(move_member(port, port), KERN_INVALID_RIGHT);
    assert_eq!(members(set), Ok(vec![port]));
}

#[test]
fn fact_47_members_are_listed_in_ascending_order() {
    let set = made::set();
    let mut ports: Vec<_> = (0..20).map(|_| made::port()).collect();
    for &port in ports.iter().rev() {
        join(port, set);
    }
    ports.sort_unstable();
    assert_eq!(members(set), Ok(ports));
}

#[test]
fn fact_47_more_members_than_fit_a_page() {
    let set = made::set();
    // macOS 13 loses count there.
    let count = if cfg!(target_vendor = "apple") {
        1000
    } else {
        5000
    };
    let mut ports: Vec<_> = (0..count).map(|_| made::port()).collect();
    for &port in &ports {
        join(port, set);
    }
    ports.sort_unstable();
    assert_eq!(members(set).as_ref(), Ok(&ports));
    for port in ports {
        made::kill(port);
    }
    assert_eq!(members(set), Ok(vec![]));
}

#[test]
fn fact_47_only_sets_have_members() {
    let port = made::port();
    let once = made::send_once(port);
    for name in [port, once, made::dead_name()] {
        assert_eq!(members(name), Err(KERN_INVALID_RIGHT));
    }
    assert_eq!(members(made::absent()), Err(KERN_INVALID_NAME));
    assert_eq!(members(made::set()), Ok(vec![]));
}
