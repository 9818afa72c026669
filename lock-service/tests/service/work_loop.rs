//! Grants of locks among the events of a work loop.

use std::ops::ControlFlow;
use std::sync::mpsc::channel;
use std::time::Duration;

use lock_service::{LockClient, LockError, LockGuard, LockOptions, LockService, Resource, Wait};
use mach_interface::work_loop::{Dispatched, WorkLoop};

const SOON: Duration = Duration::from_secs(20);

#[test]
fn a_lock_is_released_when_the_callout_of_its_grant_has_returned() {
    let service = LockService::builder().start().unwrap();
    let (ours, theirs) = (
        LockClient::open(service.right()).unwrap(),
        LockClient::open(service.right()).unwrap(),
    );
    let resource = Resource::named("work").unwrap();
    let taken = theirs.lock(&resource, &LockOptions::new()).unwrap();
    let mut work = WorkLoop::new().unwrap();
    let (tell, granted) = channel();
    let mut wanted = true;
    let wait = move |turn| {
        if !wanted {
            return ControlFlow::Break(());
        }
        let options = LockOptions::new().wait(Wait::For(turn));
        match ours.lock(&resource, &options) {
            Ok(guard) => {
                wanted = false;
                ControlFlow::Continue(Some(guard))
            }
            Err(LockError::TimedOut) => ControlFlow::Continue(None),
            Err(error) => panic!("{error}"),
        }
    };
    work.on_wait(wait, move |guard: LockGuard| {
        tell.send(guard.previous_died()).unwrap();
    })
    .unwrap();
    taken.unlock(0).unwrap();
    assert_eq!(work.dispatch(SOON).unwrap(), Dispatched::Event);
    assert_eq!(granted.try_recv(), Ok(false));
    // It is free again.
    let options = LockOptions::new().wait(Wait::Try);
    let work_again = Resource::named("work").unwrap();
    drop(theirs.lock(&work_again, &options).unwrap());
}
