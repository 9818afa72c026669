//! What a peer claims in bytes joins no names: rights as liars send them, and as the honest do.

use std::sync::Arc;

use crate::headers::port::MACH_PORT_RIGHT_RECEIVE;
use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::Sender;
use crate::kernel::ports::ids::{LinkKey, PortKey, number};
use crate::kernel::ports::port::Home;
use crate::kernel::ports::right::Right;
use crate::sys::foreign::Foreign;
use crate::sys::{packet, socket};
use crate::wire::tree::{self, Fd, LinkEnd};

/// A process that is not this one.
const STRANGER: Sender = Sender {
    pid: i32::MAX,
    uid: 1000,
    gid: 1000,
    version: 0,
};

fn pair() -> (Foreign, Foreign) {
    socket::link_pair().unwrap()
}

fn port(kernel: &mut Kernel) -> PortKey {
    let name = kernel.allocate(MACH_PORT_RIGHT_RECEIVE, None).unwrap();
    kernel.receive_right(name).unwrap()
}

/// A send right as a packet describes it: a sending end, and claims.
fn claimed(fd: Foreign, number: u64, link: u64) -> tree::Right {
    tree::Right::Send(tree::SendRight {
        fd: Fd::Owned(fd),
        number,
        link,
        via: link,
        root: link,
        limit: 5,
    })
}

/// The port that a right of a sender is taken to lead to.
fn taken_for(kernel: &mut Kernel, right: tree::Right, sender: Sender) -> PortKey {
    let right = kernel.import_right(right, sender);
    let key = right.port().unwrap();
    kernel.copyout_right(right).unwrap();
    key
}

/// A port of this task with a link under a number that others know.
fn linked(kernel: &mut Kernel, id: u64) -> (PortKey, LinkKey, Foreign) {
    let key = port(kernel);
    let (receiving, sending) = pair();
    let link = kernel.add_link(key, receiving, id, false).unwrap();
    (key, link, sending)
}

#[test]
fn a_link_that_is_claimed_must_be_the_one_that_is_sent() {
    let mut kernel = Kernel::new();
    let (key, _, sending) = linked(&mut kernel, 77);
    let (_kept, foreign) = pair();
    let lie = claimed(foreign, 1, 77);
    assert_ne!(taken_for(&mut kernel, lie, STRANGER), key);
    let truth = claimed(sending.try_clone().unwrap(), 2, 77);
    assert_eq!(taken_for(&mut kernel, truth, STRANGER), key);
}

#[test]
fn a_link_of_another_port_does_not_pass_for_the_one_claimed() {
    let mut kernel = Kernel::new();
    let (key, _, _sending) = linked(&mut kernel, 77);
    let (other, _, others) = linked(&mut kernel, 78);
    let lie = claimed(others.try_clone().unwrap(), 1, 77);
    let taken = taken_for(&mut kernel, lie, STRANGER);
    assert_ne!(taken, key);
    // What was tried out on the wrong link is no message there.
    kernel.pump_all(other);
    assert!(kernel.local(other).unwrap().queue.is_empty());
}

#[test]
fn a_number_under_which_two_links_are_known_joins_neither_falsely() {
    let mut kernel = Kernel::new();
    let (first, _, _first_end) = linked(&mut kernel, 77);
    let (second, _, second_end) = linked(&mut kernel, 77);
    let taken = taken_for(&mut kernel, claimed(second_end, 1, 77), STRANGER);
    assert_ne!(taken, first);
    assert!(
        taken == second
            || kernel
                .port(taken)
                .is_some_and(|port| port.remote().is_some())
    );
}

#[test]
fn a_socket_that_this_task_made_is_known_without_a_claim() {
    let mut kernel = Kernel::new();
    let key = port(&mut kernel);
    let (receiving, sending) = pair();
    kernel.add_link(key, receiving, 5, false);
    kernel.remember_made(&sending, key, 5);
    // Whatever is claimed of it.
    let right = claimed(sending, 99, 98);
    assert_eq!(taken_for(&mut kernel, right, STRANGER), key);
}

#[test]
fn no_more_is_remembered_than_there_are_links() {
    let mut kernel = Kernel::new();
    let key = port(&mut kernel);
    let mut most = 0;
    for id in 1..1000 {
        let (receiving, sending) = pair();
        let link = kernel.add_link(key, receiving, id, false).unwrap();
        kernel.remember_made(&sending, key, id);
        kernel.end_link(link);
        most = most.max(kernel.made.len());
    }
    assert!(most <= 65, "{most}");
}

#[test]
fn numbers_of_different_senders_are_different_ports() {
    let mut kernel = Kernel::new();
    // Of a process that has ended nobody knows the numbers.
    let mut living = [(); 2].map(|()| {
        let mut cat = std::process::Command::new("cat");
        cat.stdin(std::process::Stdio::piped()).spawn().unwrap()
    });
    let [stranger, other] = [&living[0], &living[1]].map(|process| Sender {
        pid: process.id().cast_signed(),
        ..STRANGER
    });
    let (_one, honest) = pair();
    let known = taken_for(&mut kernel, claimed(honest, 5, 50), stranger);
    let (_two, foreign) = pair();
    assert_ne!(
        taken_for(&mut kernel, claimed(foreign, 5, 50), other),
        known
    );
    // The same sender's are the same, as far as that sender says.
    let (_three, again) = pair();
    assert_eq!(
        taken_for(&mut kernel, claimed(again, 5, 51), stranger),
        known
    );
    let (_four, another) = pair();
    assert_ne!(
        taken_for(&mut kernel, claimed(another, 6, 52), stranger),
        known
    );
    for process in &mut living {
        drop(process.stdin.take());
        process.wait().unwrap();
    }
}

#[test]
fn a_sender_that_cannot_be_told_apart_joins_nothing() {
    let mut kernel = Kernel::new();
    let nobody = Sender {
        pid: -1,
        ..STRANGER
    };
    let (_one, first) = pair();
    let known = taken_for(&mut kernel, claimed(first, 5, 50), nobody);
    let (_two, second) = pair();
    assert_ne!(
        taken_for(&mut kernel, claimed(second, 5, 51), nobody),
        known
    );
}

#[test]
fn a_number_of_a_port_that_has_died_is_free_again() {
    let mut kernel = Kernel::new();
    let (receiving, sending) = pair();
    let known = taken_for(&mut kernel, claimed(sending, 5, 50), STRANGER);
    drop(receiving);
    let (_kept, again) = pair();
    assert_ne!(
        taken_for(&mut kernel, claimed(again, 5, 51), STRANGER),
        known
    );
}

#[test]
fn a_stranger_does_not_know_this_tasks_ports_by_number() {
    let mut kernel = Kernel::new();
    let key = port(&mut kernel);
    for guess in [number(key), 1, u64::MAX] {
        let (_kept, foreign) = pair();
        let taken = taken_for(&mut kernel, claimed(foreign, guess, 3), STRANGER);
        assert_ne!(taken, key, "{guess}");
    }
}

/// A receive right as a packet describes it, with one link.
pub(super) fn arriving(fd: Foreign, link: u64) -> tree::Right {
    tree::Right::Receive(Box::new(tree::Port {
        qlimit: 5,
        links: vec![LinkEnd {
            fd: Fd::Owned(fd),
            link,
            once: false,
            said: 0,
            back: None,
        }],
        messages: Vec::new(),
        no_senders: tree::Right::Null,
        port_destroyed: tree::Right::Null,
        services: Vec::new(),
    }))
}

#[test]
fn a_receive_right_comes_home_only_to_its_own_send_right() {
    let mut kernel = Kernel::new();
    let (receiving, sending) = pair();
    let held = taken_for(&mut kernel, claimed(sending, 5, 50), STRANGER);
    // Somebody else's, under the number by which the held one is known.
    let (foreign, _kept) = pair();
    let lie = kernel.import_right(arriving(foreign, 50), STRANGER);
    assert_ne!(lie.port(), Some(held));
    assert!(matches!(lie, Right::Receive(_)));
    kernel.release(lie);
    assert!(matches!(kernel.port(held).unwrap().home, Home::Remote(_)));
    let truth = kernel.import_right(arriving(receiving, 50), STRANGER);
    assert_eq!(truth.port(), Some(held));
    assert!(matches!(kernel.port(held).unwrap().home, Home::Local(_)));
    kernel.copyout_right(truth).unwrap();
}

#[test]
fn a_send_once_right_joins_nothing() {
    let mut kernel = Kernel::new();
    let (key, _, sending) = linked(&mut kernel, 77);
    let right = tree::Right::Once(Fd::Shared(Arc::new(sending)));
    assert_ne!(taken_for(&mut kernel, right, STRANGER), key);
}

#[test]
fn what_a_liar_reads_of_a_probe_proves_nothing_of_itself() {
    let mut kernel = Kernel::new();
    let (key, _, _sending) = linked(&mut kernel, 77);
    let (listening, foreign) = pair();
    assert_ne!(
        taken_for(&mut kernel, claimed(foreign, 1, 77), STRANGER),
        key
    );
    // The liar has read the number; it was for once, and a later lie gets another.
    let mut buffer = vec![0; 256];
    let first = packet::receive(std::os::fd::AsFd::as_fd(&listening), &mut buffer).unwrap();
    let probe = buffer[..first.len].to_vec();
    let (listening, foreign) = pair();
    assert_ne!(
        taken_for(&mut kernel, claimed(foreign, 2, 77), STRANGER),
        key
    );
    let second = packet::receive(std::os::fd::AsFd::as_fd(&listening), &mut buffer).unwrap();
    assert_ne!(buffer[..second.len], probe);
}

/// A message of a stranger's with as many rights that claim to belong to links behind others.
fn crowd(links: [u64; 2], rights: usize, kept: &mut Vec<Foreign>) -> tree::Message {
    let items = (0..rights as u64).map(|number| {
        let (mine, end) = pair();
        kept.push(mine);
        let right = tree::Right::Send(tree::SendRight {
            fd: Fd::Owned(end),
            number,
            link: u64::MAX - number,
            via: links[0],
            root: links[1],
            limit: 5,
        });
        tree::Item::Port {
            right,
            disposition: 17,
            guard: None,
        }
    });
    tree::Message {
        id: 1,
        complex: true,
        through_once: false,
        reply: tree::Right::Null,
        reply_disposition: 0,
        sent: 0,
        voucher: 0,
        body: Vec::new().into(),
        items: items.collect(),
    }
}

/// How often the kernel below is asked, for the sake of what the rights of a message claim.
fn steps_of(links: u64, rights: usize) -> usize {
    let mut kernel = Kernel::new();
    let ports = [port(&mut kernel), port(&mut kernel)];
    let mut kept = Vec::new();
    for id in 1..=links {
        for (port, id) in ports.into_iter().zip([id, links + id]) {
            let (receiving, sending) = pair();
            kernel.add_link(port, receiving, id, false).unwrap();
            kept.push(sending);
        }
    }
    kernel.arrivals.begin_own();
    let message = crowd([1, links + 1], rights, &mut kept);
    kernel.arrivals.asked = 0;
    let message = kernel.import_message(message, STRANGER, Right::Null);
    let asked = kernel.arrivals.asked;
    kernel.destroy_message(message);
    asked
}

#[test]
fn claims_of_many_rights_are_looked_into_once() {
    // Each look shows sixteen links, and nothing is asked for each right.
    let few = steps_of(16, 1);
    assert_eq!(steps_of(16, 60), few);
    assert!(steps_of(80, 60) <= 5 * few);
}

#[test]
fn links_that_have_something_are_read_and_no_others() {
    let mut kernel = Kernel::new();
    let key = port(&mut kernel);
    let links: Vec<_> = (1..=100)
        .map(|id| {
            let (receiving, sending) = pair();
            kernel.add_link(key, receiving, id, false).unwrap();
            sending
        })
        .collect();
    // A further link is behind the last, another behind that one, and there the right that is claimed.
    let (outer, outer_end) = pair();
    let (inner, inner_end) = pair();
    for (over, fd, link) in [(&links[99], outer, 200), (&outer_end, inner, 201)] {
        let fd = Fd::Owned(fd);
        let once = false;
        let ahead = tree::Packet::AddLink(LinkEnd {
            fd,
            link,
            once,
            said: 0,
            back: None,
        });
        crate::wire::parcel::send(std::os::fd::AsFd::as_fd(over), &ahead).unwrap();
    }
    kernel.arrivals.begin_own();
    kernel.arrivals.asked = 0;
    let right = tree::Right::Send(tree::SendRight {
        fd: Fd::Owned(inner_end),
        number: 9,
        link: 201,
        via: 200,
        root: 5,
        limit: 5,
    });
    assert_eq!(taken_for(&mut kernel, right, STRANGER), key);
    assert!(kernel.arrivals.asked < 30, "{}", kernel.arrivals.asked);
}
