//! Replies through slots, between two tasks with several threads each, in all orders that a scheduler can think of.
//!
//! The threads are shuttle's. What a task does while it is locked is one step: between any two of them a thread may be changed
//! for another of either task. Both tasks are in this process, which the kernel below names as the sender of all packets: so
//! each has a number that is not that one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use shuttle::sync::{Mutex, MutexGuard};
use shuttle::thread::{self, yield_now};

use crate::headers::message::MACH_MSG_TYPE_PORT_SEND_ONCE;
use crate::headers::notify::MACH_NOTIFY_SEND_ONCE;
use crate::headers::port::MACH_PORT_RIGHT_RECEIVE;
use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::Kmsg;
use crate::kernel::other_tasks::reaper::Reaper;
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::right::Right;
use crate::sys::socket;

/// How many orders each test tries of each scheduler.
const ORDERS: usize = 60;
/// How many requests there are.
const ASKED: usize = 5;
/// Added to a request's id in its reply.
const REPLY: i32 = 1000;

/// Each has a thread, which stays: the next task gets one of an earlier one.
static REAPERS: std::sync::Mutex<Vec<Reaper>> = std::sync::Mutex::new(Vec::new());

impl Drop for Task {
    fn drop(&mut self) {
        if let Ok(kernel) = self.kernel.get_mut()
            && let Some(reaper) = kernel.reaper.take()
        {
            REAPERS.lock().unwrap().push(reaper);
        }
    }
}

/// A task, and the port of it that the test is about.
struct Task {
    kernel: Mutex<Kernel>,
    port: PortKey,
}

impl Task {
    fn new(number: i32) -> Self {
        let mut kernel = Kernel::new();
        kernel.pid = number;
        kernel.reaper = REAPERS.lock().unwrap().pop();
        let name = kernel.allocate(MACH_PORT_RIGHT_RECEIVE, None).unwrap();
        let port = kernel.receive_right(name).unwrap();
        let kernel = Mutex::new(kernel);
        Self { kernel, port }
    }

    fn lock(&self) -> MutexGuard<'_, Kernel> {
        self.kernel.lock().unwrap()
    }

    /// The next message, if there is one.
    fn next(&self) -> Option<Kmsg> {
        let mut kernel = self.lock();
        kernel.pump_all(self.port);
        let message = kernel.local_mut(self.port)?.take_next()?;
        if let Some(link) = message.link.and_then(|link| kernel.links.get_mut(link)) {
            link.in_hand -= 1;
            link.unreceived.take_first();
        }
        Some(message)
    }
}

/// Who asks, the port of who answers as it knows that, and who answers.
struct Pair {
    asks: Task,
    to: PortKey,
    answers: Task,
    /// How many requests have come, and are yet to.
    come: AtomicUsize,
}

impl Pair {
    fn new() -> Arc<Self> {
        let (asks, answers) = (Task::new(-5), Task::new(-6));
        let (receiving, sending) = socket::link_pair().unwrap();
        let way = answers.lock().add_link(answers.port, receiving, 7, false);
        assert!(way.is_some());
        let right = asks.lock().new_remote(sending, 7, 7, None);
        Arc::new(Self {
            to: right.port().unwrap(),
            asks,
            answers,
            come: AtomicUsize::new(0),
        })
    }

    /// Sends all requests, and gives up the right to send more.
    fn ask(&self) {
        for id in 0..ASKED as i32 {
            let mut kernel = self.asks.lock();
            let remote = kernel.copy_send(self.to);
            let mut request = Kmsg::simple(id, remote, Vec::new(), kernel.as_sender());
            request.local = kernel.make_send_once(self.asks.port);
            request.local_disposition = MACH_MSG_TYPE_PORT_SEND_ONCE as u8;
            if let Err(unsent) = kernel.send_away(self.to, request) {
                kernel.destroy_message(unsent.message);
            }
            drop(kernel);
            yield_now();
        }
        self.asks.lock().release(Right::Send(self.to));
    }

    /// Answers requests, every third one by giving up the right to reply, until all have come.
    fn answer(&self) {
        while self.come.load(SeqCst) < ASKED {
            let Some(mut request) = self.answers.next() else {
                yield_now();
                continue;
            };
            self.come.fetch_add(1, SeqCst);
            yield_now();
            let mut kernel = self.answers.lock();
            let reply = request.local.take();
            match reply.port() {
                Some(key) if request.id % 3 != 0 => {
                    let id = request.id + REPLY;
                    let reply = Kmsg::simple(id, reply, Vec::new(), kernel.as_sender());
                    if let Err(unsent) = kernel.send_away(key, reply) {
                        kernel.destroy_message(unsent.message);
                    }
                }
                _ => kernel.release(reply),
            }
            kernel.destroy_message(request);
        }
    }

    /// What comes to who asks until each request has come to its end: the ids of replies, and how many ended without.
    fn hear(&self) -> (Vec<i32>, usize) {
        let (mut replies, mut unused) = (Vec::new(), 0);
        while replies.len() + unused < ASKED {
            match self.asks.next() {
                Some(message) if message.id == MACH_NOTIFY_SEND_ONCE => unused += 1,
                Some(message) => replies.push(message.id - REPLY),
                None => yield_now(),
            }
        }
        replies.sort_unstable();
        (replies, unused)
    }

    /// Whether nothing is left of any slot, once both have read all that there is.
    fn is_settled(&self) -> bool {
        // One side's word, the other's answer, and the end that follows.
        for _ in 0..2 {
            for task in [&self.asks, &self.answers] {
                while let Some(message) = task.next() {
                    task.lock().destroy_message(message);
                }
            }
            let mut asks = self.asks.lock();
            let backs: Vec<_> = asks.backs.keys().collect();
            backs.into_iter().for_each(|back| asks.read_back(back));
        }
        self.asks.lock().backs.is_empty() && self.answers.lock().links.is_empty()
    }
}

fn in_all_orders(test: fn()) {
    shuttle::check_random(test, ORDERS);
    shuttle::check_pct(test, ORDERS, 3);
}

#[test]
fn each_request_is_answered_or_ends_unused_once() {
    in_all_orders(|| {
        let pair = Pair::new();
        let mut threads = Vec::new();
        for role in [Pair::ask, Pair::answer, Pair::answer] {
            let pair = Arc::clone(&pair);
            threads.push(thread::spawn(move || role(&pair)));
        }
        let heard = pair.hear();
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        let answered = (0..ASKED as i32).filter(|id| id % 3 != 0);
        let answered: Vec<_> = answered.collect();
        let unused = ASKED - answered.len();
        assert_eq!(heard, (answered, unused));
        assert!(pair.is_settled());
    });
}

#[test]
fn replies_to_a_port_that_dies_leave_nothing() {
    in_all_orders(|| {
        let pair = Pair::new();
        let mut threads = Vec::new();
        for role in [Pair::ask, Pair::answer, Pair::answer, Pair::die] {
            let pair = Arc::clone(&pair);
            threads.push(thread::spawn(move || role(&pair)));
        }
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        assert!(pair.is_settled());
    });
}

#[test]
fn requests_to_a_port_that_dies_end_unused() {
    in_all_orders(|| {
        let pair = Pair::new();
        let mut threads = Vec::new();
        for role in [Pair::ask, Pair::answer_one_and_die] {
            let pair = Arc::clone(&pair);
            threads.push(thread::spawn(move || role(&pair)));
        }
        let (replies, unused) = pair.hear();
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        assert_eq!((replies.len() + unused, replies.len() <= 1), (ASKED, true));
        assert!(pair.is_settled());
    });
}

impl Pair {
    /// The port that replies go to dies.
    fn die(&self) {
        yield_now();
        self.asks.lock().destroy_receive(self.asks.port);
    }

    /// Answers a request, unless none comes for a while, and its port dies, with those that have come since.
    fn answer_one_and_die(&self) {
        for _ in 0..4 {
            yield_now();
            let Some(mut request) = self.answers.next() else {
                continue;
            };
            let mut kernel = self.answers.lock();
            let reply = request.local.take();
            if let Some(key) = reply.port() {
                let reply = Kmsg::simple(REPLY + 1, reply, Vec::new(), kernel.as_sender());
                if let Err(unsent) = kernel.send_away(key, reply) {
                    kernel.destroy_message(unsent.message);
                }
            }
            kernel.destroy_message(request);
            break;
        }
        self.answers.lock().destroy_receive(self.answers.port);
    }
}
