//! What these tests share.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use mach_ports::platform::wait_for_closings;
use mach_ports::tokio::{Receiver, Source};
use mach_ports::{Message, ReceiveOptions, ReceiveRight, SendOptions, SendRight, census};
use nix::sys::resource::{Resource, getrlimit};
use rendezvous_tests::LONG;
use rendezvous_tests::events::holdings;
use rendezvous_tests::second::Line;
use tokio::runtime::{Builder, Runtime};

/// So many, unless this process may have too few descriptors: each that waits takes some, and so do other tests.
pub(crate) fn up_to(wanted: u32) -> u32 {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    u32::try_from(hard / 32).map_or(wanted, |most| most.min(wanted))
}

/// A runtime on this thread alone.
pub(crate) fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// One of each kind.
pub(crate) fn runtimes() -> [Runtime; 2] {
    let mut several = Builder::new_multi_thread();
    let several = several.worker_threads(2).enable_all().build();
    [current_thread(), several.unwrap()]
}

/// Runs a test under both kinds of runtime, and gives up on one that hangs.
pub(crate) fn in_each_runtime<F: Future>(test: impl Fn() -> F) {
    for runtime in runtimes() {
        runtime.block_on(in_time(test()));
    }
}

pub(crate) async fn in_time<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(LONG / 2, future)
        .await
        .expect("it hangs")
}

/// Runs a test under the runtime of one thread.
pub(crate) fn run<F: Future>(test: F) -> F::Output {
    current_thread().block_on(in_time(test))
}

pub(crate) const NOW: SendOptions = {
    let mut options = SendOptions::new();
    options.timeout = Some(Duration::ZERO);
    options
};

/// Sends a message that has room.
pub(crate) fn send(to: &SendRight, id: i32) {
    Message::new(id).send(to, &NOW).unwrap();
}

/// Sends messages until there is no room; how many had some.
pub(crate) fn fill(to: &SendRight) -> i32 {
    (0..)
        .find(|&id| Message::new(id).send(to, &NOW).is_err())
        .unwrap()
}

/// One side's ends of a line to another process.
pub(crate) fn ends(line: &Line) -> (ReceiveRight, SendRight) {
    // SAFETY: the line has been given to the test, which uses it in no other way.
    let ends = unsafe {
        (
            ReceiveRight::from_raw(line.own),
            SendRight::from_raw(line.other),
        )
    };
    (ends.0.unwrap(), ends.1.unwrap())
}

/// The id of the next message.
pub(crate) async fn next<S: Source>(receiver: &Receiver<S>) -> i32 {
    receiver.receive(&ReceiveOptions::new()).await.unwrap().id()
}

/// Lets the runtime go on until the future has been polled, and is pending.
pub(crate) async fn is_pending<F: Future>(mut future: Pin<&mut F>) -> bool {
    for _ in 0..3 {
        let polled = std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context)));
        if polled.await.is_ready() {
            return false;
        }
        tokio::task::yield_now().await;
    }
    true
}

/// Polls a future so many times, each time that it is woken, and drops it then: what it has brought by then.
pub(crate) async fn polled_at_most<F: Future>(times: usize, future: F) -> Option<F::Output> {
    let mut left = times;
    let mut future = pin!(future);
    std::future::poll_fn(move |context: &mut Context<'_>| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Makes attempts that poll a future 0, 1, 2… times, until one comes to its end; after each, the process holds what it held.
/// What has ended, and after how many polls.
pub(crate) fn dropped_at_every_point<T>(
    mut attempt: impl AsyncFnMut(usize) -> Option<T>,
) -> (T, usize) {
    let runtime = current_thread();
    let mut attempt = |times| runtime.block_on(in_time(attempt(times)));
    // What is made once and kept by design is made by then.
    assert!(attempt(usize::MAX).is_some());
    let before = holdings();
    for times in 0.. {
        let ended = attempt(times);
        holds_again(before);
        if let Some(ended) = ended {
            return (ended, times);
        }
    }
    unreachable!()
}

/// Waits until this process holds no more than it held.
pub(crate) fn holds_again(before: [usize; 3]) {
    let deadline = Instant::now() + LONG / 4;
    loop {
        assert!(wait_for_closings(LONG));
        let after = holdings();
        if after
            .iter()
            .zip(before)
            .all(|(after, before)| *after <= before)
        {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "{before:?} became {after:?}: {:?}",
            census::names()
        );
        // What is told by another thread, a moment later.
        std::thread::sleep(Duration::from_millis(1));
    }
}
