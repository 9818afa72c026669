//! Who answers, and when.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use image_monitor::{Event, ExitCause, ImageMonitor, MonitorOptions, MonitorState, Notice};

use crate::fake::{Fake, next, recording, waiting};
use crate::{LONG, eventually};

#[test]
fn a_whole_life_is_told_in_order() {
    let (monitor, heard) = recording();
    assert_eq!(monitor.state(), MonitorState::Idle);
    let mut fake = Fake::start(&[&monitor]).hello();
    fake.exchange("load 1 65536", 1);
    assert_eq!(monitor.state(), MonitorState::Attached);
    fake.exchange("main 2", 2);
    fake.exchange("load 3 131072", 3);
    let images = monitor.images();
    assert_eq!(images.present().len(), 2);
    let found = images.find(131_072 + 8).unwrap();
    assert_eq!((found.offset, found.image.timestamp), (8, 30));
    fake.exchange("unload 4 131072", 4);
    let now = monitor.images();
    assert_eq!((now.present().len(), now.past().len()), (1, 1));
    assert_eq!(now.find_at(131_072, 35).unwrap().offset, 0);
    // What was taken before has not changed.
    assert_eq!(images.present().len(), 2);

    fake.child.kill().unwrap();
    let events: Vec<_> = (0..5).map(|_| heard.recv_timeout(LONG).unwrap()).collect();
    assert!(matches!(events[0], Event::Load(_)));
    assert_eq!(events[1], Event::Main);
    assert!(matches!(events[2], Event::Load(_)));
    assert_eq!(events[2].images(), events[3].images());
    assert!(matches!(events[3], Event::Unload(_)));
    assert_eq!(events[4], Event::Exit(ExitCause::Ended));
    assert_eq!(monitor.state(), MonitorState::Ended);
    drop(monitor);
    // One exit, and then the handler is gone.
    assert!(heard.recv_timeout(LONG).is_err());
}

#[test]
fn a_notice_that_is_kept_holds_the_process_and_a_dropped_one_answers() {
    let (monitor, notices) = waiting();
    let mut fake = Fake::start(&[&monitor]).hello();
    assert_eq!(fake.ask("load 1 65536"), "sent");
    let notice = next(&notices);
    assert_eq!((notice.timestamp(), notice.event().images().len()), (10, 1));
    assert_eq!(fake.ask("wait 50"), "nothing");
    fake.tell("wait 60000");
    std::thread::spawn(move || drop(notice)).join().unwrap();
    assert_eq!(fake.hear(), "reply 1");

    // An image is there for as long as the process waits with it.
    assert_eq!(fake.ask("unload 2 65536"), "sent");
    let notice = next(&notices);
    assert_eq!(monitor.images().present().len(), 1);
    assert!(matches!(notice.answer(), Event::Unload(_)));
    assert_eq!(fake.ask("wait 60000"), "reply 2");
    assert_eq!(monitor.images().present().len(), 0);

    // Nobody listens: that answers.
    drop(notices);
    fake.exchange("load 3 65536", 3);
}

#[test]
fn main_has_a_handler_of_its_own_if_one_is_set_and_is_answered_anyway() {
    let (monitor, heard) = recording();
    let mut fake = Fake::start(&[&monitor]).hello();
    fake.exchange("main 1", 1);
    assert_eq!(heard.recv_timeout(LONG), Ok(Event::Main));
    let (mains, of_main) = std::sync::mpsc::channel();
    monitor.set_main_handler(move |notice| drop(mains.send(notice.answer())));
    fake.exchange("main 2", 2);
    assert_eq!(of_main.recv_timeout(LONG), Ok(Event::Main));
    fake.exchange("load 3 65536", 3);
    assert!(matches!(heard.recv_timeout(LONG), Ok(Event::Load(_))));
}

#[test]
fn who_is_late_is_a_zombie_until_the_process_speaks_again() {
    let options = MonitorOptions::new().deadline(Duration::from_millis(20));
    let (monitor, notices) = ImageMonitor::queue(options).unwrap();
    let mut fake = Fake::start(&[&monitor]).hello();
    assert_eq!(fake.ask("load 1 65536"), "sent");
    let notice = next(&notices);
    eventually("a zombie", || monitor.state() == MonitorState::Zombie);
    drop(notice);
    assert_eq!(monitor.state(), MonitorState::Zombie);
    // The agent ignores it if it has gone on.
    assert_eq!(fake.ask("wait 60000"), "reply 1");
    assert_eq!(fake.ask("load 2 131072"), "sent");
    let notice = next(&notices);
    drop(notice);
    assert_eq!(fake.ask("wait 60000"), "reply 2");
}

#[test]
fn a_monitor_lasts_as_long_as_one_of_its_clones() {
    let (monitor, heard) = recording();
    let mut fake = Fake::start(&[&monitor]).hello();
    let clone = monitor.clone();
    drop(monitor);
    fake.exchange("load 1 65536", 1);
    assert!(matches!(heard.recv_timeout(LONG), Ok(Event::Load(_))));
    assert_eq!(
        (clone.state(), fake.target.monitors()),
        (MonitorState::Attached, 1)
    );
    drop(clone);
    eventually("its place is free", || fake.target.monitors() == 0);
    assert!(heard.recv_timeout(LONG).is_err());
}

#[test]
fn a_monitor_that_its_own_handler_releases_still_answers() {
    let place: Arc<Mutex<Option<ImageMonitor>>> = Arc::default();
    let inside = Arc::clone(&place);
    let (ended, end) = std::sync::mpsc::channel::<()>();
    let monitor = ImageMonitor::new(move |notice: Notice| {
        // Goes when the handler goes, not before it returns.
        let _ended = &ended;
        drop(inside.lock().unwrap().take());
        assert!(notice.event().is_awaited());
    });
    let monitor = monitor.unwrap();
    let mut fake = Fake::start(&[&monitor]).hello();
    *place.lock().unwrap() = Some(monitor);
    fake.exchange("load 1 65536", 1);
    assert!(end.recv_timeout(LONG).is_err());
    eventually("its place is free", || fake.target.monitors() == 0);
    // The port goes with the monitor's source, on its queue.
    eventually("its port is dead", || {
        fake.ask("load 2 131072") == "the destination port is dead"
    });
}
