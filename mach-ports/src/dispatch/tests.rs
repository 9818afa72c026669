//! The rules of queues and sources, on whatever system the tests run.

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{DispatchError, MachReceiveSource, ProcessExitSource, SerialQueue, TimerSource};
use crate::time::{AbsoluteTime, Timer};
use crate::{Message, ReceiveOptions, ReceiveRight, SendOptions, SendRight};

const SOON: Duration = Duration::from_secs(10);

fn queue() -> SerialQueue {
    SerialQueue::new("tests").unwrap()
}

fn port() -> (ReceiveRight, SendRight) {
    let port = ReceiveRight::new().unwrap();
    let right = port.make_send().unwrap();
    (port, right)
}

fn send(to: &SendRight, id: i32) {
    Message::new(id)
        .send(to, &SendOptions::new().timeout(SOON))
        .unwrap();
}

fn take(port: &ReceiveRight) -> Option<i32> {
    let message = port.receive(&ReceiveOptions::new().timeout(Duration::ZERO));
    message.ok().map(|message| message.id())
}

/// A source that reports the ids it receives, one message a call.
fn reporting(port: ReceiveRight, queue: &SerialQueue) -> (MachReceiveSource, Receiver<i32>) {
    let (ids, received) = mpsc::channel();
    let source = MachReceiveSource::new(port, queue, move |port| {
        if let Some(id) = take(port) {
            ids.send(id).unwrap();
        }
    });
    (source.unwrap(), received)
}

/// A process that runs until its standard input is closed.
fn child() -> Child {
    let (stdin, stdout) = (Stdio::piped(), Stdio::null());
    Command::new("cat")
        .stdin(stdin)
        .stdout(stdout)
        .spawn()
        .unwrap()
}

fn end(mut child: Child) {
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

fn pid(child: &Child) -> i32 {
    child.id().cast_signed()
}

fn exit_source(pid: i32, queue: &SerialQueue) -> (ProcessExitSource, Receiver<()>) {
    let (sender, exited): (Sender<()>, _) = mpsc::channel();
    let source = ProcessExitSource::new(pid, queue, move || sender.send(()).unwrap()).unwrap();
    (source, exited)
}

#[test]
fn a_queue_runs_one_thing_at_a_time_in_order() {
    let queue = queue();
    let (busy, order) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(Mutex::new(Vec::new())),
    );
    for number in 0..100 {
        let (busy, order) = (Arc::clone(&busy), Arc::clone(&order));
        queue.run(move || {
            assert!(!busy.swap(true, Ordering::SeqCst));
            order.lock().unwrap().push(number);
            busy.store(false, Ordering::SeqCst);
        });
    }
    assert_eq!(queue.run_and_wait(|| 7).unwrap(), 7);
    assert!(order.lock().unwrap().iter().copied().eq(0..100));
}

#[test]
fn a_queue_does_not_wait_for_itself() {
    let queue = queue();
    let own = queue.clone();
    assert!(!queue.is_current());
    let inside = queue
        .run_and_wait(move || (own.is_current(), own.run_and_wait(|| ())))
        .unwrap();
    assert!(matches!(inside, (true, Err(DispatchError::OwnQueue))));
    let label = SerialQueue::new("with a \0 in it").unwrap();
    label.run_and_wait(|| ()).unwrap();
}

#[test]
fn a_blocked_queue_holds_up_no_other() {
    let (blocked, free) = (queue(), queue());
    let (release, wait) = mpsc::channel::<()>();
    blocked.run(move || wait.recv_timeout(SOON).unwrap());
    let (port, right) = port();
    let (_source, received) = reporting(port, &free);
    send(&right, 1);
    assert_eq!(received.recv_timeout(SOON), Ok(1));
    release.send(()).unwrap();
    blocked.run_and_wait(|| ()).unwrap();
}

#[test]
fn every_message_is_an_event() {
    let queue = queue();
    let (port, right) = port();
    port.set_queue_limit(100).unwrap();
    // Some wait already when the source is made, some come later.
    (0..10).for_each(|id| send(&right, id));
    let (source, received) = reporting(port, &queue);
    (10..50).for_each(|id| send(&right, id));
    for id in 0..50 {
        assert_eq!(received.recv_timeout(SOON), Ok(id));
    }
    send(&right, 50);
    assert_eq!(received.recv_timeout(SOON), Ok(50));
    assert_eq!(source.cancel_and_wait().unwrap().name(), right.name());
}

#[test]
fn a_cancelled_source_gives_the_port_back_and_calls_no_more() {
    let queue = queue();
    let (port, right) = port();
    let (source, received) = reporting(port, &queue);
    send(&right, 1);
    assert_eq!(received.recv_timeout(SOON), Ok(1));
    let port = source.cancel_and_wait().unwrap();
    send(&right, 2);
    queue.run_and_wait(|| ()).unwrap();
    // The handler has been dropped, and its channel with it.
    assert_eq!(
        received.recv_timeout(SOON),
        Err(mpsc::RecvTimeoutError::Disconnected)
    );
    assert_eq!(take(&port), Some(2));
    let (_source, received) = reporting(port, &queue);
    send(&right, 3);
    assert_eq!(received.recv_timeout(SOON), Ok(3));
}

#[test]
fn a_dropped_source_destroys_its_port() {
    let queue = queue();
    let (port, right) = port();
    let (notify, to_notify) = (ReceiveRight::new().unwrap(), &right);
    to_notify
        .request_dead_name(notify.make_send_once().unwrap())
        .unwrap();
    let (source, _received) = reporting(port, &queue);
    source.cancel();
    notify
        .receive(&ReceiveOptions::new().timeout(SOON))
        .unwrap();
    assert!(right.is_dead());
}

#[test]
fn a_handler_cancels_its_own_source() {
    let queue = queue();
    let (port, right) = port();
    let place: Arc<Mutex<Option<MachReceiveSource>>> = Arc::default();
    let calls = Arc::new(AtomicUsize::new(0));
    let (own, counter) = (Arc::clone(&place), Arc::clone(&calls));
    let (sender, called) = mpsc::channel();
    // Held until the source is in its place, for the handler may be called at once.
    let mut guard = place.lock().unwrap();
    let source = MachReceiveSource::new(port, &queue, move |_port| {
        counter.fetch_add(1, Ordering::SeqCst);
        let source = own.lock().unwrap().take();
        drop(source);
        sender.send(()).unwrap();
    });
    *guard = Some(source.unwrap());
    drop(guard);
    // The first one is left in the queue, so that a second call would come.
    send(&right, 1);
    called.recv_timeout(SOON).unwrap();
    assert_eq!(
        called.recv_timeout(SOON),
        Err(mpsc::RecvTimeoutError::Disconnected)
    );
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn a_source_is_not_waited_for_on_its_own_queue() {
    let queue = queue();
    let (port, _right) = port();
    let (source, _received) = reporting(port, &queue);
    let result = queue
        .run_and_wait(move || source.cancel_and_wait())
        .unwrap();
    assert!(matches!(result, Err(DispatchError::OwnQueue)));
}

#[test]
fn cancelling_waits_for_the_call_under_way() {
    let queue = queue();
    let (port, right) = port();
    let finished = Arc::new(AtomicBool::new(false));
    let in_handler = Arc::clone(&finished);
    let (started, has_started) = mpsc::channel();
    let (release, wait) = mpsc::channel::<()>();
    let source = MachReceiveSource::new(port, &queue, move |port| {
        take(port);
        started.send(()).unwrap();
        wait.recv_timeout(SOON).unwrap();
        in_handler.store(true, Ordering::SeqCst);
    });
    send(&right, 1);
    has_started.recv_timeout(SOON).unwrap();
    std::thread::scope(|scope| {
        let canceller = scope.spawn(|| {
            source.unwrap().cancel_and_wait().unwrap();
            assert!(finished.load(Ordering::SeqCst));
        });
        release.send(()).unwrap();
        canceller.join().unwrap();
    });
}

#[test]
fn an_exit_is_reported_once() {
    let queue = queue();
    let child = child();
    let (source, exited) = exit_source(pid(&child), &queue);
    queue.run_and_wait(|| ()).unwrap();
    assert_eq!(exited.try_recv(), Err(mpsc::TryRecvError::Empty));
    end(child);
    exited.recv_timeout(SOON).unwrap();
    source.cancel_and_wait().unwrap();
    assert_eq!(
        exited.recv_timeout(SOON),
        Err(mpsc::RecvTimeoutError::Disconnected)
    );
}

#[test]
fn an_exit_before_the_watch_is_reported() {
    let queue = queue();
    let mut child = child();
    let pid = pid(&child);
    child.kill().unwrap();
    // Dead for certain, and not reaped: a second watch's event says so.
    let (_first, exited) = exit_source(pid, &queue);
    exited.recv_timeout(SOON).unwrap();
    let (_zombie, exited) = exit_source(pid, &queue);
    exited.recv_timeout(SOON).unwrap();
    child.wait().unwrap();
    let (_reaped, exited) = exit_source(pid, &queue);
    exited.recv_timeout(SOON).unwrap();
}

#[test]
fn a_cancelled_exit_source_is_silent() {
    let queue = queue();
    let child = child();
    let (source, exited) = exit_source(pid(&child), &queue);
    assert_eq!(source.pid(), pid(&child));
    source.cancel_and_wait().unwrap();
    end(child);
    queue.run_and_wait(|| ()).unwrap();
    assert_eq!(
        exited.recv_timeout(SOON),
        Err(mpsc::RecvTimeoutError::Disconnected)
    );
}

#[test]
fn a_number_that_no_process_can_have_is_refused() {
    for pid in [0, -1] {
        let result = ProcessExitSource::new(pid, &queue(), || ());
        assert!(matches!(result, Err(DispatchError::NoProcessId(_))));
    }
}

#[test]
fn a_timers_source_calls_until_it_is_cancelled() {
    let queue = queue();
    let (ticks, ticked) = mpsc::channel();
    let source = TimerSource::new(Timer::new().unwrap(), &queue, move |timer, expiry| {
        // The handler may disarm the timer that it is called for.
        if expiry.due >= AbsoluteTime::from_ticks(3) {
            assert!(timer.cancel().unwrap().is_some());
        }
        ticks.send(expiry.due).unwrap();
    })
    .unwrap();
    assert_eq!(source.cancel(), Ok(None));
    for ticks in [1, 2] {
        let due = AbsoluteTime::from_ticks(ticks);
        source.arm_at(due).unwrap();
        assert_eq!(ticked.recv_timeout(SOON), Ok(due));
    }
    let hour = Duration::from_secs(3600);
    source.arm_every(AbsoluteTime::now() + hour, hour).unwrap();
    source.fire_now().unwrap();
    ticked.recv_timeout(SOON).unwrap();
    source.cancel_and_wait().unwrap();
    assert!(ticked.recv().is_err(), "the handler is gone");
}
