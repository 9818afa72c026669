//! Mach facts 41 and 45: what a signal does to a call that waits.
//!
//! An executable of its own: what SIGUSR1 does is the whole process's.

use std::cell::Cell;
use std::os::unix::thread::JoinHandleExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::*;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{
    Buffer, DEADLINE, Letter, SOON, drain, poll, receive, receive_with,
};
use rendezvous_tests::raw::{deallocate, made, refs};
use rendezvous_tests::second::two;

thread_local! {
    /// Where this thread's handler counts.
    static HANDLED: Cell<*const AtomicU32> = const { Cell::new(std::ptr::null()) };
}

extern "C" fn handler(_signal: libc::c_int) {
    let handled = HANDLED.get();
    if !handled.is_null() {
        // SAFETY: the thread keeps its counter alive as long as it is registered.
        unsafe { (*handled).fetch_add(1, Ordering::SeqCst) };
    }
}

/// Has SIGUSR1 run a handler, after which calls are not restarted.
fn install_handler() {
    // SAFETY: the handler touches nothing but an atomic counter; all zeros is a `sigaction` with no flags.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as *const () as usize;
        assert_eq!(
            libc::sigaction(libc::SIGUSR1, &raw const action, std::ptr::null_mut()),
            0
        );
    }
}

/// A thread that makes a call, and is sent signals.
struct Caller<T> {
    thread: JoinHandle<T>,
    handled: Arc<AtomicU32>,
}

impl<T: Send + 'static> Caller<T> {
    /// Starts it; returns once it can be sent signals.
    fn start(call: impl FnOnce() -> T + Send + 'static) -> Self {
        install_handler();
        let handled = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&handled);
        let (started, start) = std::sync::mpsc::channel();
        let thread = thread::spawn(move || {
            HANDLED.set(Arc::as_ptr(&counter));
            started.send(()).expect("somebody waits");
            let outcome = call();
            HANDLED.set(std::ptr::null());
            outcome
        });
        start.recv_timeout(DEADLINE).expect("a thread");
        Self { thread, handled }
    }

    /// Sends it a signal and waits until that is handled, or the thread has ended.
    fn signal(&self) {
        let before = self.handled.load(Ordering::SeqCst);
        // SAFETY: the thread has not been joined, so that this is still its handle.
        unsafe { libc::pthread_kill(self.thread.as_pthread_t(), libc::SIGUSR1) };
        let deadline = Instant::now() + DEADLINE;
        while self.handled.load(Ordering::SeqCst) == before && !self.thread.is_finished() {
            assert!(Instant::now() < deadline, "the signal is not handled");
            thread::yield_now();
        }
    }

    /// Sends signals, so many that some come while it waits.
    fn signal_often(&self) {
        for _ in 0..200 {
            self.signal();
            thread::yield_now();
        }
    }

    /// Sends signals until it has ended.
    fn signal_to_the_end(self) -> T {
        let deadline = Instant::now() + DEADLINE;
        while !self.thread.is_finished() {
            assert!(Instant::now() < deadline, "no signal ends it");
            self.signal();
        }
        self.end()
    }

    fn end(self) -> T {
        self.thread.join().expect("the caller")
    }
}

/// A port with a full queue, and one reference to its send right.
fn full_port() -> mach_port_name_t {
    let port = made::port_with_send();
    for id in 0..5 {
        to(port).id(id).send();
    }
    port
}

fn to(port: mach_port_name_t) -> Letter {
    Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
}

#[test]
fn fact_45_a_receive_goes_on_after_a_signal() {
    for timed in [0, MACH_RCV_TIMEOUT] {
        let port = made::port_with_send();
        let caller = Caller::start(move || {
            let mut buffer = Buffer::new(256);
            let code = buffer.mach_msg(MACH_RCV_MSG | timed, 0, 256, port, SOON);
            (code, buffer.id())
        });
        caller.signal_often();
        assert!(!caller.thread.is_finished());
        to(port).id(5).send();
        assert_eq!(caller.end(), (MACH_MSG_SUCCESS, 5));
    }
}

#[test]
fn fact_45_a_receive_on_a_set_goes_on_after_a_signal() {
    let (set, port) = (made::set(), made::port_with_send());
    let joined = rendezvous_tests::raw::insert_member(port, set);
    assert_eq!(joined, KERN_SUCCESS);
    let caller = Caller::start(move || receive_with(set, 0, SOON).map(|mail| mail.id()));
    caller.signal_often();
    to(port).id(5).send();
    assert_eq!(caller.end(), Ok(5));
}

#[test]
fn fact_45_a_receive_with_interrupt_ends() {
    let port = made::port();
    let caller = Caller::start(move || {
        let mut buffer = Buffer::new(256);
        let code = buffer.mach_msg(MACH_RCV_MSG | MACH_RCV_INTERRUPT, 0, 256, port, 0);
        (code, buffer == Buffer::new(256))
    });
    assert_eq!(caller.signal_to_the_end(), (MACH_RCV_INTERRUPTED, true));
}

#[test]
fn fact_45_the_interrupt_of_the_other_half_does_not_count() {
    let port = made::port_with_send();
    let caller =
        Caller::start(move || receive_with(port, MACH_SEND_INTERRUPT, SOON).map(|mail| mail.id()));
    caller.signal_often();
    to(port).id(5).send();
    assert_eq!(caller.end(), Ok(5));

    let full = full_port();
    let caller = Caller::start(move || to(full).send_with(MACH_RCV_INTERRUPT, 0).0);
    caller.signal_often();
    let _ = receive(full);
    assert_eq!(caller.end(), MACH_MSG_SUCCESS);
}

#[test]
fn fact_45_a_receive_still_times_out_after_signals() {
    let port = made::port();
    let caller = Caller::start(move || receive_with(port, 0, 20).map(|mail| mail.id()));
    for _ in 0..10 {
        caller.signal();
    }
    assert_eq!(caller.end(), Err(MACH_RCV_TIMED_OUT));
}

#[test]
fn fact_45_a_send_goes_on_after_a_signal() {
    for timed in [0, MACH_SEND_TIMEOUT] {
        let (port, carried) = (full_port(), made::port_with_send());
        let caller = Caller::start(move || {
            to(port)
                .id(5)
                .port(carried, MACH_MSG_TYPE_COPY_SEND)
                .port(carried, MACH_MSG_TYPE_MAKE_SEND)
                .send_with(timed, SOON)
                .0
        });
        caller.signal_often();
        assert!(!caller.thread.is_finished());
        for id in 0..6 {
            assert_eq!(receive(port).id(), id);
        }
        assert_eq!(caller.end(), MACH_MSG_SUCCESS);
        // As if there had been no signal: the two rights have arrived, and nothing else is left.
        assert_eq!(refs(port, MACH_PORT_RIGHT_SEND), Ok(1));
        assert_eq!(refs(carried, MACH_PORT_RIGHT_SEND), Ok(3));
        assert!(poll(port).is_none());
    }
}

#[test]
fn fact_45_a_send_with_interrupt_gives_the_message_back() {
    let (port, reply) = (full_port(), made::port());
    let caller = Caller::start(move || {
        to(port)
            .reply(reply, MACH_MSG_TYPE_MAKE_SEND)
            .id(7)
            .send_with(MACH_SEND_INTERRUPT, 0)
    });
    let (code, back) = caller.signal_to_the_end();
    assert_eq!(code, MACH_SEND_INTERRUPTED);
    assert_eq!(back, Letter::to(port, 17).reply(reply, 17).id(7).buffer(0));
    let sends = [port, reply].map(|name| refs(name, MACH_PORT_RIGHT_SEND));
    assert_eq!(sends, [Ok(2), Ok(1)]);
    assert_eq!(drain(port), [0, 1, 2, 3, 4]);
}

#[test]
fn fact_45_the_receive_is_repeated_without_the_send() {
    let (server, client) = (made::port_with_send(), made::port_with_send());
    let caller = Caller::start(move || {
        let letter = to(server).id(1);
        let mut buffer = letter.buffer(256);
        let code = buffer.mach_msg(MACH_SEND_MSG | MACH_RCV_MSG, letter.size(), 256, client, 0);
        (code, buffer.id())
    });
    caller.signal_often();
    to(client).id(2).send();
    assert_eq!(caller.end(), (MACH_MSG_SUCCESS, 2));
    assert_eq!(drain(server), [1]);
}

#[test]
fn fact_45_a_send_to_another_task_goes_on_after_a_signal() {
    two(
        "fact_45_a_send_to_another_task_goes_on_after_a_signal",
        |line, _| {
            let (port, _) = line.next().only_port();
            let mut sent = 0;
            while to(port).id(sent).inline(&[0; 1024]).try_send() == MACH_MSG_SUCCESS {
                sent += 1;
            }
            let caller = Caller::start(move || to(port).id(sent).send_with(0, 0).0);
            caller.signal_often();
            line.letter().id(sent).send();
            assert_eq!(caller.end(), MACH_MSG_SUCCESS);
            line.wait();
            assert_eq!(deallocate(port), KERN_SUCCESS);
        },
        |line| {
            let port = made::port();
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            let last = line.next().id();
            for id in 0..=last {
                assert_eq!(receive(port).id(), id);
            }
            line.go();
        },
    );
}

/// Waits until a child has stopped.
fn wait_until_stopped(pid: libc::pid_t) {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let mut status = 0;
        // SAFETY: `status` can be written.
        let changed =
            unsafe { libc::waitpid(pid, &raw mut status, libc::WUNTRACED | libc::WNOHANG) };
        if changed == pid {
            assert!(libc::WIFSTOPPED(status), "it has ended");
            return;
        }
        assert!(Instant::now() < deadline, "it does not stop");
        thread::yield_now();
    }
}

#[test]
fn fact_41_stopping_and_continuing_does_not_break_a_receive() {
    two(
        "fact_41_stopping_and_continuing_does_not_break_a_receive",
        |line, process| {
            line.wait();
            let pid = libc::pid_t::try_from(process.id()).unwrap();
            for _ in 0..20 {
                thread::yield_now();
                // SAFETY: the child has not been waited for, so that the id is its own.
                unsafe { libc::kill(pid, libc::SIGSTOP) };
                wait_until_stopped(pid);
                // SAFETY: as above.
                unsafe { libc::kill(pid, libc::SIGCONT) };
            }
            line.letter().id(5).send();
            assert_eq!(line.next().id(), 6);
        },
        |line| {
            line.go();
            // A break would show.
            let mail = receive_with(line.own, MACH_RCV_INTERRUPT, SOON);
            assert_eq!(mail.unwrap().id(), 5);
            line.letter().id(6).send();
        },
    );
}
