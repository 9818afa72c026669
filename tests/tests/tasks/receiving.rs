//! Receiving.

use std::mem::ManuallyDrop;
use std::pin::pin;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use futures_util::StreamExt;
use mach_ports::ffi::port::{MACH_PORT_RIGHT_PORT_SET, MACH_PORT_RIGHT_RECEIVE};
use mach_ports::tokio::Receiver;
use mach_ports::{Message, PortSet, ReceiveError, ReceiveOptions, ReceiveRight, SendOptions};
use rendezvous_tests::raw;
use rendezvous_tests::second::two;

use crate::support::{
    NOW, current_thread, ends, fill, in_each_runtime, is_pending, next, run, send,
};

#[test]
fn what_another_thread_sends_is_received() {
    in_each_runtime(|| async {
        let port = ReceiveRight::new().unwrap();
        let right = port.make_send().unwrap();
        let receiver = Receiver::new(port).unwrap();
        let sender = thread::spawn(move || {
            for id in 0..200 {
                Message::new(id).send(&right, &SendOptions::new()).unwrap();
            }
        });
        for id in 0..200 {
            assert_eq!(next(&receiver).await, id);
        }
        sender.join().unwrap();
    });
}

#[test]
fn what_was_queued_before_is_received_and_the_port_comes_back() {
    run(async {
        let port = ReceiveRight::new().unwrap();
        let right = port.make_send().unwrap();
        let count = fill(&right);
        let receiver = Receiver::new(port).unwrap();
        assert_eq!(next(&receiver).await, 0);
        let port = receiver.into_inner();
        let receiver = Receiver::new(&port).unwrap();
        for id in 1..count {
            assert_eq!(next(&receiver).await, id);
        }
        assert!(is_pending(pin!(next(&receiver))).await);
    });
}

#[test]
fn several_tasks_share_the_messages() {
    in_each_runtime(|| async {
        let port = ReceiveRight::new().unwrap();
        let right = port.make_send().unwrap();
        let receiver = Arc::new(Receiver::new(port).unwrap());
        let tasks = [(); 4].map(|()| {
            let receiver = Arc::clone(&receiver);
            tokio::spawn(async move {
                let mut sum = 0;
                loop {
                    match next(&receiver).await {
                        0 => return sum,
                        id => sum += id,
                    }
                }
            })
        });
        for id in (1..=100).chain([0; 4]) {
            let message = Message::new(id);
            message
                .send_async(&right, &SendOptions::new())
                .await
                .unwrap();
        }
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        assert_eq!(sum, 5050);
    });
}

#[test]
fn a_stream_brings_what_a_set_has_and_errors_of_single_messages() {
    run(async {
        let set = PortSet::new().unwrap();
        let mut stream = Receiver::new(&set).unwrap().with_max_size(1000);
        assert!(is_pending(pin!(stream.next())).await);

        // Members that come while it is waited, with and without messages.
        let ports = [(); 3].map(|()| ReceiveRight::new().unwrap());
        let rights = ports.each_ref().map(|port| port.make_send().unwrap());
        send(&rights[0], 10);
        ports.iter().for_each(|port| set.insert(port).unwrap());
        assert_eq!(stream.next().await.unwrap().unwrap().id(), 10);
        assert!(is_pending(pin!(stream.next())).await);
        send(&rights[1], 11);
        send(&rights[2], 12);
        let mut ids = [0; 2];
        for id in &mut ids {
            *id = stream.next().await.unwrap().unwrap().id();
        }
        ids.sort_unstable();
        assert_eq!(ids, [11, 12]);

        Message::new(13)
            .bytes(&[0; 2000])
            .send(&rights[0], &SendOptions::new())
            .unwrap();
        send(&rights[0], 14);
        let large = stream.next().await.unwrap().unwrap_err();
        assert!(matches!(large, ReceiveError::TooLarge { limit: 1000, .. }));
        assert_eq!(stream.next().await.unwrap().unwrap().id(), 14);

        // One that leaves is not heard any more, and has its message still.
        set.remove(&ports[1]).unwrap();
        send(&rights[1], 15);
        assert!(is_pending(pin!(stream.next())).await);
        assert_eq!(ports[1].receive(&ReceiveOptions::new()).unwrap().id(), 15);
    });
}

#[test]
fn a_port_or_set_that_ends_wakes_who_waits() {
    run(async {
        // Their names are released behind their backs, as unsafe code can.
        let [destroyed, moved] = [(); 2].map(|()| ManuallyDrop::new(ReceiveRight::new().unwrap()));
        let set = ManuallyDrop::new(PortSet::new().unwrap());

        let mut stream = Receiver::new(&*destroyed).unwrap();
        {
            let mut waiting = pin!(stream.next());
            assert!(is_pending(waiting.as_mut()).await);
            let name = destroyed.name();
            assert_eq!(raw::mod_refs(name, MACH_PORT_RIGHT_RECEIVE, -1), 0);
            assert!(waiting.await.unwrap().is_err());
        }
        assert!(stream.next().await.is_none(), "the stream has ended");

        // In another port's queue it is received from by nobody.
        let receiver = Receiver::new(&*moved).unwrap();
        let mut waiting = pin!(receiver.receive(&OPTIONS));
        assert!(is_pending(waiting.as_mut()).await);
        let other = ReceiveRight::new().unwrap();
        // SAFETY: the first value is not used any more.
        let same = unsafe { ReceiveRight::from_raw(moved.name()) }.unwrap();
        let message = Message::new(1).move_receive(same);
        message.send(&other.make_send().unwrap(), &NOW).unwrap();
        assert!(waiting.await.is_err());

        let receiver = Receiver::new(&*set).unwrap();
        let mut waiting = pin!(receiver.receive(&OPTIONS));
        assert!(is_pending(waiting.as_mut()).await);
        assert_eq!(raw::mod_refs(set.name(), MACH_PORT_RIGHT_PORT_SET, -1), 0);
        assert!(waiting.await.is_err());
    });
}

#[test]
fn deadlines_are_by_the_runtimes_time() {
    run(async {
        let port = ReceiveRight::new().unwrap();
        let right = port.make_send().unwrap();
        let receiver = Receiver::new(port).unwrap();
        tokio::time::pause();
        // Seconds in which nothing happens is no time.
        let long = ReceiveOptions::new().timeout(Duration::from_secs(10));
        let begun = tokio::time::Instant::now();
        let late = receiver.receive(&long).await.unwrap_err();
        assert_eq!(late, ReceiveError::TimedOut);
        assert!(begun.elapsed() >= Duration::from_secs(10));
        tokio::time::resume();

        let zero = ReceiveOptions::new().timeout(Duration::ZERO);
        let nothing = receiver.receive(&zero).await.unwrap_err();
        assert_eq!(nothing, ReceiveError::TimedOut);
        send(&right, 1);
        assert_eq!(receiver.receive(&zero).await.unwrap().id(), 1);
    });
}

#[test]
fn a_receiver_is_of_no_use_when_its_runtime_has_ended() {
    let port = ReceiveRight::new().unwrap();
    let right = port.make_send().unwrap();
    let runtime = current_thread();
    let mut receiver = runtime.block_on(async { Receiver::new(port).unwrap() });
    drop(runtime);
    // What is there is received all the same, on both systems.
    send(&right, 1);
    run(async {
        assert_eq!(next(&receiver).await, 1);
        if cfg!(target_os = "linux") {
            let error = receiver.next().await.unwrap().unwrap_err();
            assert_eq!(error, ReceiveError::ShutDown);
            assert!(receiver.next().await.is_none());
        }
    });
}

#[test]
fn a_task_that_always_has_messages_lets_others_run() {
    run(async {
        let port = ReceiveRight::new().unwrap();
        let right = port.make_send().unwrap();
        let receiver = Receiver::new(port).unwrap();
        let flood = tokio::spawn(async move {
            loop {
                send(&right, 1);
                assert_eq!(next(&receiver).await, 1);
            }
        });
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        flood.abort();
        assert!(flood.await.unwrap_err().is_cancelled());
    });
}

#[test]
fn messages_of_another_process_are_received_one_by_one() {
    two(
        "messages_of_another_process_are_received_one_by_one",
        |line, _| {
            let (port, other) = ends(&line);
            run(async {
                let receiver = Receiver::new(&port).unwrap();
                for id in 0..100 {
                    let mut waiting = pin!(next(&receiver));
                    assert!(is_pending(waiting.as_mut()).await, "nothing was asked for");
                    send(&other, id);
                    assert_eq!(waiting.await, id);
                }
                // Many at once may be one change for the runtime.
                send(&other, MANY);
                for id in 0..50 {
                    assert_eq!(next(&receiver).await, id);
                }
                send(&other, END);
            });
        },
        |line| {
            let (port, other) = ends(&line);
            loop {
                match port.receive(&OPTIONS).unwrap().id() {
                    END => return,
                    MANY => (0..50).for_each(|id| {
                        Message::new(id).send(&other, &SendOptions::new()).unwrap();
                    }),
                    id => send(&other, id),
                }
            }
        },
    );
}

#[test]
fn a_set_shows_members_that_are_heard_by_links() {
    two(
        "a_set_shows_members_that_are_heard_by_links",
        |line, _| {
            let (port, other) = ends(&line);
            let set = PortSet::new().unwrap();
            let members = [(); 3].map(|()| ReceiveRight::new().unwrap());
            run(async {
                let receiver = Receiver::new(&set).unwrap();
                // Some are members before anybody elsewhere can send to them, some after.
                set.insert(&members[0]).unwrap();
                let message = members.iter().fold(Message::new(3), Message::make_send);
                message.send(&other, &NOW).unwrap();
                assert_eq!(next(&Receiver::new(&port).unwrap()).await, 3);
                set.insert(&members[1]).unwrap();
                assert!(is_pending(pin!(next(&receiver))).await);
                {
                    let mut waiting = pin!(next(&receiver));
                    assert!(is_pending(waiting.as_mut()).await);
                    set.insert(&members[2]).unwrap();
                    assert!(is_pending(waiting.as_mut()).await);
                    send(&other, 2);
                    assert_eq!(waiting.await, 2);
                }
                for id in [0, 1, 1, 2, 0] {
                    let mut waiting = pin!(receiver.receive(&OPTIONS));
                    assert!(is_pending(waiting.as_mut()).await);
                    send(&other, id);
                    let message = waiting.await.unwrap();
                    assert_eq!(message.id(), id);
                    assert_eq!(message.port(), members[id as usize].name());
                }
                send(&other, END);
            });
        },
        |line| {
            let (port, other) = ends(&line);
            let mut first = port.receive(&OPTIONS).unwrap();
            let rights = [0, 1, 2].map(|index| first.take_send(index).unwrap().unwrap());
            send(&other, 3);
            loop {
                match port.receive(&OPTIONS).unwrap().id() {
                    END => return,
                    id => send(&rights[id as usize], id),
                }
            }
        },
    );
}

const OPTIONS: ReceiveOptions = ReceiveOptions::new();
/// Send fifty messages.
const MANY: i32 = 1000;
const END: i32 = 2000;
