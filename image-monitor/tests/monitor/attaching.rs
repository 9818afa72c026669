//! Eight places, and how monitors come to them and leave.

use image_monitor::{AttachError, Event, MonitorState, Target};
use mach_ports::ReturnCode;

use crate::fake::{Fake, recording};
use crate::{LONG, eventually};

#[test]
fn a_ninth_is_refused_until_one_of_eight_is_gone() {
    let mut monitors: Vec<_> = (0..9).map(|_| recording().0).collect();
    let ninth = monitors.pop().unwrap();
    let fake = Fake::start(&monitors.iter().collect::<Vec<_>>());
    let refused = fake.target.attach(&ninth).unwrap_err();
    assert!(matches!(refused, AttachError::NoSlot));
    assert_eq!(refused.code(), ReturnCode::new(19));
    assert_eq!(ninth.state(), MonitorState::Idle);
    drop(monitors.pop());
    eventually("a place is free", || fake.target.monitors() == 7);
    fake.target.attach(&ninth).unwrap();
    assert_eq!(fake.target.monitors(), 8);
}

#[test]
fn a_claim_that_comes_to_nothing_leaves_the_monitor_as_it_was() {
    let (monitor, heard) = recording();
    let target = Target::new();
    let claim = target.claim(&monitor).unwrap();
    let right = claim.right().unwrap();
    assert_eq!(monitor.state(), MonitorState::Waiting);
    let twice = Target::new().claim(&monitor).unwrap_err();
    assert!(matches!(twice, AttachError::InUse));
    drop(claim);
    assert_eq!(
        (monitor.state(), target.monitors()),
        (MonitorState::Idle, 0)
    );
    drop(right);
    let mut fake = Fake::start(&[&monitor]).hello();
    fake.exchange("load 1 65536", 1);
    assert!(matches!(heard.recv_timeout(LONG), Ok(Event::Load(_))));
}

#[test]
fn a_further_monitor_attaches_and_knows_what_was_there_before() {
    let (first, heard) = recording();
    let mut fake = Fake::start(&[&first]).hello();
    fake.exchange("load 1 65536", 1);
    let (second, heard_by_second) = recording();
    fake.target.attach(&second).unwrap();
    assert_eq!(second.state(), MonitorState::Waiting);
    assert_eq!(fake.ask("wait 60000"), "attach");
    assert_eq!(fake.ask("switch"), "sent");
    fake.exchange("load 2 131072", 2);
    assert_eq!(second.state(), MonitorState::Attached);
    assert_eq!(second.images().present().len(), 2);
    assert!(matches!(
        heard_by_second.recv_timeout(LONG),
        Ok(Event::Load(_))
    ));
    // The agent has let go of the first.
    assert!(matches!(heard.recv_timeout(LONG), Ok(Event::Load(_))));
    assert_eq!(heard.recv_timeout(LONG), Ok(Event::AgentLost));
}

#[test]
fn who_attaches_before_the_agent_has_spoken_is_attached_when_it_does() {
    let (first, _heard) = recording();
    let mut fake = Fake::start(&[&first]);
    let (second, _heard) = recording();
    fake.target.attach(&second).unwrap();
    let (gone, _heard) = recording();
    fake.target.attach(&gone).unwrap();
    drop(gone);
    eventually("it is gone", || fake.target.monitors() == 2);
    assert_eq!(fake.ask("hello"), "sent");
    assert_eq!(fake.ask("wait 60000"), "attach");
    assert_eq!(fake.ask("wait 50"), "nothing");
}

#[test]
fn an_attach_that_fails_undoes_everything() {
    let (first, heard) = recording();
    let mut fake = Fake::start(&[&first]).hello();
    fake.exchange("load 1 65536", 1);
    fake.child.kill().unwrap();
    assert!(fake.child.exit_event().wait_timeout(LONG));
    let exit = heard.iter().find(|event| matches!(event, Event::Exit(_)));
    assert!(exit.is_some());
    let (second, _heard) = recording();
    let error = fake.target.attach(&second).unwrap_err();
    assert_eq!(error.code(), ReturnCode::TERMINATED);
    assert_eq!(second.state(), MonitorState::Idle);
    // It can be used for another process.
    let mut other = Fake::start(&[&second]).hello();
    other.exchange("load 1 65536", 1);

    let unprepared = Target::new();
    assert!(matches!(
        unprepared.attach(&first),
        Err(AttachError::NoAgent)
    ));
}
