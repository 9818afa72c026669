//! How a watch ends.

use image_monitor::{Event, ExitCause, MonitorState, Target};

use crate::LONG;
use crate::fake::{Fake, recording};

#[test]
fn an_agent_that_goes_while_the_process_lives_is_lost() {
    let (monitor, heard) = recording();
    let mut fake = Fake::start(&[&monitor]).hello();
    fake.exchange("load 1 65536", 1);
    assert_eq!(fake.ask("drop"), "done");
    assert!(matches!(heard.recv_timeout(LONG), Ok(Event::Load(_))));
    assert_eq!(heard.recv_timeout(LONG), Ok(Event::AgentLost));
    assert_eq!(monitor.state(), MonitorState::Lost);
    // What it has mapped is not known any better than before.
    assert_eq!(monitor.images().present().len(), 1);
    fake.child.kill().unwrap();
    assert_eq!(heard.recv_timeout(LONG), Ok(Event::Exit(ExitCause::Ended)));
}

#[test]
fn a_process_without_an_agent_has_never_been_attached_to() {
    let (monitor, heard) = recording();
    let fake = Fake::start(&[&monitor]);
    assert_eq!(monitor.state(), MonitorState::Waiting);
    fake.child.kill().unwrap();
    let exit = Event::Exit(ExitCause::NeverAttached);
    assert_eq!(heard.recv_timeout(LONG), Ok(exit));
    assert_eq!(monitor.state(), MonitorState::NeverAttached);
    assert!(monitor.state().is_over());
}

#[test]
fn a_loader_that_fails_under_audit_is_named() {
    for reaped_first in [true, false] {
        let (monitor, heard) = recording();
        // Says hello, and exits with 127.
        let target = Target::new();
        let claim = target.claim(&monitor).unwrap();
        let mut fake = Fake::speaking_by(claim.right().unwrap(), target);
        assert_eq!(fake.ask("hello"), "sent");
        fake.tell("exit 127");
        if reaped_first {
            let status = fake.child.wait_timeout(LONG).unwrap().unwrap();
            fake.target.reaped(status.code());
        }
        fake.target
            .started(&fake.child.exit_event(), vec![claim])
            .unwrap();
        let exit = Event::Exit(ExitCause::LoaderFailed);
        assert_eq!(heard.recv_timeout(LONG), Ok(exit));
        assert_eq!(monitor.state(), MonitorState::LoaderFailed);
    }
}

#[test]
fn everything_that_was_said_comes_before_the_exit() {
    for _ in 0..5 {
        let (monitor, heard) = recording();
        let mut fake = Fake::start(&[&monitor]).hello();
        for sequence in 1..=4 {
            fake.tell(&format!("load {sequence} {}", 65_536 * sequence));
        }
        fake.tell("exit 0");
        for _ in 1..=4 {
            assert!(matches!(heard.recv_timeout(LONG), Ok(Event::Load(_))));
        }
        assert_eq!(heard.recv_timeout(LONG), Ok(Event::Exit(ExitCause::Ended)));
        drop(monitor);
    }
}
