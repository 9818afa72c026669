//! Rounds of a request and a reply between two processes.

use std::ffi::CString;
use std::process::Command;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use embedded_mach::bootstrap::{bootstrap_check_in, bootstrap_look_up, bootstrap_port};
use embedded_mach::kern_return::KERN_SUCCESS;
use embedded_mach::mach_port::mach_port_allocate;
use embedded_mach::message::*;
use embedded_mach::port::{MACH_PORT_NULL, MACH_PORT_RIGHT_RECEIVE};
use embedded_mach::traps::mach_task_self;

use crate::allocations;

/// Tells the second process what to look up.
const SERVICE: &str = "EMBEDDED_MACH_TEST_STEADY";
/// Until everything has been made that is made once.
const WARM_UP: i32 = 500;
const ROUNDS: i32 = 3000;
/// After it no wait goes on, should the other process be gone.
const DEADLINE_MS: u32 = 30_000;
/// The id of the last request.
const LAST: i32 = -1;

#[repr(C)]
struct Buffer {
    header: mach_msg_header_t,
    body: [u32; 10],
    trailer: [u32; 17],
}

/// What the sent part has.
const SIZE: u32 = std::mem::offset_of!(Buffer, trailer) as u32;

impl Buffer {
    fn new() -> Self {
        Self {
            header: mach_msg_header_t::default(),
            body: [7; 10],
            trailer: [0; 17],
        }
    }

    fn send(&mut self, to: u32, reply: u32, id: i32) {
        let with_reply = if reply == MACH_PORT_NULL {
            0
        } else {
            MACH_MSG_TYPE_MAKE_SEND
        };
        self.header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, with_reply);
        self.header.msgh_remote_port = to;
        self.header.msgh_local_port = reply;
        self.header.msgh_id = id;
        self.call(MACH_SEND_MSG, SIZE, 0, 0, 0, MACH_MSG_SUCCESS);
    }

    /// Asks for a reply through a send-once right.
    fn ask(&mut self, to: u32, replies: u32, id: i32) {
        self.header.msgh_bits =
            MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
        self.header.msgh_remote_port = to;
        self.header.msgh_local_port = replies;
        self.header.msgh_id = id;
        self.call(MACH_SEND_MSG, SIZE, 0, 0, 0, MACH_MSG_SUCCESS);
    }

    /// Replies to the message that is here.
    fn reply(&mut self, id: i32) {
        self.header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0);
        self.header.msgh_local_port = MACH_PORT_NULL;
        self.header.msgh_id = id;
        self.call(MACH_SEND_MSG, SIZE, 0, 0, 0, MACH_MSG_SUCCESS);
    }

    fn receive(&mut self, from: u32, option: i32, timeout: u32, expected: i32) {
        let room = size_of::<Self>() as u32;
        self.call(MACH_RCV_MSG | option, 0, room, from, timeout, expected);
    }

    fn call(&mut self, option: i32, size: u32, room: u32, from: u32, timeout: u32, expected: i32) {
        // SAFETY: the message is as long as said, and there is as much room as said.
        let code = unsafe { mach_msg(&mut self.header, option, size, room, from, timeout, 0) };
        assert_eq!(code, expected);
    }
}

fn port() -> u32 {
    let mut name = MACH_PORT_NULL;
    // SAFETY: `name` can be written.
    let code = unsafe { mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &mut name) };
    assert_eq!(code, KERN_SUCCESS);
    name
}

pub(crate) fn run() {
    // A wait without a deadline ends with the process then.
    // SAFETY: sets a timer.
    unsafe { libc::alarm(2 * DEADLINE_MS / 1000) };
    match std::env::var(SERVICE) {
        Ok(service) => answer(&service),
        Err(_) => {
            // Other programs that begin to serve names look whether anybody is there who serves theirs.
            let names = std::env::temp_dir().join(format!("steady-{}", std::process::id()));
            // SAFETY: this is the only thread.
            unsafe { std::env::set_var("EMBEDDED_MACH_BOOTSTRAP_DIR", &names) };
            ask();
            std::fs::remove_dir_all(names).unwrap();
        }
    }
}

/// The second process: answers until the last request.
fn answer(service: &str) {
    let service = CString::new(service).unwrap();
    let mut asking = MACH_PORT_NULL;
    // SAFETY: a string, and a place that can be written.
    let code = unsafe { bootstrap_look_up(bootstrap_port, service.as_ptr(), &mut asking) };
    assert_eq!(code, KERN_SUCCESS);
    let requests = port();
    let mut message = Buffer::new();
    message.send(asking, requests, 0);
    message.receive(requests, 0, 0, MACH_MSG_SUCCESS);
    let ways = [asking, message.header.msgh_remote_port];
    let mut allocated = 0;
    loop {
        message.receive(requests, 0, 0, MACH_MSG_SUCCESS);
        let id = message.header.msgh_id;
        if id == LAST {
            break;
        }
        match ways.get(message.body[0] as usize) {
            Some(&way) => message.send(way, MACH_PORT_NULL, id),
            None => message.reply(id),
        }
        match id % (WARM_UP + ROUNDS) {
            WARM_UP => allocated = allocations::count(),
            0 => assert_eq!(allocations::count(), allocated),
            _ => {}
        }
    }
}

/// The first process: asks in each way there is to wait.
fn ask() {
    let name = format!("org.example.steady.{}", std::process::id());
    let service = CString::new(name.clone()).unwrap();
    let mut inbox = MACH_PORT_NULL;
    // SAFETY: as above.
    let code = unsafe { bootstrap_check_in(bootstrap_port, service.as_ptr(), &mut inbox) };
    assert_eq!(code, KERN_SUCCESS);
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env(SERVICE, name)
        .spawn()
        .unwrap();
    let mut message = Buffer::new();
    message.receive(inbox, MACH_RCV_TIMEOUT, DEADLINE_MS, MACH_MSG_SUCCESS);
    let answering = message.header.msgh_remote_port;
    // What is served under a name has several sources, another port one link.
    let answers = port();
    message.send(answering, answers, 0);
    let mut rounds = Rounds {
        message,
        answering,
        ways: [inbox, answers, port()],
        id: 0,
    };
    rounds.go_all();
    let both_run = Arc::new(Barrier::new(2));
    let runs = Arc::clone(&both_run);
    let idle = std::thread::spawn(move || {
        // Starting allocates, and on a busy machine it happens late.
        runs.wait();
        std::thread::park();
    });
    both_run.wait();
    rounds.go_all();
    rounds.message.send(answering, MACH_PORT_NULL, LAST);
    idle.thread().unpark();
    idle.join().unwrap();
    assert!(child.wait().unwrap().success());
}

struct Rounds {
    message: Buffer,
    answering: u32,
    /// Where answers come to: through one right for all, to two ports, and through a send-once right each.
    ways: [u32; 3],
    id: i32,
}

impl Rounds {
    fn go_all(&mut self) {
        for way in 0..self.ways.len() {
            self.wait_in_vain(self.ways[way]);
            self.go(way, 0, 0);
            self.go(way, MACH_RCV_TIMEOUT, DEADLINE_MS);
        }
    }

    fn go(&mut self, way: usize, option: i32, timeout: u32) {
        self.some(WARM_UP, way, option, timeout);
        let before = allocations::count();
        self.some(ROUNDS, way, option, timeout);
        assert_eq!(allocations::count(), before);
    }

    fn some(&mut self, count: i32, way: usize, option: i32, timeout: u32) {
        for _ in 0..count {
            self.id += 1;
            let body = [way as u32; 10];
            self.message.body = body;
            if way < 2 {
                self.message.send(self.answering, MACH_PORT_NULL, self.id);
            } else {
                self.message.ask(self.answering, self.ways[way], self.id);
            }
            self.message.body = [7; 10];
            self.message
                .receive(self.ways[way], option, timeout, MACH_MSG_SUCCESS);
            assert_eq!(self.message.header.msgh_id, self.id);
            assert_eq!(self.message.body, body);
        }
    }

    /// A receive that nobody sends to takes its time.
    fn wait_in_vain(&mut self, from: u32) {
        for timeout in [1, 150] {
            let start = Instant::now();
            self.message
                .receive(from, MACH_RCV_TIMEOUT, timeout, MACH_RCV_TIMED_OUT);
            assert!(start.elapsed() >= Duration::from_millis(timeout.into()));
        }
    }
}
