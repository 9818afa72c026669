//! Ports for those that are locked up, and for nobody else.

use launcher::{
    Evidence, Launcher, PeerPolicy, PeerRequirement, Profile, Refusal, Rendezvous, key,
};
use mach_ports::{Message, OolMemory, ReceiveRight, SendOptions};
use rendezvous_server::Unmet;
use rendezvous_tests::LONG;
use rendezvous_tests::events::{dead, next, no_senders, server};
use sandbox::Network;

use super::{both, can, can_lock_up, lines, locked};

const WORK: u32 = key(b"work");
const ANSWERS: u32 = key(b"answ");

fn demanding(launcher: &mut Launcher) -> &mut Launcher {
    launcher.require(
        PeerRequirement::Sandboxed(Evidence::Filter),
        PeerPolicy::Enforce,
    )
}

/// Sends memory of that length there and back, and a right back by which something is said.
pub(super) fn reflects(mut launcher: Launcher, name: &str, length: usize) {
    let server = server(name);
    let (work, answers) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
    let to_helper = work.make_send().unwrap();
    let child = demanding(&mut launcher)
        .server(&server)
        .port(WORK, work)
        .port(ANSWERS, answers.make_send().unwrap())
        .stdout(launcher::Stdio::Pipe)
        .spawn()
        .unwrap();
    let mut memory = OolMemory::zeroed(length).unwrap();
    memory[0] = 7;
    Message::new(20)
        .out_of_line(memory)
        .send(&to_helper, &SendOptions::new().timeout(LONG))
        .unwrap();
    let mut answer = next(&answers);
    assert_eq!(answer.audit_token().unwrap().pid(), child.id());
    let back = answer.take_memory(0).unwrap();
    assert_eq!((back.len(), back[0], back[length - 1]), (length, 0, 7));
    let to_it = answer.take_send(1).unwrap().unwrap();
    Message::new(21)
        .send(&to_it, &SendOptions::new().timeout(LONG))
        .unwrap();
    assert!(matches!(
        child.wait_rendezvous(LONG),
        Some(Rendezvous::Acquired)
    ));
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = format!("{length} bytes from 7 on, then 21");
    assert_eq!(lines(&output).last(), Some(&said));
    dead(&to_helper);
    no_senders(&answers);
}

#[test]
fn who_enters_gets_ports() {
    if !can_lock_up() {
        return;
    }
    let [entering, _] = both(&["reflect"]);
    reflects(entering, "sandbox.entering", 1000);
}

#[test]
fn who_is_locked_up_by_its_launcher_gets_ports() {
    if !can_lock_up() {
        return;
    }
    let [_, imposed] = both(&["reflect"]);
    reflects(imposed, "sandbox.imposed", 1000);
}

#[test]
fn memory_of_any_size_travels() {
    if !can_lock_up() {
        return;
    }
    for (launcher, name) in both(&["reflect"]).into_iter().zip(["one", "other"]) {
        reflects(launcher, &format!("sandbox.large.{name}"), 48 << 20);
    }
}

fn refused(commands: &[&str], name: &str) -> Unmet {
    let server = server(name);
    let port = ReceiveRight::new().unwrap();
    let to_it = port.make_send().unwrap();
    let mut launcher = locked(commands);
    let child = demanding(&mut launcher)
        .server(&server)
        .port(WORK, port)
        .stdout(launcher::Stdio::Null)
        .spawn()
        .unwrap();
    let fate = child.wait_rendezvous(LONG);
    assert!(child.wait_timeout(LONG).unwrap().is_some());
    dead(&to_it);
    match fate {
        Some(Rendezvous::Refused(Refusal::Requirement(unmet))) => unmet,
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_forgets_gets_none() {
    let unmet = refused(&["reflect"], "sandbox.forgets");
    assert!(matches!(unmet, Unmet::NotSandboxed { .. }), "{unmet:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn who_locks_one_thread_up_of_two_gets_none() {
    let commands = ["start-thread", "filter-this-thread", "reflect"];
    let unmet = refused(&commands, "sandbox.one-thread");
    assert!(matches!(unmet, Unmet::NotSandboxed { .. }), "{unmet:?}");
}

/// A process that is not dumpable shows its program to root only.
#[cfg(target_os = "linux")]
#[test]
fn a_program_can_be_demanded_of_those_that_can_be_looked_at() {
    if !can_lock_up() {
        return;
    }
    let program = PeerRequirement::Executable(env!("CARGO_BIN_EXE_locked").into());
    let demand = PeerRequirement::All(vec![PeerRequirement::Sandboxed(Evidence::Filter), program]);
    let fate = |mut launcher: Launcher, name: &str| {
        let port = ReceiveRight::new().unwrap();
        let child = launcher
            .server(&server(name))
            .require(demand.clone(), PeerPolicy::Enforce)
            .port(WORK, port)
            .stdout(launcher::Stdio::Null)
            .spawn()
            .unwrap();
        let fate = child.wait_rendezvous(LONG);
        assert!(child.wait_timeout(LONG).unwrap().is_some());
        fate.unwrap()
    };
    let [hidden, imposed] = both(&["reflect"]);
    let visible = locked(&["--inspectable", "--enter", "reflect"]);
    for (launcher, name) in [(imposed, "imposed"), (visible, "visible")] {
        let fate = fate(launcher, &format!("sandbox.program.{name}"));
        assert!(matches!(fate, Rendezvous::Acquired), "{name}: {fate:?}");
    }
    let fate = fate(hidden, "sandbox.program.hidden");
    if nix::unistd::geteuid().is_root() {
        assert!(matches!(fate, Rendezvous::Acquired), "{fate:?}");
    } else {
        assert!(
            matches!(
                fate,
                Rendezvous::Refused(Refusal::Requirement(Unmet::ExecutableHidden { .. }))
            ),
            "{fate:?}"
        );
    }
}

/// Also where its user is one that the kernel has mapped.
#[test]
fn who_has_a_network_of_its_own_gets_ports() {
    let profile = Profile::ports_only().network(Network::Loopback);
    if !can(&profile) {
        return;
    }
    let entering = locked(&["--network:loopback", "--enter", "reflect"]);
    reflects(entering, "sandbox.loopback.entering", 1 << 20);
    let mut imposed = locked(&["reflect"]);
    imposed.profile(profile);
    reflects(imposed, "sandbox.loopback.imposed", 1 << 20);
}
