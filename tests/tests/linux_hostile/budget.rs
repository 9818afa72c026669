//! What one process makes another hold: descriptors and links, which end with it and leave enough for others.

use std::os::fd::OwnedFd;

use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::{MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND};
use mach_ports::ffi::port::mach_port_name_t;
use nix::sys::socket::SockType;
use rendezvous_tests::forked::forked;
use rendezvous_tests::holding::{as_many, descriptors, limit_descriptors};
use rendezvous_tests::in_flight::many;
use rendezvous_tests::letter::{Letter, SOON, receive, receive_with};
use rendezvous_tests::patience::until_blocked;
use rendezvous_tests::raw::{destroy, made, status};
use rendezvous_tests::second::{
    alone, check_in, look_up, serve, service_name, tell_name, told_name, two,
};

use super::packet::{
    ADD_LINK, Bytes, MESSAGE, RIGHT_NULL, RIGHT_SEND, body_of, item, message, packet, right,
};
use super::socket::{self, link_to, pair};

/// What a thread and a port have once a thread has waited.
const WAITED: usize = 2;

/// Waits until this process has no more descriptors than so many.
fn until_closed(port: mach_port_name_t, most: usize) {
    until_blocked(|patience| {
        // Asking for senders reads the ends of links.
        status(port).expect("a status");
        patience.wait();
        (descriptors() <= most).then_some(())
    });
}

/// Brings the receiving end of a link.
fn bring(over: &OwnedFd, end: &OwnedFd, id: u64) {
    let payload = Bytes::default().u64(id).u32(0);
    socket::send(over, &packet(ADD_LINK, 0, 1, payload), &[end]);
}

/// A message with send rights, each of a descriptor.
fn crowded(id: i32, ends: &[&OwnedFd]) -> Vec<u8> {
    let count = ends.len() as u32;
    let head = message(id, 1, 0, 4 + 12 * count, count)
        .then(right(RIGHT_NULL, [0; 4]))
        .then(body_of(count));
    let payload = (0..count).fold(head, |payload, number| {
        let numbers = [u64::from(number) + 7, u64::MAX, 1, 2];
        let carried = right(RIGHT_SEND, numbers);
        payload.then(item(0, 17, 0, 0)).then(carried)
    });
    packet(MESSAGE, 0, count, payload)
}

/// A plain message.
fn plain(id: i32) -> Vec<u8> {
    let payload = message(id, 0, 0, 0, 0).then(right(RIGHT_NULL, [0; 4]));
    packet(MESSAGE, 0, 0, payload)
}

#[test]
fn links_that_nobody_can_send_by_do_not_stay() {
    const TEST: &str = "budget::links_that_nobody_can_send_by_do_not_stay";
    // Alone, for the descriptors of the whole process count.
    alone(TEST, || {
        two(
            TEST,
            |line, _| {
                let victim = serve(&line);
                // It has had a look around.
                line.wait();
                assert_eq!(receive(victim).id(), 1);
                let before = descriptors();
                line.go();
                line.wait();
                assert_eq!(receive(victim).id(), 2);
                line.go();
                until_closed(victim, before + WAITED);
            },
            |line| {
                let service = told_name(&line);
                // This process is another victim, and the attacker.
                let own = service_name();
                let other = check_in(&own).expect("a service");
                let (link, own_link) = (link_to(&service), link_to(&own));
                for link in [&link, &own_link] {
                    socket::send(link, &plain(1), &[]);
                }
                assert_eq!(receive(other).id(), 1);
                line.go();
                line.wait();
                for id in 0..20 {
                    // Both ends; its own end; an end that the victim made; one end each, either first.
                    let (one, two) = pair(SockType::SeqPacket);
                    bring(&link, &one, 100 + id);
                    bring(&link, &two, 200 + id);
                    bring(&link, &link, 300 + id);
                    let (one, two) = pair(SockType::SeqPacket);
                    bring(&link, &one, 400 + id);
                    bring(&own_link, &two, 700 + id);
                    assert!(status(other).is_ok());
                    let (one, two) = pair(SockType::SeqPacket);
                    bring(&own_link, &two, 500 + id);
                    assert!(status(other).is_ok());
                    bring(&link, &one, 600 + id);
                }
                socket::send(&link, &plain(2), &[]);
                line.go();
                line.wait();
            },
        )
    });
}

/// An attacker that has as many links and rights unreceived as it can leaves others what they need.
fn rights_that_nobody_receives(test: &str, most: u64) {
    alone(test, || {
        two(
            test,
            |line, _| {
                let _many = many();
                let service = service_name();
                let victim = check_in(&service).expect("a service");
                let unrelated = made::port();
                tell_name(&line, &service);
                line.wait();
                limit_descriptors(most);
                // All that can be read is read, and nothing received.
                for _ in 0..8 {
                    status(victim).expect("a status");
                }
                assert!(
                    descriptors() as u64 <= most - most / 32,
                    "{} open",
                    descriptors()
                );
                // An honest process sends a few ports, by a link of its own, and waits for nobody.
                let honest = forked(|| {
                    let service = look_up(&service).expect("the service");
                    let letter = Letter::to(service, MACH_MSG_TYPE_COPY_SEND).id(1000);
                    let ports = [(); 3].map(|()| made::port());
                    let letter = ports.into_iter().fold(letter, |letter, port| {
                        letter.port(port, MACH_MSG_TYPE_MAKE_SEND)
                    });
                    letter.send();
                });
                honest.wait();
                let mut before = 0;
                loop {
                    match receive_with(victim, 0, SOON) {
                        Ok(mail) if mail.id() == 1000 => {
                            assert_eq!(mail.items().len(), 3);
                            break;
                        }
                        Ok(mail) => give_up(&mail),
                        // Some of the attacker's own are lost.
                        Err(_) => {}
                    }
                    before += 1;
                    assert!(before < 100, "an honest message waits for {before}");
                }
                // And the task itself can do what it must.
                let letter = Letter::to(unrelated, MACH_MSG_TYPE_MAKE_SEND).id(5);
                letter.send();
                assert_eq!(receive(unrelated).id(), 5);
                line.letter()
                    .port(unrelated, MACH_MSG_TYPE_MAKE_SEND)
                    .send();
            },
            |line| {
                let service = told_name(&line);
                // An ordinary user who has all on their way that there may be keeps the honest one from sending any.
                let links = as_many(100, 300);
                let links: Vec<_> = (0..links).map(|_| link_to(&service)).collect();
                let (_mine, end) = pair(SockType::SeqPacket);
                let ends = vec![&end; 100];
                for (id, link) in (0..).zip(&links) {
                    socket::send(link, &crowded(id, &ends), &ends);
                    socket::send(link, &crowded(id, &ends), &ends);
                    let (one, _two) = pair(SockType::SeqPacket);
                    bring(link, &one, 7000 + id as u64);
                }
                line.go();
                let _ = line.next();
            },
        )
    });
}

/// Gives up the rights that came with a message.
fn give_up(mail: &rendezvous_tests::letter::Buffer) {
    for item in mail.items() {
        if let rendezvous_tests::letter::Item::Port { name, .. } = item {
            assert_eq!(destroy(name), KERN_SUCCESS);
        }
    }
}

#[test]
fn rights_that_nobody_receives_leave_others_what_they_need() {
    let test = "budget::rights_that_nobody_receives_leave_others_what_they_need";
    rights_that_nobody_receives(test, 1024);
}

#[test]
fn rights_that_nobody_receives_leave_little_processes_what_they_need() {
    let test = "budget::rights_that_nobody_receives_leave_little_processes_what_they_need";
    rights_that_nobody_receives(test, 300);
}

#[test]
fn an_honest_client_waits_for_a_few_messages_of_each_process() {
    const LINKS: usize = 300;
    const EACH: usize = 50;
    two(
        "budget::an_honest_client_waits_for_a_few_messages_of_each_process",
        |line, _| {
            let service = service_name();
            let victim = check_in(&service).expect("a service");
            tell_name(&line, &service);
            line.wait();
            // Some of it has been received when another comes.
            for _ in 0..LINKS {
                assert_eq!(receive(victim).id(), 7);
            }
            let honest = forked(|| {
                let service = look_up(&service).expect("the service");
                Letter::to(service, MACH_MSG_TYPE_COPY_SEND).id(1).send();
            });
            honest.wait();
            let before = (0..LINKS * EACH)
                .position(|_| receive(victim).id() == 1)
                .expect("its message");
            // All links are looked at in turn, sixteen at a time, and so many messages are taken from a process.
            assert!(before <= LINKS / 16 + 2 * 16 + 16, "{before}");
            line.go();
        },
        |line| {
            let service = told_name(&line);
            let links: Vec<_> = (0..LINKS).map(|_| link_to(&service)).collect();
            for _ in 0..EACH {
                for link in &links {
                    socket::send(link, &plain(7), &[]);
                }
            }
            line.go();
            line.wait();
        },
    );
}

#[test]
fn many_rights_with_claims_are_received() {
    const RIGHTS: usize = 250;
    const TEST: &str = "budget::many_rights_with_claims_are_received";
    // Nobody is let have more than is left after it.
    let links = as_many(700 + RIGHTS, 2) - RIGHTS;
    alone(TEST, || {
        two(
            TEST,
            |line, _| {
                let _many = many();
                let service = service_name();
                let victim = check_in(&service).expect("a service");
                let before = descriptors();
                tell_name(&line, &service);
                let mail = receive(victim);
                assert_eq!((mail.id(), mail.items().len()), (1, RIGHTS));
                give_up(&mail);
                line.go();
                until_closed(victim, before + WAITED);
            },
            |line| {
                let service = told_name(&line);
                let link = link_to(&service);
                let mut kept = Vec::new();
                for id in 1..=links as u64 {
                    let (one, two) = pair(SockType::SeqPacket);
                    bring(&link, &one, id);
                    kept.push(two);
                }
                let (_mine, end) = pair(SockType::SeqPacket);
                let ends = vec![&end; RIGHTS];
                socket::send(&link, &crowded(1, &ends), &ends);
                line.wait();
            },
        )
    });
}
