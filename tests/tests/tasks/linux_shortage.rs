//! A runtime of a process that has no descriptors left: it is told of changes, and what cannot be had is none.

use std::pin::pin;

use mach_ports::tokio::Receiver;
use mach_ports::{ReceiveRight, SendRight};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use rendezvous_tests::LONG;
use rendezvous_tests::second::{Line, Process, alone, look_up, serve, told_name, two};

use crate::support::{ends, is_pending, next, run, send};

#[test]
fn what_had_to_wait_for_descriptors_is_received_when_there_are_some() {
    let test = "what_had_to_wait_for_descriptors_is_received_when_there_are_some";
    // Nobody else is to be without descriptors.
    alone(test, || two(test, waits, sends));
}

fn waits(line: Line, _: &mut Process) {
    // SAFETY: the name has been made for this test.
    let service = unsafe { ReceiveRight::from_raw(serve(&line)) }.unwrap();
    let (port, other) = ends(&line);
    run(async {
        let word = Receiver::new(&port).unwrap();
        let receiver = Receiver::new(&service).unwrap();
        let mut waiting = pin!(next(&receiver));
        assert!(is_pending(waiting.as_mut()).await);

        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        setrlimit(Resource::RLIMIT_NOFILE, 3, hard).unwrap();
        send(&other, 1);
        // The other side has connected, and its message is there: nobody can be admitted for it.
        assert_eq!(next(&word).await, 2);
        for _ in 0..50 {
            assert!(is_pending(waiting.as_mut()).await);
        }
        setrlimit(Resource::RLIMIT_NOFILE, soft, hard).unwrap();
        // At once, and not when something else happens.
        let received = tokio::time::timeout(LONG / 6, waiting).await;
        assert_eq!(received.unwrap(), 7);
    });
}

fn sends(line: Line) {
    let service = told_name(&line);
    let (port, other) = ends(&line);
    run(async {
        assert_eq!(next(&Receiver::new(&port).unwrap()).await, 1);
        // SAFETY: the call has made the right for this test.
        let to_service = unsafe { SendRight::from_raw(look_up(&service).unwrap()) };
        send(&to_service.unwrap(), 7);
        send(&other, 2);
    });
}
