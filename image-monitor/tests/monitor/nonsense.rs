//! What no agent would say.

use image_monitor::{Event, MonitorState, Target};

use crate::LONG;
use crate::fake::{Fake, next, recording, waiting};

#[test]
fn unknown_and_malformed_messages_are_not_answered_and_do_no_harm() {
    let (monitor, heard) = recording();
    let mut fake = Fake::start(&[&monitor]).hello();
    for nonsense in [
        "raw 0 0",
        "raw 28672 100",
        "raw 4096 0",
        "raw 4096 4000",
        "raw 8192 40",
        "raw 12288 39",
        "raw 16384 3",
        "raw 4096 60000",
        // Ids of notifications, of the monitor's own, and of its own announcement.
        "raw 70 12",
        "raw 20480 16",
        "raw 2147418113 0",
    ] {
        assert_eq!(fake.ask(nonsense), "sent", "{nonsense}");
    }
    assert_eq!(fake.ask("wait 50"), "nothing");
    fake.exchange("load 1 65536", 1);
    assert!(matches!(heard.recv_timeout(LONG), Ok(Event::Load(_))));
    assert_eq!(monitor.state(), MonitorState::Attached);
}

#[test]
fn an_agent_out_of_step_is_not_answered() {
    let (monitor, notices) = waiting();
    let mut fake = Fake::start(&[&monitor]);
    // Before it has said hello.
    assert_eq!(fake.ask("load 1 65536"), "sent");
    assert_eq!(fake.ask("hello"), "sent");
    assert_eq!(fake.ask("hello"), "sent");
    for _ in 0..2 {
        assert_eq!(fake.ask("load 2 65536"), "sent");
    }
    drop(next(&notices));
    assert_eq!(fake.ask("wait 60000"), "reply 2");
    assert_eq!(fake.ask("wait 50"), "nothing");
    assert!(notices.try_next().is_none());
}

#[test]
fn who_never_waits_is_not_listened_to_without_end() {
    let (monitor, notices) = waiting();
    let mut fake = Fake::start(&[&monitor]).hello();
    for sequence in 1..=100 {
        let said = fake.ask(&format!("load {sequence} {}", 65_536 * sequence));
        assert_eq!(said, "sent");
    }
    fake.child.kill().unwrap();
    let mut loads = 0;
    loop {
        let notice = next(&notices);
        match notice.event() {
            Event::Load(_) => loads += 1,
            Event::Exit(_) => break,
            other => panic!("{other:?}"),
        }
        std::mem::forget(notice);
    }
    assert_eq!(loads, 16);
    assert_eq!(monitor.images().present().len(), 16);
}

#[test]
fn another_process_does_not_speak_for_the_watched_one() {
    let (monitor, heard) = recording();
    let target = Target::new();
    let claim = target.claim(&monitor).unwrap();
    let mut other = Fake::speaking_by(claim.right().unwrap(), Target::new());
    let mut fake = Fake::with(target, vec![claim]);
    assert_eq!(other.ask("hello"), "sent");
    assert_eq!(other.ask("load 1 65536"), "sent");
    assert_eq!(fake.ask("hello"), "sent");
    fake.exchange("load 2 131072", 2);
    match heard.recv_timeout(LONG) {
        Ok(Event::Load(images)) => assert_eq!(images[0].load_address, 131_072),
        event => panic!("{event:?}"),
    }
    assert_eq!(other.ask("wait 50"), "nothing");
}
