//! Notification objects between tasks: a state that is overwritten, and the posts that were missed.

use std::time::Duration;

use mach_ports::ffi::message::{MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_PORT_SEND};
use mach_ports::notification::{Notification, NotificationError};
use mach_ports::{Right, SendRight};
use rendezvous_tests::letter::Item;
use rendezvous_tests::second::{Line, two, two_until_killed};

const SOON: Duration = Duration::from_secs(30);

/// Three words, so that one that is torn would show.
type State = [u64; 3];

fn send(line: &Line, notification: &Notification<State>) {
    let [memory, semaphore] = notification.rights().expect("its rights");
    let letter = line.letter().port(memory.name(), MACH_MSG_TYPE_COPY_SEND);
    letter
        .port(semaphore.name(), MACH_MSG_TYPE_COPY_SEND)
        .send();
}

fn take(line: &Line) -> Notification<State> {
    let rights = line.next().items();
    let mut rights = rights.into_iter().map(|item| match item {
        Item::Port { name, disposition } => {
            assert_eq!(disposition, MACH_MSG_TYPE_PORT_SEND);
            // SAFETY: the message has given this task a reference, which nothing else owns.
            unsafe { <SendRight as Right>::from_raw(name) }.expect("a right")
        }
        other => panic!("{other:?}"),
    });
    let mut right = || rights.next().expect("two rights");
    Notification::from_rights(right(), right()).expect("a notification")
}

#[test]
fn states_and_misses_are_told_to_another_task() {
    two(
        "states_and_misses_are_told_to_another_task",
        |line, _| {
            let (there, back) = (
                Notification::new([1; 3]).expect("a notification"),
                Notification::new([0; 3]).expect("a notification"),
            );
            send(&line, &there);
            send(&line, &back);
            line.wait();
            for state in 2..=9 {
                there.post(&[state; 3]).expect("a post");
            }
            line.go();
            assert_eq!(back.wait(SOON).expect("an answer").state, [9; 3]);
            // One after the other none is missed, by either side.
            for state in 10..200 {
                there.post(&[state; 3]).expect("a post");
                let answer = back.wait(SOON).expect("an answer");
                assert_eq!((answer.state, answer.missed), ([state; 3], 0));
            }
        },
        |line| {
            let (there, back) = (take(&line), take(&line));
            assert_eq!(there.latest(), Ok([1; 3]));
            assert_eq!(there.wait(Duration::ZERO), Err(NotificationError::TimedOut));
            line.go();
            line.wait();
            let news = there.wait(SOON).expect("news");
            assert_eq!((news.state, news.missed), ([9; 3], 7));
            back.post(&news.state).expect("a post");
            for state in 10..200 {
                let news = there.wait(SOON).expect("news");
                assert_eq!((news.state, news.missed), ([state; 3], 0));
                back.post(&news.state).expect("a post");
            }
        },
    );
}

#[test]
fn a_notification_ends_with_the_task_that_made_it() {
    two_until_killed(
        "a_notification_ends_with_the_task_that_made_it",
        |line, process| {
            let given = take(&line);
            assert_eq!(given.latest(), Ok([5; 3]));
            process.kill();
            assert_eq!(given.wait(SOON), Err(NotificationError::Ended));
            assert_eq!(given.latest(), Ok([5; 3]), "the last state stays");
        },
        |line| {
            let made = Notification::new([5; 3]).expect("a notification");
            send(&line, &made);
            line.wait();
            unreachable!("it is killed");
        },
    );
}
