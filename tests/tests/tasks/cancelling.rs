//! Futures that are dropped at each point at which they wait: after no poll, after the first, after the second…
//!
//! Each future is brought to its end as well, so that there is a point behind the last one.

use std::convert::Infallible;
use std::time::Duration;

use mach_ports::tokio::Receiver;
use mach_ports::{Message, ReceiveOptions, ReceiveRight, SendError, SendOptions, SendRight};
use rendezvous_tests::events::no_senders;
use rendezvous_tests::second::alone;

use crate::support::{self, fill, next, polled_at_most, run};

const EVER: SendOptions = SendOptions::new();

/// As [`support::dropped_at_every_point`], of a future that waits at `least` at so many points.
fn dropped_at_every_point<T>(least: usize, attempt: impl AsyncFnMut(usize) -> Option<T>) -> T {
    let (ended, times) = support::dropped_at_every_point(attempt);
    assert!(times > least, "it has waited {times} times only");
    ended
}

/// A port, and a message that moves the only send right to it.
fn carrying(id: i32) -> (ReceiveRight, Message<'static>) {
    let carried = ReceiveRight::new().unwrap();
    let right = carried.make_send().unwrap();
    (carried, Message::new(id).move_send(right))
}

#[test]
fn a_receive_loses_nothing() {
    alone("a_receive_loses_nothing", || {
        dropped_at_every_point(1, async |times| {
            let port = ReceiveRight::new().unwrap();
            let right = port.make_send().unwrap();
            let receiver = Receiver::new(port).unwrap();
            let sender = tokio::spawn(async move {
                tokio::task::yield_now().await;
                Message::new(1).send_async(&right, &EVER).await.unwrap();
            });
            let id = polled_at_most(times, next(&receiver)).await;
            sender.await.unwrap();
            match id {
                Some(id) => assert_eq!(id, 1),
                None => assert_eq!(next(&receiver).await, 1),
            }
            id
        });
    });
}

/// Messages stream in while receives are given up all the time.
#[test]
fn what_is_received_by_those_who_give_up_comes_once_and_in_order() {
    run(async {
        let port = ReceiveRight::new().unwrap();
        let right = port.make_send().unwrap();
        let receiver = Receiver::new(port).unwrap();
        let sender = std::thread::spawn(move || {
            for id in 0..1000 {
                Message::new(id).send(&right, &EVER).unwrap();
            }
        });
        let (mut expected, mut given_up) = (0, 0);
        for times in (0..4).cycle() {
            match polled_at_most(times, next(&receiver)).await {
                Some(id) => {
                    assert_eq!(id, expected);
                    expected += 1;
                }
                None => given_up += 1,
            }
            if expected == 1000 {
                break;
            }
            tokio::task::yield_now().await;
        }
        assert!(given_up > 0);
        sender.join().unwrap();
    });
}

#[test]
fn a_send_is_made_once_or_not_at_all_and_gives_up_its_rights() {
    alone(
        "a_send_is_made_once_or_not_at_all_and_gives_up_its_rights",
        || {
            dropped_at_every_point(1, async |times| {
                let port = ReceiveRight::new().unwrap();
                let right = port.make_send().unwrap();
                let count = fill(&right);
                let receiver = Receiver::new(&port).unwrap();
                let (carried, message) = carrying(100);
                let reader = async {
                    tokio::task::yield_now().await;
                    for id in 0..count {
                        assert_eq!(next(&receiver).await, id);
                    }
                };
                let sending = polled_at_most(times, message.send_async(&right, &EVER));
                let (sent, ()) = tokio::join!(sending, reader);
                let now = ReceiveOptions::new().timeout(Duration::ZERO);
                let got = receiver.receive(&now).await;
                match &sent {
                    Some(sent) => {
                        sent.as_ref().unwrap();
                        let mut got = got.unwrap();
                        assert_eq!(got.id(), 100);
                        drop(got.take_send(0).unwrap().unwrap());
                        assert!(receiver.receive(&now).await.is_err(), "it came twice");
                    }
                    None => assert!(got.is_err(), "it was not sent"),
                }
                no_senders(&carried);
                sent
            })
            .unwrap();
        },
    );
}

#[test]
fn a_send_that_is_refused_or_late_gives_up_its_rights() {
    alone("a_send_that_is_refused_or_late_gives_up_its_rights", || {
        let dead = dropped_at_every_point(1, async |times| {
            let port = ReceiveRight::new().unwrap();
            let right = port.make_send().unwrap();
            fill(&right);
            let (carried, message) = carrying(100);
            let sending = polled_at_most(times, message.send_async(&right, &EVER));
            let (sent, ()) = tokio::join!(sending, async {
                tokio::task::yield_now().await;
                drop(port);
            });
            no_senders(&carried);
            sent
        });
        assert!(matches!(dead, Err(SendError::DestinationDead)), "{dead:?}");
        let late = dropped_at_every_point(1, async |times| {
            let port = ReceiveRight::new().unwrap();
            let right = port.make_send().unwrap();
            fill(&right);
            let (carried, message) = carrying(100);
            let soon = EVER.timeout(Duration::from_millis(1));
            let sent = polled_at_most(times, message.send_async(&right, &soon)).await;
            let sent = sent.map(|sent| sent.map_err(|late| late.to_string()));
            no_senders(&carried);
            sent
        });
        assert!(late.unwrap_err().contains("until the deadline"));
    });
}

#[test]
fn a_wait_for_room_leaves_nothing_at_the_right() {
    alone("a_wait_for_room_leaves_nothing_at_the_right", || {
        dropped_at_every_point(1, async |times| {
            let port = ReceiveRight::new().unwrap();
            let right = port.make_send().unwrap();
            fill(&right);
            let waiting = polled_at_most(times, right.send_possible());
            let receiver = Receiver::new(&port).unwrap();
            let (waited, ()) = tokio::join!(waiting, async {
                tokio::task::yield_now().await;
                assert_eq!(next(&receiver).await, 0);
            });
            if waited.is_none() {
                assert!(right.cancel_dead_name().unwrap().is_none());
            }
            waited
        })
        .unwrap();
    });
}

/// A call of a server whose queue is full at first; request and reply carry a right each.
async fn call(times: usize, timeout: Option<Duration>) -> Option<i32> {
    let port = ReceiveRight::new().unwrap();
    let right = port.make_send().unwrap();
    let count = fill(&right);
    let (brought, request) = carrying(100);
    let (given, reply) = carrying(200);
    let server = async move {
        let requests = Receiver::new(port).unwrap();
        tokio::task::yield_now().await;
        for id in 0..count {
            assert_eq!(next(&requests).await, id);
        }
        let mut request = requests.receive(&ReceiveOptions::new()).await.unwrap();
        tokio::task::yield_now().await;
        // The caller may be gone.
        if let Some(to) = request.take_reply() {
            let _ = reply.reply_by(to, &EVER);
        }
        std::future::pending::<Infallible>().await
    };
    let called = tokio::select! {
        biased;
        called = polled_at_most(times, request.call_async(&right, timeout)) => called,
        never = server => match never {},
    };
    // The server is gone, with what it had and what was on its way to it.
    let id = called.map(|reply| reply.unwrap().id());
    no_senders(&brought);
    no_senders(&given);
    id
}

#[test]
fn a_call_leaves_no_port_and_no_right_behind() {
    alone("a_call_leaves_no_port_and_no_right_behind", || {
        for timeout in [None, Some(Duration::from_secs(60))] {
            let id = dropped_at_every_point(2, async |times| call(times, timeout).await);
            assert_eq!(id, 200);
        }
    });
}

#[test]
fn a_call_whose_server_dies_leaves_nothing_either() {
    alone("a_call_whose_server_dies_leaves_nothing_either", || {
        dropped_at_every_point(1, async |times| {
            let port = ReceiveRight::new().unwrap();
            let right: SendRight = port.make_send().unwrap();
            let (brought, request) = carrying(100);
            let calling = polled_at_most(times, request.call_async(&right, None));
            let (called, ()) = tokio::join!(calling, async {
                tokio::task::yield_now().await;
                drop(port);
            });
            no_senders(&brought);
            called.map(|called| called.map(drop))
        })
        .unwrap_err();
    });
}
