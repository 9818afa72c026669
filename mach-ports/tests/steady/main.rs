//! Requests and replies for long by the safe layer: nothing is allocated, on either side, however the reply comes.
//!
//! The program has no test harness, which would have threads of its own: a task of one thread waits otherwise than one
//! of several. It starts itself again as the second process.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests state what they expect, like the tests"
)]

mod allocations;

use std::process::Command;
use std::sync::{Arc, Barrier};
use std::time::Duration;

use mach_ports::{Message, ReceiveOptions, ReceiveRight, SendOptions, SendRight, bootstrap};

/// Tells the second process what to look up.
const SERVICE: &str = "MACH_PORTS_TEST_STEADY";
/// Until everything has been made that is made once.
const WARM_UP: i32 = 500;
const ROUNDS: i32 = 2000;
/// After it no wait goes on, should the other process be gone.
const DEADLINE: Duration = Duration::from_secs(30);
/// The id of the last request.
const LAST: i32 = -1;

fn main() {
    match std::env::var(SERVICE) {
        Ok(service) => answer(&service),
        Err(_) => {
            // Other programs that begin to serve names look whether anybody is there who serves theirs.
            let names = std::env::temp_dir().join(format!("steady-ports-{}", std::process::id()));
            // SAFETY: this is the only thread.
            unsafe { std::env::set_var("EMBEDDED_MACH_BOOTSTRAP_DIR", &names) };
            ask();
            // On macOS there is none.
            let _ = std::fs::remove_dir_all(names);
        }
    }
}

/// The second process: answers until the last request, by the way that the request asks for. It keeps each request until it
/// has answered.
fn answer(service: &str) {
    let asking = bootstrap::look_up(service).unwrap();
    let requests = ReceiveRight::new().unwrap();
    let hello = Message::new(0).make_send(&requests);
    hello.send(&asking, &SendOptions::new()).unwrap();
    let mut allocated = 0;
    loop {
        let limits = ReceiveOptions::new().timeout(DEADLINE);
        let mut request = requests.receive(&limits).unwrap();
        let id = request.id();
        if id == LAST {
            return;
        }
        let reply = Message::new(id);
        match request.take_reply() {
            Some(by) => {
                let reply = reply.bytes(request.body());
                reply.reply_by(by, &SendOptions::new()).unwrap();
            }
            None => {
                let reply = reply.bytes(request.body());
                reply.send(&asking, &SendOptions::new()).unwrap();
            }
        }
        drop(request);
        match id % (WARM_UP + ROUNDS) {
            WARM_UP => allocated = allocations::count(),
            0 => assert_eq!(allocations::count(), allocated),
            _ => {}
        }
    }
}

/// The first process: asks with one thread, then with several.
fn ask() {
    let name = format!("org.example.steady-ports.{}", std::process::id());
    let inbox = bootstrap::check_in(&name).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env(SERVICE, &name)
        .spawn()
        .unwrap();
    let limits = ReceiveOptions::new().timeout(DEADLINE);
    let mut hello = inbox.receive(&limits).unwrap();
    let answering = hello.take_send(0).unwrap().unwrap();
    drop(hello);
    let mut rounds = Rounds {
        answering,
        inbox,
        replies: ReceiveRight::new().unwrap(),
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
    let last = Message::new(LAST);
    last.send(&rounds.answering, &SendOptions::new()).unwrap();
    idle.thread().unpark();
    idle.join().unwrap();
    assert!(child.wait().unwrap().success());
}

struct Rounds {
    answering: SendRight,
    /// Where replies come by one right for all, and by a send-once right each.
    inbox: ReceiveRight,
    replies: ReceiveRight,
    id: i32,
}

impl Rounds {
    fn go_all(&mut self) {
        for by_send_once in [false, true] {
            self.some(WARM_UP, by_send_once);
            let before = allocations::count();
            self.some(ROUNDS, by_send_once);
            assert_eq!(allocations::count(), before, "send-once: {by_send_once}");
        }
    }

    fn some(&mut self, count: i32, by_send_once: bool) {
        let limits = ReceiveOptions::new().timeout(DEADLINE);
        for _ in 0..count {
            self.id += 1;
            let bytes = [self.id.to_ne_bytes(); 16];
            let request = Message::new(self.id).bytes(bytes.as_flattened());
            let (request, port) = if by_send_once {
                (
                    request.reply_to_make_send_once(&self.replies),
                    &self.replies,
                )
            } else {
                (request, &self.inbox)
            };
            request.send(&self.answering, &SendOptions::new()).unwrap();
            let reply = port.receive(&limits).unwrap();
            assert_eq!(reply.id(), self.id);
            assert_eq!(reply.body(), bytes.as_flattened());
        }
    }
}
