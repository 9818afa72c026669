//! Requests and their replies.

use std::pin::pin;
use std::time::Duration;

use mach_ports::tokio::Receiver;
use mach_ports::{
    CallError, Message, ReceiveError, ReceiveOptions, ReceiveRight, SendOptions, SendRight,
};
use rendezvous_tests::events;
use rendezvous_tests::second::two;

use crate::support::{ends, in_each_runtime, is_pending, next, run, up_to};

const EVER: ReceiveOptions = ReceiveOptions::new();

/// Answers requests with the number after theirs, and drops those that are negative; until 0.
async fn serve(port: ReceiveRight) {
    let requests = Receiver::new(port).unwrap();
    loop {
        let mut request = requests.receive(&EVER).await.unwrap();
        let reply = request.take_reply();
        match request.id() {
            0 => return,
            ..0 => drop(reply),
            id => Message::new(id + 1)
                .reply_by(reply.unwrap(), &SendOptions::new())
                .unwrap(),
        }
    }
}

/// Asks for a reply to a port that is waited on already.
async fn answered(replies: &Receiver<&ReceiveRight>, server: &SendRight) {
    let mut waiting = pin!(next(replies));
    assert!(is_pending(waiting.as_mut()).await);
    Message::new(5)
        .reply_to_make_send_once(replies.get_ref())
        .send_async(server, &SendOptions::new())
        .await
        .unwrap();
    assert_eq!(waiting.await, 6);
}

#[test]
fn calls_are_answered_in_one_process() {
    in_each_runtime(|| async {
        let port = ReceiveRight::new().unwrap();
        let right = port.make_send().unwrap();
        let server = tokio::spawn(serve(port));
        let calls: Vec<_> = (1..=50)
            .map(|id| {
                let right = right.clone();
                tokio::spawn(async move { Message::new(id).call_async(&right, None).await })
            })
            .collect();
        for (call, id) in calls.into_iter().zip(1..) {
            assert_eq!(call.await.unwrap().unwrap().id(), id + 1);
        }
        let dropped = Message::new(-1).call_async(&right, None).await;
        assert!(matches!(dropped, Err(CallError::NoReply)), "{dropped:?}");
        // One that nobody will ever answer: the server ends with it.
        let last = Message::new(0).call_async(&right, None).await;
        assert!(matches!(last, Err(CallError::NoReply)), "{last:?}");
        server.await.unwrap();
        let dead = Message::new(1).call_async(&right, None).await;
        assert!(matches!(dead, Err(CallError::Send(_))), "{dead:?}");
    });
}

#[test]
fn a_reply_that_is_late_goes_nowhere() {
    run(async {
        let port = ReceiveRight::new().unwrap();
        let right = port.make_send().unwrap();
        tokio::time::pause();
        let late = Message::new(1)
            .call_async(&right, Duration::from_secs(10))
            .await;
        tokio::time::resume();
        assert!(
            matches!(late, Err(CallError::Receive(ReceiveError::TimedOut))),
            "{late:?}"
        );
        // The request is there, and nobody to be answered.
        assert!(events::next(&port).take_reply().is_none());
    });
}

/// Replies that come back over the link that the requests went by, each to a port of its own.
#[test]
fn calls_to_another_process_are_answered_over_one_link() {
    two(
        "calls_to_another_process_are_answered_over_one_link",
        |line, _| {
            let (_port, other) = ends(&line);
            run(async {
                // More than there are slots, and in another order than they were made in.
                let calls: Vec<_> = (1..=60)
                    .map(|id| {
                        let other = other.clone();
                        tokio::spawn(async move { Message::new(id).call_async(&other, None).await })
                    })
                    .collect();
                for (call, id) in calls.into_iter().rev().zip((1..=60).rev()) {
                    assert_eq!(call.await.unwrap().unwrap().id(), id + 1);
                }
                // One port for several calls that are under way: it is ready for each.
                let replies = ReceiveRight::new().unwrap();
                let receiver = Receiver::new(&replies).unwrap();
                for _ in 0..20 {
                    answered(&receiver, &other).await;
                }
                let last = Message::new(0).call_async(&other, None).await;
                assert!(matches!(last, Err(CallError::NoReply)), "{last:?}");
            });
        },
        |line| {
            let (port, _other) = ends(&line);
            run(serve(port));
        },
    );
}

/// Each port has had a reply by the same link before another has: each hears by it when its turn comes again.
#[test]
fn hundreds_of_ports_hear_over_one_link() {
    two(
        "hundreds_of_ports_hear_over_one_link",
        |line, _| {
            let (_port, other) = ends(&line);
            run(async {
                let ports = (0..up_to(300)).map(|_| ReceiveRight::new().unwrap());
                let ports: Vec<_> = ports.collect();
                let receivers: Vec<_> = ports
                    .iter()
                    .map(|port| Receiver::new(port).unwrap())
                    .collect();
                for _ in 0..2 {
                    for receiver in &receivers {
                        answered(receiver, &other).await;
                    }
                }
                let last = Message::new(0).call_async(&other, None).await;
                assert!(matches!(last, Err(CallError::NoReply)), "{last:?}");
            });
        },
        |line| {
            let (port, _other) = ends(&line);
            run(serve(port));
        },
    );
}
