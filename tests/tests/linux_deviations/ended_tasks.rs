//! What becomes of the requests of a task that is no more. XNU closes its names one by one, as the task itself would
//! have; on Linux nobody is left to do so, and all its rights are gone at once.

use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::*;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::Item;
use rendezvous_tests::notice::{NONE, all, ask, next};
use rendezvous_tests::raw::{made, request_notification};
use rendezvous_tests::second::two_until_killed;

#[test]
fn requests_end_with_their_task_and_give_send_once_notifications() {
    two_until_killed(
        "requests_end_with_their_task_and_give_send_once_notifications",
        |line, process| {
            let (notify, watch) = (made::port(), made::port());
            line.letter()
                .port(notify, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .port(notify, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .send();
            let (port, _) = line.next().only_port();
            ask(port, MACH_NOTIFY_DEAD_NAME, 0, watch);
            assert_eq!(all(notify), NONE);
            process.kill();
            // Neither the receive right comes, nor word that a name is gone.
            let told = [next(notify), next(notify)];
            assert_eq!(told, [(MACH_NOTIFY_SEND_ONCE, 0); 2]);
            assert_eq!(next(watch), (MACH_NOTIFY_DEAD_NAME, port));
            assert_eq!(all(notify), NONE);
        },
        |line| {
            let port = made::port();
            let ids = [MACH_NOTIFY_PORT_DESTROYED, MACH_NOTIFY_DEAD_NAME];
            for (item, id) in line.next().items().into_iter().zip(ids) {
                let Item::Port { name, .. } = item else {
                    panic!("{item:?}");
                };
                let asked = request_notification(port, id, 0, name, MACH_MSG_TYPE_MOVE_SEND_ONCE);
                assert_eq!(asked, Ok(MACH_PORT_NULL));
            }
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            loop {
                line.wait();
            }
        },
    );
}
