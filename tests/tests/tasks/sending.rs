//! Sending, and waiting for room.

use std::pin::pin;
use std::time::Duration;

use mach_ports::tokio::Receiver;
use mach_ports::{
    Message, Notification, ReceiveOptions, ReceiveRight, SendError, SendOptions, SendRight,
};
use rendezvous_tests::events::{self, no_senders};
use rendezvous_tests::second::two;

use crate::support::{NOW, ends, fill, in_each_runtime, is_pending, next, run, send};

const EVER: SendOptions = SendOptions::new();

async fn send_async(to: &SendRight, id: i32) {
    Message::new(id).send_async(to, &EVER).await.unwrap();
}

#[test]
fn a_full_queue_holds_senders_up_and_each_message_comes_once() {
    in_each_runtime(|| async {
        let port = ReceiveRight::new().unwrap();
        let right = port.make_send().unwrap();
        let count = fill(&right);
        let receiver = Receiver::new(port).unwrap();
        let senders: Vec<_> = (0..20)
            .map(|sender| {
                let right = right.clone();
                tokio::spawn(async move {
                    for index in 0..10 {
                        send_async(&right, 1000 + 10 * sender + index).await;
                    }
                })
            })
            .collect();
        for id in 0..count {
            assert_eq!(next(&receiver).await, id);
        }
        let mut ids = Vec::new();
        for _ in 0..200 {
            ids.push(next(&receiver).await);
        }
        for sender in senders {
            sender.await.unwrap();
        }
        // Each sender's own keep their order.
        for sender in 0..20 {
            let own = ids.iter().filter(|&&id| (id - 1000) / 10 == sender);
            assert!(own.is_sorted(), "{ids:?}");
        }
        ids.sort_unstable();
        assert_eq!(ids, (1000..1200).collect::<Vec<_>>());
        assert!(is_pending(pin!(next(&receiver))).await);
    });
}

#[test]
fn a_sender_waits_for_another_process() {
    two(
        "a_sender_waits_for_another_process",
        |line, _| {
            let (port, other) = ends(&line);
            run(async {
                let count = fill(&other);
                let mut waiting = pin!(send_async(&other, count));
                assert!(is_pending(waiting.as_mut()).await);
                let mut room = pin!(other.send_possible());
                assert!(is_pending(room.as_mut()).await);
                // It receives nothing before it has the word, by the one way that is left.
                let word = Receiver::new(&port).unwrap();
                send(&one_way(&word).await, 1);
                waiting.await;
                room.await.unwrap();
                for id in count + 1..300 {
                    send_async(&other, id).await;
                }
                assert_eq!(next(&word).await, 300);
            });
        },
        |line| {
            let (port, other) = ends(&line);
            let word = ReceiveRight::new().unwrap();
            Message::new(0)
                .make_send(&word)
                .send(&other, &EVER)
                .unwrap();
            assert_eq!(events::next(&word).id(), 1);
            for id in 0..300 {
                assert_eq!(events::next(&port).id(), id);
            }
            send(&other, 300);
        },
    );
}

/// The right in the next message.
async fn one_way(receiver: &Receiver<&ReceiveRight>) -> SendRight {
    let message = receiver.receive(&ReceiveOptions::new()).await;
    message.unwrap().take_send(0).unwrap().unwrap()
}

#[test]
fn a_port_that_dies_wakes_who_waits_for_room() {
    in_each_runtime(|| async {
        let port = ReceiveRight::new().unwrap();
        let right = port.make_send().unwrap();
        fill(&right);
        let (carried, message) = carrying();
        let mut waiting = pin!(message.send_async(&right, &EVER));
        assert!(is_pending(waiting.as_mut()).await);
        drop(port);
        let error = waiting.await.unwrap_err();
        assert!(matches!(error, SendError::DestinationDead), "{error}");
        no_senders(&carried);
        // And one that has died already does not hold up anybody.
        right.send_possible().await.unwrap();
        let error = Message::new(1).send_async(&right, &EVER).await.unwrap_err();
        assert!(matches!(error, SendError::DestinationDead), "{error}");
        // Nobody else's reference has gone with the notifications.
        assert_eq!(right.references().unwrap(), 1);
    });
}

/// A port, and a message that moves the only send right to it.
fn carrying() -> (ReceiveRight, Message<'static>) {
    let carried = ReceiveRight::new().unwrap();
    let right = carried.make_send().unwrap();
    (carried, Message::new(7).move_send(right))
}

#[test]
fn a_message_that_is_late_comes_back_with_its_rights() {
    run(async {
        let port = ReceiveRight::new().unwrap();
        let right = port.make_send().unwrap();
        let count = fill(&right);
        let (carried, message) = carrying();
        tokio::time::pause();
        let long = EVER.timeout(Duration::from_secs(10));
        let late = message.send_async(&right, &long).await;
        tokio::time::resume();
        let Err(SendError::TimedOut(mut returned)) = late else {
            panic!("{late:?}");
        };
        assert!(carried.status().unwrap().has_senders);
        drop(returned.take_right(0).unwrap());
        no_senders(&carried);
        // It can be sent again when there is room, and was not sent before.
        assert_eq!(events::next(&port).id(), 0);
        returned.resend(&NOW).unwrap();
        for id in (1..count).chain([7]) {
            assert_eq!(events::next(&port).id(), id);
        }
        assert_eq!(port.status().unwrap().message_count, 0);
    });
}

#[test]
fn a_message_whose_future_is_dropped_releases_its_rights_and_is_not_sent() {
    run(async {
        let port = ReceiveRight::new().unwrap();
        let right = port.make_send().unwrap();
        let count = fill(&right);
        let (carried, message) = carrying();
        {
            let mut waiting = pin!(message.send_async(&right, &EVER));
            assert!(is_pending(waiting.as_mut()).await);
        }
        no_senders(&carried);
        for id in 0..count {
            assert_eq!(events::next(&port).id(), id);
        }
        assert_eq!(port.status().unwrap().message_count, 0);
        assert_eq!(right.references().unwrap(), 1);
        // Nothing stands at the right any more.
        assert!(right.cancel_dead_name().unwrap().is_none());
    });
}

#[test]
fn somebody_elses_request_at_the_right_stays() {
    run(async {
        let port = ReceiveRight::new().unwrap();
        let right = port.make_send().unwrap();
        fill(&right);
        let told = ReceiveRight::new().unwrap();
        let once = told.make_send_once().unwrap();
        assert!(right.request_dead_name(once).unwrap().is_none());
        let mut waiting = pin!(send_async(&right, 100));
        assert!(is_pending(waiting.as_mut()).await);
        assert_eq!(events::next(&port).id(), 0);
        waiting.await;

        // One that comes while it is waited takes the place, and finds nothing of ours there.
        drop(right.cancel_dead_name().unwrap().unwrap());
        let notified = events::next(&told).notification();
        assert_eq!(notified, Some(Notification::SendOnce));
        let mut waiting = pin!(send_async(&right, 101));
        assert!(is_pending(waiting.as_mut()).await);
        let once = told.make_send_once().unwrap();
        assert!(right.request_dead_name(once).unwrap().is_none());
        assert!(is_pending(waiting.as_mut()).await);
        assert_eq!(events::next(&port).id(), 1);
        waiting.await;
        drop(port);
        let name = right.name();
        let notified = events::next(&told).notification();
        assert_eq!(notified, Some(Notification::DeadName { name }));
    });
}

#[test]
fn a_queue_limit_that_is_raised_lets_who_waits_go_on() {
    run(async {
        let port = ReceiveRight::new().unwrap();
        let right = port.make_send().unwrap();
        port.set_queue_limit(1).unwrap();
        assert_eq!(fill(&right), 1);
        let mut waiting = pin!(send_async(&right, 1));
        assert!(is_pending(waiting.as_mut()).await);
        port.set_queue_limit(2).unwrap();
        waiting.await;
        assert_eq!(port.status().unwrap().message_count, 2);
    });
}

#[test]
fn room_is_waited_for_before_a_message_is_made() {
    in_each_runtime(|| async {
        let port = ReceiveRight::new().unwrap();
        let right = port.make_send().unwrap();
        right.send_possible().await.unwrap();
        fill(&right);
        let waiters: Vec<_> = (0..5)
            .map(|_| {
                let right = right.clone();
                tokio::spawn(async move { right.send_possible().await })
            })
            .collect();
        let mut waiting = pin!(right.send_possible());
        assert!(is_pending(waiting.as_mut()).await);
        let receiver = Receiver::new(&port).unwrap();
        assert_eq!(next(&receiver).await, 0);
        // All are told.
        waiting.await.unwrap();
        for waiter in waiters {
            waiter.await.unwrap().unwrap();
        }
        send(&right, 1);
    });
}
