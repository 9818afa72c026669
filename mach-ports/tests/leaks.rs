//! Nothing is left behind: no names, no references, no descriptors. One test alone in its process, so that nobody
//! else's are counted.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use std::time::Duration;

use mach_ports::census::{self, Entry};
use mach_ports::dispatch::{MachReceiveSource, ProcessExitSource, SerialQueue, TimerSource};
use mach_ports::notification::{Notification, NotificationError};
use mach_ports::time::Timer;
use mach_ports::{
    AnyRight, FilePort, Message, OolMemory, PortSet, ReceiveOptions, ReceiveRight, Semaphore,
    SemaphoreError, SendError, SendOptions, SendRight, SharedMemory,
};

const SOON: Duration = Duration::from_secs(10);

const ROUNDS: usize = 100;
/// Threads that macOS's libraries start by themselves hold names of their own.
const NOISE: usize = 20;

/// How many names the process holds, how many references on them, and how many descriptors.
fn holdings() -> [usize; 3] {
    let names = census::names().unwrap();
    let references = names
        .iter()
        .map(|entry: &Entry| entry.references as usize)
        .sum();
    [
        names.len(),
        references,
        std::fs::read_dir("/dev/fd").unwrap().count(),
    ]
}

fn soon() -> SendOptions {
    SendOptions::new().timeout(SOON)
}

/// A message with one of everything, most of which nobody will take.
fn rich<'a>(port: &'a ReceiveRight, right: &'a SendRight) -> Message<'a> {
    Message::new(1)
        .bytes(b"bytes")
        .copy_send(right)
        .make_send(port)
        .make_send_once(port)
        .move_receive(ReceiveRight::new().unwrap())
        .move_send(right.clone())
        .out_of_line(vec![1; 100_000])
        .out_of_line(OolMemory::zeroed(5000).unwrap())
        .move_rights(vec![right.clone(), right.clone()])
        .unwrap()
        .reply_to_make_send_once(port)
}

fn messages() {
    let port = ReceiveRight::new().unwrap();
    port.set_queue_limit(1).unwrap();
    let right = port.make_send().unwrap();
    drop(rich(&port, &right));
    rich(&port, &right).send(&right, &soon()).unwrap();
    let full = rich(&port, &right).send(&right, &SendOptions::new().timeout(Duration::ZERO));
    assert!(matches!(full, Err(SendError::TimedOut(_))));
    drop(full);
    let options = ReceiveOptions::new().timeout(SOON);
    let mut message = port.receive(&options).unwrap();
    assert!(matches!(message.take_right(3), Some(AnyRight::Receive(_))));
    drop(message);
    while port.receive(&options.timeout(Duration::ZERO)).is_ok() {}
    // One goes down with its port, queued.
    rich(&port, &right).send(&right, &soon()).unwrap();
    let timed_out = Message::new(1).call(&right, Duration::ZERO);
    assert!(timed_out.is_err());
    drop(port);
    let dead = rich(&ReceiveRight::new().unwrap(), &right).send(&right, &soon());
    assert!(matches!(dead, Err(SendError::DestinationDead)));
}

fn sets_and_sources(queue: &SerialQueue) {
    let set = PortSet::new().unwrap();
    let port = ReceiveRight::new().unwrap();
    set.insert(&port).unwrap();
    let notify = ReceiveRight::new().unwrap();
    port.request_no_senders(notify.make_send_once().unwrap(), 1)
        .unwrap();
    let right = port.make_send().unwrap();
    right
        .request_dead_name(notify.make_send_once().unwrap())
        .unwrap();
    let source = MachReceiveSource::new(port, queue, |_port| ()).unwrap();
    Message::new(1).send(&right, &soon()).unwrap();
    drop(source.cancel_and_wait().unwrap());
    // The port's end ends the first request and answers the second, whose answer holds a reference to the dead name.
    for _ in 0..2 {
        drop(
            notify
                .receive(&ReceiveOptions::new().timeout(SOON))
                .unwrap(),
        );
    }

    let own = std::process::id().cast_signed();
    let exit = ProcessExitSource::new(own, queue, || panic!("this process runs")).unwrap();
    exit.cancel_and_wait().unwrap();
    // What the sources had on the queue is gone once this has run.
    queue.run_and_wait(|| ()).unwrap();
}

fn other_things() {
    let semaphore = Semaphore::new(1).unwrap();
    let handle = semaphore.handle().unwrap();
    semaphore.wait(SOON).unwrap();
    drop(semaphore);
    assert_eq!(handle.wait(SOON), Err(SemaphoreError::Destroyed));
    let memory = SharedMemory::new(10_000).unwrap();
    drop((memory.map().unwrap(), memory));
    let (reader, _writer) = std::io::pipe().unwrap();
    let file = FilePort::new(&reader).unwrap();
    drop((file.open().unwrap(), file));
}

fn times_and_states(queue: &SerialQueue) {
    let timer = Timer::new().unwrap();
    timer.arm_after(Duration::ZERO).unwrap();
    timer.wait(SOON).unwrap();
    // One goes down armed, another with its message.
    timer.arm_after(Duration::from_secs(3600)).unwrap();
    drop(timer);
    let source = TimerSource::new(Timer::new().unwrap(), queue, |_, _| ()).unwrap();
    source.fire_now().unwrap();
    source.cancel_and_wait().unwrap();
    let state = Notification::new(1_u64).unwrap();
    let [memory, semaphore] = state.rights().unwrap();
    let holder = Notification::<u64>::from_rights(memory, semaphore).unwrap();
    state.post(&2).unwrap();
    holder.wait(SOON).unwrap();
    drop(state);
    assert_eq!(holder.wait(SOON), Err(NotificationError::Ended));
}

#[test]
fn nothing_is_left_behind() {
    let queue = SerialQueue::new("leaks").unwrap();
    // What is made once and kept by design is made in the first round.
    messages();
    sets_and_sources(&queue);
    other_things();
    times_and_states(&queue);
    let before = holdings();
    for _ in 0..ROUNDS {
        messages();
        sets_and_sources(&queue);
        other_things();
        times_and_states(&queue);
    }
    let after = holdings();
    for (before, after) in before.into_iter().zip(after) {
        assert!(
            after < before + NOISE,
            "{before} before, {after} after {ROUNDS} rounds"
        );
    }
}
