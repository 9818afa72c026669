//! Mach fact 34: a port is first-in first-out over all its senders, whichever tasks they are and whenever it is looked at.

use std::ffi::CStr;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::{MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND};
use mach_ports::ffi::port::mach_port_name_t;
use rendezvous_tests::forked::{Forked, forked};
use rendezvous_tests::letter::{Letter, drain, receive};
use rendezvous_tests::raw::{made, set_limit};
use rendezvous_tests::second::{alone, check_in, look_up, service_name};

/// A task that sends what it is told to.
struct Sender {
    task: Forked,
    orders: UnixStream,
}

impl Sender {
    /// A sender that gets its right from a service with its first order.
    fn to_service(service: &CStr) -> Self {
        Self::new(|| look_up(service).expect("the service"))
    }

    fn new(right: impl FnOnce() -> mach_port_name_t) -> Self {
        let (orders, mut told) = UnixStream::pair().expect("a pair");
        let patience = Some(Duration::from_secs(60));
        orders.set_read_timeout(patience).expect("a timeout");
        let task = forked(|| {
            told.set_read_timeout(patience).expect("a timeout");
            let mut order = [0];
            told.read_exact(&mut order).expect("a first order");
            let right = right();
            while order != [0] {
                Letter::to(right, MACH_MSG_TYPE_COPY_SEND)
                    .id(i32::from(order[0]))
                    .send();
                told.write_all(&order).expect("a way back");
                told.read_exact(&mut order).expect("an order");
            }
        });
        Self { task, orders }
    }

    /// Has it send a message, and returns once that is sent.
    fn send(&mut self, id: u8) {
        self.orders.write_all(&[id]).expect("a sender");
        self.orders.read_exact(&mut [0]).expect("its answer");
    }

    fn end(mut self) {
        self.orders.write_all(&[0]).expect("a sender");
        self.task.wait();
    }
}

fn service() -> (std::ffi::CString, mach_port_name_t) {
    let name = service_name();
    let port = check_in(&name).expect("a service");
    assert_eq!(set_limit(port, 100), KERN_SUCCESS);
    (name, port)
}

/// Has one sender after the other send, as a list of their numbers says; a number beyond 2 is the receiving task.
fn send_in_turn(senders: &mut [Sender], port: mach_port_name_t, turns: &[usize]) {
    for (id, &turn) in (1..).zip(turns) {
        match senders.get_mut(turn) {
            Some(sender) => sender.send(id),
            None => Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
                .id(i32::from(id))
                .send(),
        }
    }
}

fn in_order(count: usize) -> Vec<i32> {
    (1..).take(count).collect()
}

#[test]
fn fact_34_tasks_that_nobody_has_looked_at() {
    let test = "fact_34_tasks_that_nobody_has_looked_at";
    alone(test, || {
        let (name, port) = service();
        let mut senders = [(); 3].map(|()| Sender::to_service(&name));
        let turns = [0, 0, 1, 1, 0, 2, 1, 2, 0, 9, 2, 1, 9, 0];
        send_in_turn(&mut senders, port, &turns);
        assert_eq!(drain(port), in_order(turns.len()));
        senders.into_iter().for_each(Sender::end);
    });
}

#[test]
fn fact_34_new_tasks_among_known_ones() {
    let test = "fact_34_new_tasks_among_known_ones";
    alone(test, || {
        let (name, port) = service();
        let mut senders = [(); 3].map(|()| Sender::to_service(&name));
        for known in 1..3 {
            send_in_turn(&mut senders[..known], port, &[0]);
            assert_eq!(receive(port).id(), 1);
            // The last one has not been heard of yet.
            let turns = [known, 0, known, known, 0, 9, known, 0];
            send_in_turn(&mut senders, port, &turns);
            assert_eq!(drain(port), in_order(turns.len()), "{known} known");
        }
        senders.into_iter().for_each(Sender::end);
    });
}

#[test]
fn fact_34_a_task_alone_and_then_others() {
    let test = "fact_34_a_task_alone_and_then_others";
    alone(test, || {
        // Rights that come by messages: the task asks for them, so that it is the only one that has one at first.
        let (name, front) = service();
        let port = made::port();
        assert_eq!(set_limit(port, 100), KERN_SUCCESS);
        let asking = || {
            let own = made::port();
            let front = look_up(&name).expect("the service");
            let ask = Letter::to(front, MACH_MSG_TYPE_COPY_SEND);
            ask.port(own, MACH_MSG_TYPE_MAKE_SEND).send();
            receive(own).only_port().0
        };
        let answer = || {
            let to = receive(front).only_port().0;
            let answer = Letter::to(to, MACH_MSG_TYPE_COPY_SEND);
            answer.port(port, MACH_MSG_TYPE_MAKE_SEND).send();
        };
        let mut senders = [(); 2].map(|()| Sender::new(asking));
        let mut id = 1;
        for known in 1..=2 {
            let newest = &mut senders[known - 1];
            newest.orders.write_all(&[id]).expect("a sender");
            answer();
            newest.orders.read_exact(&mut [0]).expect("its answer");
            id += 1;
            for _ in 0..4 {
                for sender in &mut senders[..known] {
                    sender.send(id);
                    id += 1;
                }
            }
        }
        Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
            .id(i32::from(id))
            .send();
        assert_eq!(drain(port), in_order(usize::from(id)));
        senders.into_iter().for_each(Sender::end);
    });
}
