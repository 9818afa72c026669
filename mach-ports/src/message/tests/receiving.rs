//! Waiting, limits, and what the kernel alone can say.

use std::thread;
use std::time::{Duration, Instant};

use super::{NOW, SOON, is_empty, next, port, soon, was_dropped};
use crate::PortSet;
use crate::message::{Message, ReceiveError, ReceiveOptions};
use crate::right::ReceiveRight;

#[test]
fn an_empty_queue_is_waited_for_until_the_deadline() {
    let (port, _right) = port();
    for wait in [NOW, Duration::from_millis(20)] {
        let start = Instant::now();
        let result = port.receive(&ReceiveOptions::new().timeout(wait));
        assert_eq!(result.unwrap_err(), ReceiveError::TimedOut);
        assert!(start.elapsed() >= wait);
    }
}

#[test]
fn a_receiver_that_waits_gets_the_message() {
    let (port, right) = port();
    thread::scope(|scope| {
        let waiter = scope.spawn(|| next(&port).id());
        Message::new(5).send(&right, &soon()).unwrap();
        assert_eq!(waiter.join().unwrap(), 5);
    });
}

#[test]
fn a_message_over_the_limit_is_destroyed() {
    let (port, right) = port();
    let kept = ReceiveRight::new().unwrap();
    Message::new(1)
        .make_send_once(&kept)
        .bytes(&[1; 100])
        .send(&right, &soon())
        .unwrap();
    Message::new(2)
        .bytes(&[2; 100])
        .send(&right, &soon())
        .unwrap();
    let limited = ReceiveOptions::new().timeout(SOON).max_size(124);
    match port.receive(&limited).unwrap_err() {
        ReceiveError::TooLarge { needed, limit } => {
            assert_eq!((needed, limit), (24 + 4 + 12 + 100, 124));
        }
        other => panic!("{other}"),
    }
    assert!(was_dropped(&kept));
    assert_eq!(port.receive(&limited).unwrap().id(), 2);
    assert!(is_empty(&port));
}

#[test]
fn the_buffer_grows_with_the_message() {
    let (port, right) = port();
    for len in [0, 1000, 5000, 100_000] {
        let bytes = vec![9; len];
        Message::new(1).bytes(&bytes).send(&right, &soon()).unwrap();
        assert_eq!(next(&port).body(), bytes);
    }
}

#[test]
fn only_the_kernel_sends_notifications() {
    let (port, right) = port();
    let mut forged = [0; 12];
    forged[8..].copy_from_slice(&right.name().to_ne_bytes());
    for id in 64..80 {
        Message::new(id).send(&right, &soon()).unwrap();
        assert_eq!(next(&port).notification(), None);
        Message::new(id)
            .bytes(&forged)
            .send(&right, &soon())
            .unwrap();
        assert_eq!(next(&port).notification(), None);
    }
    assert_eq!(
        right.references(),
        Ok(1),
        "no forged dead-name notification took one"
    );
}

#[test]
fn a_set_receives_for_its_members() {
    let set = PortSet::new().unwrap();
    let ((one, to_one), (two, to_two)) = (port(), port());
    set.insert(&one).unwrap();
    set.insert(&two).unwrap();
    assert!(set.insert(&one).is_err());
    let mut members = set.members().unwrap();
    members.sort_unstable();
    let mut expected = vec![one.name(), two.name()];
    expected.sort_unstable();
    assert_eq!(members, expected);
    assert!(one.status().unwrap().in_set);

    let options = ReceiveOptions::new().timeout(SOON);
    Message::new(1).send(&to_one, &soon()).unwrap();
    Message::new(2).send(&to_two, &soon()).unwrap();
    let mut received = [(); 2].map(|()| {
        let message = set.receive(&options).unwrap();
        (message.id(), message.port())
    });
    received.sort_unstable();
    assert_eq!(received, [(1, one.name()), (2, two.name())]);

    set.remove(&one).unwrap();
    assert!(set.remove(&one).is_err());
    let other = PortSet::new().unwrap();
    other.insert_only(&two).unwrap();
    assert_eq!(set.members().unwrap(), []);
    PortSet::remove_from_all(&two).unwrap();
    assert!(PortSet::remove_from_all(&two).is_err());
    drop(set);
    Message::new(3).send(&to_two, &soon()).unwrap();
    assert_eq!(next(&two).id(), 3);
}

#[test]
fn a_receiver_is_woken_when_its_set_is_destroyed() {
    let set = PortSet::new().unwrap();
    let name = set.name();
    let waiter = thread::spawn(move || {
        crate::message::receive_on(name, &ReceiveOptions::new().timeout(SOON)).map(drop)
    });
    // Whether the thread waits already or finds no set: both are told at once.
    drop(set);
    let error = waiter.join().unwrap().unwrap_err();
    assert!(
        matches!(error, ReceiveError::PortChanged | ReceiveError::Failed(_)),
        "{error}"
    );
}
