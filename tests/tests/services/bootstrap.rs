//! Mach facts 63 and 64: MIG's reply port, bootstrap names.

use std::ffi::{CStr, CString};
use std::thread;
use std::time::Instant;

use mach_ports::ffi::bootstrap::*;
use mach_ports::ffi::kern_return::{KERN_INVALID_NAME, KERN_SUCCESS};
use mach_ports::ffi::message::*;
use mach_ports::ffi::mig::{mig_dealloc_reply_port, mig_get_reply_port, mig_put_reply_port};
use mach_ports::ffi::notify::MACH_NOTIFY_DEAD_NAME;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Buffer, DEADLINE, Letter, drain, receive};
use rendezvous_tests::notice;
use rendezvous_tests::raw::{deallocate, made, refs, type_of};
use rendezvous_tests::second::{alone, check_in, look_up, service_name, two, two_until_killed};

const SEND_RECEIVE: u32 = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE;

/// `mig_get_reply_port`.
fn reply_port() -> mach_port_name_t {
    // SAFETY: takes no pointer.
    unsafe { mig_get_reply_port() }
}

/// A receive right alone that messages come to.
#[track_caller]
fn assert_works(port: mach_port_name_t) {
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_RECEIVE));
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND_ONCE).id(63).send();
    assert_eq!(drain(port), [63]);
}

#[test]
fn fact_63_one_reply_port_for_each_thread() {
    let port = reply_port();
    assert_works(port);
    assert_eq!(reply_port(), port);
    let other = thread::spawn(move || {
        let own = reply_port();
        assert_works(own);
        assert_works(port);
        (own, reply_port())
    });
    let (own, again) = other.join().unwrap();
    assert!(own == again && own != port);
    assert_eq!(reply_port(), port);
}

#[test]
fn fact_63_put_does_nothing() {
    let port = reply_port();
    for put in [port, MACH_PORT_NULL, made::absent()] {
        // SAFETY: takes no pointer.
        unsafe { mig_put_reply_port(put) };
        assert_eq!(reply_port(), port);
    }
    assert_works(port);
}

#[test]
fn fact_63_a_reply_port_that_is_deallocated() {
    alone("fact_63_a_reply_port_that_is_deallocated", || {
        let port = reply_port();
        // SAFETY: takes no pointer.
        unsafe { mig_dealloc_reply_port(port) };
        assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
        let new = reply_port();
        assert_ne!(new, port);
        assert_works(new);
        // Another name loses a reference, and the reply port is given up as well.
        let name = made::port_with_send();
        // SAFETY: as above.
        unsafe { mig_dealloc_reply_port(name) };
        assert_eq!(type_of(name), Ok(MACH_PORT_TYPE_RECEIVE));
        assert_eq!(type_of(new), Err(KERN_INVALID_NAME));
    });
}

#[test]
fn fact_63_a_thread_takes_its_reply_port_along() {
    alone("fact_63_a_thread_takes_its_reply_port_along", || {
        let port = thread::spawn(reply_port).join().unwrap();
        assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
    });
}

/// The status of a child that ended as it should.
const FINE: i32 = 7;

/// Runs `body` in a forked child; whether it returned true.
fn forked(body: impl FnOnce() -> bool) -> bool {
    // SAFETY: the child does nothing but `body` and ends without unwinding or running anything of the parent's.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "a child");
    if child == 0 {
        // SAFETY: `alarm` takes a number: a child that hangs is ended.
        unsafe { libc::alarm(30) };
        let fine = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).unwrap_or(false);
        // SAFETY: takes a number and does not return.
        unsafe { libc::_exit(if fine { FINE } else { 1 }) };
    }
    let mut status = 0;
    // SAFETY: the status can be written.
    while unsafe { libc::waitpid(child, &raw mut status, 0) } != child {
        let error = std::io::Error::last_os_error();
        assert_eq!(error.kind(), std::io::ErrorKind::Interrupted);
    }
    libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == FINE
}

#[test]
fn fact_63_a_new_reply_port_after_fork() {
    alone("fact_63_a_new_reply_port_after_fork", || {
        let port = reply_port();
        assert!(forked(|| {
            let new = reply_port();
            assert_works(new);
            new == reply_port()
        }));
        // The parent's is what it was.
        assert_eq!(reply_port(), port);
        assert_works(port);
    });
}

#[test]
fn fact_64_the_codes() {
    let codes = [
        BOOTSTRAP_SUCCESS,
        BOOTSTRAP_NOT_PRIVILEGED,
        BOOTSTRAP_NAME_IN_USE,
        BOOTSTRAP_UNKNOWN_SERVICE,
        BOOTSTRAP_SERVICE_ACTIVE,
        BOOTSTRAP_BAD_COUNT,
        BOOTSTRAP_NO_MEMORY,
        BOOTSTRAP_NO_CHILDREN,
    ];
    let numbers = codes.map(i64::from);
    assert_eq!(numbers, [0, 1100, 1101, 1102, 1103, 1104, 1105, 1106]);
    assert_eq!(BOOTSTRAP_MAX_NAME_LEN, 128);
}

/// A name of so many bytes that nobody else has.
fn name_of(length: usize) -> CString {
    let mut name = service_name().into_bytes();
    name.resize(length, b'x');
    CString::new(name).expect("no zero byte")
}

/// The name that a message tells.
fn name_in(mail: &Buffer) -> CString {
    let mut name = mail.inline();
    name.retain(|&byte| byte != 0);
    CString::new(name).expect("no zero byte")
}

/// Waits until a name is free: launchd hears of a port's end in its own time.
#[track_caller]
fn until_free(service: &CStr) {
    let deadline = Instant::now() + DEADLINE;
    loop {
        match look_up(service) {
            Ok(found) => assert_eq!(deallocate(found), KERN_SUCCESS),
            Err(code) => return assert_eq!(code, BOOTSTRAP_UNKNOWN_SERVICE),
        }
        assert!(Instant::now() < deadline, "the name stays");
        thread::yield_now();
    }
}

/// Sends by the right that a look-up gives.
#[track_caller]
fn post_to(service: &CStr, id: i32) {
    let found = look_up(service).expect("a service");
    Letter::to(found, MACH_MSG_TYPE_MOVE_SEND).id(id).send();
}

#[test]
fn fact_64_nobody_has_checked_in() {
    let name = service_name();
    assert_eq!(look_up(&name), Err(BOOTSTRAP_UNKNOWN_SERVICE));
    let port = check_in(&name).unwrap();
    post_to(&name, 1);
    assert_eq!(drain(port), [1]);
}

#[test]
fn fact_64_what_a_check_in_and_a_look_up_give() {
    let name = service_name();
    let port = check_in(&name).unwrap();
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_RECEIVE));
    // The same port, and so the same name in one task.
    assert_eq!([look_up(&name), look_up(&name)], [Ok(port); 2]);
    assert_eq!(type_of(port), Ok(SEND_RECEIVE));
    assert_eq!(refs(port, MACH_PORT_RIGHT_SEND), Ok(2));
}

#[test]
fn fact_64_a_second_check_in_of_ones_own() {
    let name = service_name();
    let port = check_in(&name).unwrap();
    assert_eq!(check_in(&name), Err(BOOTSTRAP_SERVICE_ACTIVE));
    assert_eq!(look_up(&name), Ok(port));
}

#[test]
fn fact_64_a_name_is_free_when_its_receive_right_dies() {
    let name = service_name();
    for id in 0..3 {
        let port = check_in(&name).unwrap();
        let notify = made::port();
        assert_eq!(look_up(&name), Ok(port));
        notice::ask(port, MACH_NOTIFY_DEAD_NAME, 0, notify);
        post_to(&name, id);
        assert_eq!(drain(port), [id]);
        made::kill(port);
        assert_eq!(notice::next(notify), (MACH_NOTIFY_DEAD_NAME, port));
        until_free(&name);
    }
}

#[test]
fn fact_64_names_up_to_127_bytes() {
    let (longest, shorter) = (name_of(127), name_of(126));
    let port = check_in(&longest).unwrap();
    assert_eq!(look_up(&longest), Ok(port));
    assert_eq!(look_up(&shorter), Err(BOOTSTRAP_UNKNOWN_SERVICE));
}

#[test]
fn fact_64_check_in_and_look_up_between_tasks() {
    two(
        "fact_64_check_in_and_look_up_between_tasks",
        |line, _| {
            let name = service_name();
            line.letter().inline(name.to_bytes()).send();
            // Not yet there for the other side.
            line.wait();
            let port = check_in(&name).unwrap();
            line.go();
            assert_eq!(receive(port).id(), 1);
            line.wait();
            made::kill(port);
            line.go();
            line.wait();
            // The other side has it now.
            let taken = check_in(&name).unwrap_err();
            assert!(
                [BOOTSTRAP_NOT_PRIVILEGED, BOOTSTRAP_NAME_IN_USE].contains(&taken),
                "{taken}"
            );
            post_to(&name, 2);
            line.wait();
        },
        |line| {
            let name = name_in(&line.next());
            assert_eq!(look_up(&name), Err(BOOTSTRAP_UNKNOWN_SERVICE));
            line.go();
            line.wait();
            let taken = check_in(&name).unwrap_err();
            assert!(
                [BOOTSTRAP_NOT_PRIVILEGED, BOOTSTRAP_NAME_IN_USE].contains(&taken),
                "{taken}"
            );
            let found = look_up(&name).unwrap();
            assert_eq!(type_of(found), Ok(MACH_PORT_TYPE_SEND));
            assert_eq!(look_up(&name), Ok(found));
            Letter::to(found, MACH_MSG_TYPE_COPY_SEND).id(1).send();
            assert_eq!(deallocate(found), KERN_SUCCESS);
            let notify = made::port();
            notice::ask(found, MACH_NOTIFY_DEAD_NAME, 0, notify);
            line.go();
            line.wait();
            assert_eq!(notice::next(notify), (MACH_NOTIFY_DEAD_NAME, found));
            until_free(&name);
            let port = check_in(&name).unwrap();
            line.go();
            assert_eq!(receive(port).id(), 2);
            line.go();
        },
    );
}

#[test]
fn fact_64_a_name_is_free_when_its_process_is_killed() {
    let name = service_name();
    two_until_killed(
        "fact_64_a_name_is_free_when_its_process_is_killed",
        |line, second| {
            let service = name_in(&line.next());
            let (notify, found) = (made::port(), look_up(&service).unwrap());
            notice::ask(found, MACH_NOTIFY_DEAD_NAME, 0, notify);
            second.kill();
            assert_eq!(notice::next(notify), (MACH_NOTIFY_DEAD_NAME, found));
            until_free(&service);
            let port = check_in(&service).unwrap();
            post_to(&service, 3);
            assert_eq!(drain(port), [3]);
        },
        |line| {
            let _port = check_in(&name).unwrap();
            line.letter().inline(name.to_bytes()).send();
            line.wait();
        },
    );
}

#[test]
fn fact_64_what_a_client_has_sent_is_there() {
    two(
        "fact_64_what_a_client_has_sent_is_there",
        |line, _| {
            let name = service_name();
            let port = check_in(&name).unwrap();
            line.letter().inline(name.to_bytes()).send();
            line.wait();
            // Nobody has looked at the port since the client found it.
            assert_eq!(drain(port), [1, 2, 3]);
        },
        |line| {
            let service = name_in(&line.next());
            let found = look_up(&service).unwrap();
            for id in 1..=3 {
                let letter = Letter::to(found, MACH_MSG_TYPE_COPY_SEND).id(id);
                letter.port(made::port(), MACH_MSG_TYPE_MAKE_SEND).send();
            }
            line.go();
        },
    );
}
