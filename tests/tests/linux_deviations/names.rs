//! Names as they are here alone: the first ones of a task, and what Linux cannot give.

use std::ffi::CString;

use mach_ports::ffi::extra::mach_port_type;
use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::mach_port::{mach_port_allocate, mach_port_deallocate};
use mach_ports::ffi::message::*;
use mach_ports::ffi::port::*;
use mach_ports::ffi::traps::task_for_pid;
use rendezvous_tests::forked::forked;
use rendezvous_tests::letter::{Item, Letter, receive};
use rendezvous_tests::raw::{destroy, made, names, refs, task, type_of};
use rendezvous_tests::second::{alone, check_in, look_up, service_name, two};

#[test]
fn fact_02_the_first_names_of_a_task() {
    alone("fact_02_the_first_names_of_a_task", || {
        assert_eq!(task(), 0x103);
        let fixed = [0x103, 0x203, 0x303].map(|name| (name, MACH_PORT_TYPE_SEND));
        assert_eq!(names(), Ok(fixed.to_vec()));
        let (first, second) = (made::port(), made::port());
        assert_eq!((first, second), (0x403, 0x503));
        made::kill(first);
        assert_eq!(made::port(), 0x407);
        made::kill(0x407);
        assert_eq!(made::port(), 0x40b);
    });
}

/// Who sends what in [`fact_11_rights_from_different_senders_are_two_names`]: `MOVE_SEND` of the right that a service
/// has been asked for.
fn forward(right: mach_port_name_t, to: &CString) {
    let to = look_up(to).expect("the third task");
    Letter::to(to, MACH_MSG_TYPE_MOVE_SEND)
        .port(right, MACH_MSG_TYPE_COPY_SEND)
        .send();
}

#[test]
fn fact_11_rights_from_different_senders_are_two_names() {
    alone(
        "fact_11_rights_from_different_senders_are_two_names",
        || {
            let (owner, third) = (service_name(), service_name());
            let port = check_in(&owner).unwrap();
            let receiver = forked(|| {
                let own = check_in(&third).expect("a service");
                let parent = look_up(&owner).expect("the owner");
                Letter::to(parent, MACH_MSG_TYPE_COPY_SEND).id(1).send();
                // From the owner itself, twice, and from another task that has a right.
                let [first, again, other] = [(); 3].map(|()| receive(own).only_port().0);
                assert_eq!(again, first);
                assert_eq!(refs(first, MACH_PORT_RIGHT_SEND), Ok(2));
                assert_ne!(other, first);
                assert_eq!(type_of(other), Ok(MACH_PORT_TYPE_SEND));
                for (name, id) in [(first, 2), (other, 3)] {
                    Letter::to(name, MACH_MSG_TYPE_COPY_SEND).id(id).send();
                }
            });
            assert_eq!(receive(port).id(), 1);
            made::send(port);
            forward(port, &third);
            forward(port, &third);
            forked(|| forward(look_up(&owner).expect("the owner"), &third)).wait();
            // Both lead here.
            assert_eq!([receive(port).id(), receive(port).id()], [2, 3]);
            receiver.wait();
            assert_eq!(destroy(port), KERN_SUCCESS);
        },
    );
}

#[test]
fn a_tasks_port_is_dead_elsewhere_and_its_hosts_is_the_hosts() {
    two(
        "a_tasks_port_is_dead_elsewhere_and_its_hosts_is_the_hosts",
        |line, _| {
            // Task, host and bootstrap port, by the names that every task has for them.
            let letter = [0x103, 0x203, 0x303]
                .into_iter()
                .fold(line.letter(), |letter, name| {
                    letter.port(name, MACH_MSG_TYPE_COPY_SEND)
                });
            letter.send();
            line.wait();
        },
        |line| {
            let arrived = [MACH_PORT_DEAD, 0x203, 0x303].map(|name| Item::Port {
                name,
                disposition: MACH_MSG_TYPE_PORT_SEND,
            });
            assert_eq!(line.next().items(), arrived);
            line.go();
        },
    );
}

#[test]
fn other_tasks_cannot_be_worked_on() {
    let no_task = made::port_with_send();
    let mut name = MACH_PORT_NULL;
    for other in [
        no_task,
        made::absent(),
        MACH_PORT_NULL,
        MACH_PORT_DEAD,
        0x203,
    ] {
        // SAFETY: `name` can be written.
        let codes = unsafe {
            [
                mach_port_allocate(other, MACH_PORT_RIGHT_RECEIVE, &raw mut name),
                mach_port_deallocate(other, no_task),
                mach_port_type(other, no_task, &raw mut name),
            ]
        };
        assert_eq!(codes, [MACH_SEND_INVALID_DEST; 3], "{other:#x}");
    }
    // SAFETY: `name` can be written.
    let code = unsafe { task_for_pid(task(), 1, &raw mut name) };
    assert_eq!(code, KERN_FAILURE);
    assert_eq!(name, MACH_PORT_NULL);
    assert_eq!(destroy(no_task), KERN_SUCCESS);
}
