//! Who waits behind whom.

use std::time::Duration;

use super::world::Bench;
use crate::resource::Resource;
use crate::state::{Mode, Ticket, Wait};

/// A reader holds; a writer waits for ten seconds, and a reader behind it.
fn readers_and_writer() -> (Bench, Ticket, Ticket) {
    let mut bench = Bench::new(0);
    let resource = Resource::named("r").unwrap();
    let wait = Wait::For(Duration::from_secs(10));
    bench.acquire(1, 1, &resource, Mode::Shared, Wait::Try, None);
    let writer = bench.acquire(2, 1, &resource, Mode::Exclusive, wait, None);
    let reader = bench.acquire(3, 1, &resource, Mode::Shared, Wait::Forever, None);
    assert_eq!((bench.status(writer), bench.status(reader)), (None, None));
    (bench, writer, reader)
}

#[test]
fn a_writer_that_waits_no_more_lets_readers_in() {
    type End = fn(&mut Bench);
    let ends: [(End, i32); 3] = [
        (|bench| bench.release(2, 1), libc::ECANCELED),
        (|bench| bench.die(2), libc::ECANCELED),
        (|bench| bench.pass(Duration::from_secs(10)), libc::ETIMEDOUT),
    ];
    for (end, told) in ends {
        let (mut bench, writer, reader) = readers_and_writer();
        end(&mut bench);
        assert_eq!(bench.status(writer), Some(told));
        assert_eq!(bench.status(reader), Some(0));
    }
}

#[test]
fn who_cannot_be_told_is_passed_over() {
    let (mut bench, writer, reader) = readers_and_writer();
    bench.world.deaf.insert(writer);
    bench.release(1, 1);
    assert_eq!(bench.status(reader), Some(0));
    assert_eq!(bench.machine.snapshot(bench.now).locks[0].waiters, []);
}

#[test]
fn a_number_is_one_lock() {
    let (mut bench, _, reader) = readers_and_writer();
    let other = Resource::named("other").unwrap();
    let again = bench.acquire(1, 1, &other, Mode::Shared, Wait::Try, None);
    assert_eq!(bench.status(again), Some(libc::EINVAL));
    assert_eq!(bench.status(reader), None);
}

#[test]
fn a_client_has_so_many_locks_at_most() {
    use crate::state::{Machine, Policy};
    let mut bench = Bench::new(0);
    bench.machine = Machine::new(Policy::new().locks_per_client(2));
    let mut lock = |token: u64| {
        let resource = Resource::named(&token.to_string()).unwrap();
        let ticket = bench.acquire(1, token, &resource, Mode::Shared, Wait::Try, None);
        bench.status(ticket)
    };
    assert_eq!(
        [1, 2, 3].map(&mut lock),
        [Some(0), Some(0), Some(libc::ENOSPC)]
    );
}
