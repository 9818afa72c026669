//! The loop calls out for each kind of event, and ends what belongs to one when its callout has returned.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use mach_ports::notification::Notification;
use mach_ports::time::{AbsoluteTime, Timer};
use mach_ports::{Message, ReceiveOptions, ReceiveRight, ReturnCode, Semaphore, SendOptions};

use super::{Dispatched, WorkLoop};
use crate::subsystem;

const SOON: Duration = Duration::from_secs(20);

#[subsystem(base = 7700)]
trait Adder {
    fn add(&self, a: u32, b: u32) -> Result<u32, ReturnCode>;
}

/// Tells each sum before it is replied.
struct Told(parking_lot::Mutex<Sender<u32>>);

impl Adder for Told {
    fn add(&self, a: u32, b: u32) -> Result<u32, ReturnCode> {
        let sum = a.checked_add(b).ok_or(ReturnCode::INVALID_ARGUMENT)?;
        self.0.lock().send(sum).map_err(|_| ReturnCode::ABORTED)?;
        Ok(sum)
    }
}

fn one(work: &mut WorkLoop) {
    assert_eq!(work.dispatch(SOON).unwrap(), Dispatched::Event);
}

fn nothing(work: &mut WorkLoop) {
    assert_eq!(work.dispatch(Duration::ZERO).unwrap(), Dispatched::Nothing);
}

fn told<T>(events: &Receiver<T>) -> Option<T> {
    events.try_recv().ok()
}

#[test]
fn messages_and_timers_are_called_out_for_until_they_are_removed() {
    let mut work = WorkLoop::new().unwrap();
    nothing(&mut work);
    let (tell, events) = channel();
    let port = ReceiveRight::new().unwrap();
    let right = port.make_send().unwrap();
    let told_by_port = tell.clone();
    let messages = work.on_message(port, move |port, message| {
        assert_eq!(port.name(), message.port());
        told_by_port.send(message.id()).unwrap();
    });
    let messages = messages.unwrap();
    let timer = Timer::new().unwrap();
    timer.arm_at(AbsoluteTime::now()).unwrap();
    let timers = work.on_timer(timer, move |timer, expiry| {
        assert_eq!(expiry.missed, 0);
        timer.arm_after(Duration::from_secs(3600)).unwrap();
        tell.send(-1).unwrap();
    });
    let timers = timers.unwrap();
    one(&mut work);
    assert_eq!(told(&events), Some(-1));
    nothing(&mut work);
    for id in [7, 8] {
        Message::new(id).send(&right, &SendOptions::new()).unwrap();
    }
    one(&mut work);
    one(&mut work);
    assert_eq!((told(&events), told(&events)), (Some(7), Some(8)));
    assert!(work.remove(messages) && !work.remove(messages) && work.remove(timers));
    assert!(right.is_dead());
    nothing(&mut work);
}

#[test]
fn a_reply_is_sent_when_the_routine_has_returned() {
    let mut work = WorkLoop::new().unwrap();
    let (tell, sums) = channel();
    let object = AdderServer::new(Told(parking_lot::Mutex::new(tell)));
    let (_, right) = work.serve(object).unwrap();
    thread::scope(|scope| {
        let client = scope.spawn(|| AdderClient::new(right).with_timeout(SOON).add(2, 3));
        one(&mut work);
        assert_eq!(told(&sums), Some(5));
        assert_eq!(client.join().unwrap().unwrap(), 5);
    });
}

#[test]
fn semaphores_and_notifications_are_called_out_for() {
    let mut work = WorkLoop::new().unwrap();
    let (tell, events) = channel();
    let semaphore = Semaphore::new(2).unwrap();
    let told_by_semaphore = tell.clone();
    let signals = work.on_semaphore(semaphore.handle().unwrap(), move || {
        told_by_semaphore.send(0).unwrap();
    });
    signals.unwrap();
    one(&mut work);
    one(&mut work);
    assert_eq!((told(&events), told(&events)), (Some(0), Some(0)));
    let state = Notification::new(1_u32).unwrap();
    let [memory, waking] = state.rights().unwrap();
    let holder = Notification::<u32>::from_rights(memory, waking).unwrap();
    let posts = work.on_notification(holder, move |posted| tell.send(posted.state).unwrap());
    let posts = posts.unwrap();
    state.post(&9).unwrap();
    one(&mut work);
    assert_eq!(told(&events), Some(9));
    assert!(work.remove(posts));
    // Where there is nobody any more nothing is taken up.
    state.post(&10).unwrap();
    drop(semaphore);
    nothing(&mut work);
}

/// Something that is held as long as it lives, as a lock is by its guard.
struct Granted(Sender<&'static str>);

impl Drop for Granted {
    fn drop(&mut self) {
        let _ = self.0.send("released");
    }
}

#[test]
fn what_was_granted_is_released_when_the_callout_has_returned() {
    let mut work = WorkLoop::new().unwrap();
    let (tell, events) = channel();
    let (grant, granted) = channel::<()>();
    let teller = tell.clone();
    let wait = move |turn| match granted.recv_timeout(turn) {
        Ok(()) => ControlFlow::Continue(Some(Granted(teller.clone()))),
        Err(std::sync::mpsc::RecvTimeoutError::Timeout) => ControlFlow::Continue(None),
        Err(_) => ControlFlow::Break(()),
    };
    work.on_wait(wait, move |guard: Granted| {
        guard.0.send("held").unwrap();
    })
    .unwrap();
    for _ in 0..2 {
        grant.send(()).unwrap();
        one(&mut work);
        assert_eq!(
            (told(&events), told(&events)),
            (Some("held"), Some("released"))
        );
    }
    // No more than one is held in advance, and that is released with the loop.
    grant.send(()).unwrap();
    drop(grant);
    drop((work, tell));
    let rest: Vec<_> = events.iter().collect();
    assert!(rest.is_empty() || rest == ["released"], "{rest:?}");
}

#[test]
fn a_run_ends_when_it_is_told_to_from_anywhere() {
    let mut work = WorkLoop::new().unwrap();
    let stopper = work.stopper();
    // What is told before the run begins is remembered.
    stopper.stop();
    work.run().unwrap();
    let port = ReceiveRight::new().unwrap();
    let right = port.make_send().unwrap();
    let from_callout = stopper.clone();
    work.on_message(port, move |_, _| from_callout.stop())
        .unwrap();
    Message::new(1).send(&right, &SendOptions::new()).unwrap();
    work.run().unwrap();
    thread::scope(|scope| {
        let running = scope.spawn(|| work.run());
        stopper.stop();
        running.join().unwrap().unwrap();
    });
}

#[test]
fn a_message_that_is_too_large_is_passed_over() {
    let mut work = WorkLoop::new().unwrap();
    let port = ReceiveRight::new().unwrap();
    let right = port.make_send().unwrap();
    let (tell, events) = channel();
    work.on_message(port, move |_, message| tell.send(message.id()).unwrap())
        .unwrap();
    let large = vec![0; ReceiveOptions::new().max_size + 1];
    let options = SendOptions::new().timeout(SOON);
    thread::scope(|scope| {
        scope.spawn(|| Message::new(1).bytes(&large).send(&right, &options));
        one(&mut work);
    });
    Message::new(2).send(&right, &options).unwrap();
    one(&mut work);
    assert_eq!(told(&events), Some(2));
}
