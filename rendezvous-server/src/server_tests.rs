//! The server, asked by this process itself.

use std::process::Command;
use std::time::Duration;

use mach_ports::dispatch::ExitEvent;
use mach_ports::{
    CallError, Message, ReceiveOptions, ReceiveRight, ReceivedMessage, ReplyRight, SendRight,
    bootstrap,
};
use rendezvous_protocol::{Denial, PeerPolicy, PeerRequirement, Reply, Request, key};

use crate::{
    BaseId, PortCollection, Refusal, RegisterError, Registration, Rendezvous, RendezvousPort,
    RendezvousServer, ServerError,
};

const KEY: u32 = key(b"port");
const LONG: Duration = Duration::from_secs(60);

fn server(test: &str) -> RendezvousServer {
    RendezvousServer::new(&BaseId::new(format!("tests.server.{test}")).unwrap()).unwrap()
}

fn own_pid() -> i32 {
    std::process::id().cast_signed()
}

/// A collection with one send right to a new port.
fn one_port() -> (ReceiveRight, PortCollection) {
    let port = ReceiveRight::new().unwrap();
    let mut collection = PortCollection::new();
    collection.insert(KEY, port.make_send().unwrap()).unwrap();
    (port, collection)
}

fn register(server: &RendezvousServer, collection: PortCollection) -> Registration {
    server.lock().register(own_pid(), collection).unwrap()
}

fn send(server: &RendezvousServer, message: Message<'_>) -> Result<ReceivedMessage, CallError> {
    message.call(&server.send_right().unwrap(), LONG)
}

fn ask(server: &RendezvousServer) -> Reply {
    Reply::read(send(server, Request::PortsAndData.message()).unwrap()).unwrap()
}

fn has_senders(port: &ReceiveRight) -> bool {
    port.status().unwrap().has_senders
}

#[test]
fn it_is_found_by_its_name_and_no_longer_when_dropped() {
    let server = server("found");
    let name = format!("tests.server.found.MachPortRendezvousServer.{}", own_pid());
    assert_eq!(server.bootstrap_name(), Some(&*name));
    assert_eq!(
        bootstrap::look_up(&name).unwrap().name(),
        server.send_right().unwrap().name()
    );
    let second = RendezvousServer::new(server.base_id());
    assert!(
        matches!(second, Err(ServerError::CheckIn { .. })),
        "{second:?}"
    );
    drop(server);
    assert!(bootstrap::look_up(&name).is_err());
}

#[test]
fn a_collection_is_claimed_once() {
    let server = server("once");
    let (port, mut collection) = one_port();
    collection.set_additional_data(b"data".to_vec()).unwrap();
    let registration = register(&server, collection);
    assert_eq!(
        server.lock().pending().collect::<Vec<_>>(),
        [(own_pid(), vec![KEY])]
    );

    let reply = ask(&server);
    assert!(matches!(registration.wait(LONG), Rendezvous::Acquired));
    assert_eq!(reply.ports[&KEY].as_ref().unwrap().name(), port.name());
    assert_eq!(reply.data, b"data");
    assert_eq!(server.lock().pending().count(), 0);

    let again = ask(&server);
    assert!(again.ports.is_empty() && again.data.is_empty());
}

#[test]
fn the_plain_request_gets_no_data() {
    let server = server("plain");
    let (_port, mut collection) = one_port();
    collection.set_additional_data(b"data".to_vec()).unwrap();
    register(&server, collection);
    let reply = Reply::read(send(&server, Request::Ports.message()).unwrap()).unwrap();
    assert_eq!((reply.ports.len(), reply.data.len()), (1, 0));
}

#[test]
fn what_is_no_request_gets_no_reply_and_takes_nothing() {
    let server = server("no-request");
    let (port, collection) = one_port();
    let registration = register(&server, collection);
    let ask_again = || Request::Ports.message();
    for message in [
        Message::new(1),
        ask_again().bytes(&[0; 4]),
        ask_again().bytes(&[0; 100_000]),
        ask_again().complex(),
        ask_again().make_send(&port),
        ask_again().out_of_line(vec![0; 100_000]),
    ] {
        let answer = send(&server, message);
        assert!(matches!(answer, Err(CallError::NoReply)), "{answer:?}");
    }
    // Nor does one that leaves a send right for the reply.
    let reply = ReceiveRight::new().unwrap();
    let right = ReplyRight::Send(reply.make_send().unwrap());
    let to_server = server.send_right().unwrap();
    let asking = ask_again().reply_to_move(right);
    asking
        .send(&to_server, &mach_ports::SendOptions::new())
        .unwrap();
    assert_eq!(ask(&server).ports.len(), 1);
    assert!(matches!(registration.wait(LONG), Rendezvous::Acquired));
    let none = reply.receive(&ReceiveOptions::new().timeout(Duration::ZERO));
    assert!(none.is_err(), "{none:?}");
}

#[test]
fn a_second_collection_waits_for_the_first() {
    let server = server("second");
    let (_first_port, first) = one_port();
    let (second_port, second) = one_port();
    let (_third_port, third) = one_port();
    register(&server, first);
    let refused = server.lock().register(own_pid(), second);
    assert!(
        matches!(refused, Err(RegisterError::AlreadyRegistered { .. })),
        "{refused:?}"
    );
    assert!(!has_senders(&second_port));
    ask(&server);
    register(&server, third);
    assert_eq!(ask(&server).ports.len(), 1);
}

#[test]
fn a_spawned_process_takes_the_place_of_a_dead_one() {
    let server = server("reused");
    let (stale_port, stale) = one_port();
    let (_port, fresh) = one_port();
    let stale = register(&server, stale);
    let fresh = server.lock().register_spawned(own_pid(), fresh).unwrap();
    assert!(matches!(stale.wait(LONG), Rendezvous::ExitedFirst));
    assert!(!has_senders(&stale_port));
    assert_eq!(ask(&server).ports.len(), 1);
    assert!(matches!(fresh.wait(LONG), Rendezvous::Acquired));
}

#[test]
fn a_process_that_exits_first_leaves_nothing() {
    let server = server("exits");
    let (port, collection) = one_port();
    let mut guard = server.lock();
    let mut child = Command::new("/bin/sh")
        .args(["-c", "exit 42"])
        .spawn()
        .unwrap();
    let registration = guard
        .register_spawned(child.id().cast_signed(), collection)
        .unwrap();
    drop(guard);
    assert!(matches!(registration.wait(LONG), Rendezvous::ExitedFirst));
    assert!(!has_senders(&port));
    assert_eq!(server.lock().pending().count(), 0);
    assert_eq!(child.wait().unwrap().code(), Some(42));
}

#[test]
fn a_request_waits_for_the_lock() {
    let server = server("lock");
    let (_port, collection) = one_port();
    let mut guard = server.lock();
    let asking = std::thread::spawn({
        let server = server.clone();
        move || ask(&server).ports.len()
    });
    // The request may or may not have come by now: both must end the same.
    guard.register(own_pid(), collection).unwrap();
    drop(guard);
    assert_eq!(asking.join().unwrap(), 1);
}

#[test]
fn launches_go_on_side_by_side_and_requests_wait_for_all() {
    let server = server("launches");
    let (_port, collection) = one_port();
    let exit = ExitEvent::watch(own_pid()).unwrap();
    let own = server.begin_launch();
    let other = std::thread::scope(|scope| {
        let begun = scope.spawn(|| drop(server.begin_launch()));
        begun.join().is_ok()
    });
    assert!(other);
    let asking = std::thread::spawn({
        let server = server.clone();
        move || ask(&server).ports.len()
    });
    // The request may or may not have come by now: both must end the same.
    let registration = own.register(&exit, collection);
    assert_eq!(asking.join().unwrap(), 1);
    assert!(matches!(registration.wait(LONG), Rendezvous::Acquired));
}

#[test]
fn who_has_waited_for_a_process_need_not_wait_for_its_fate() {
    let server = server("settled");
    for _ in 0..20 {
        let (port, collection) = one_port();
        let mut guard = server.lock();
        let mut child = Command::new("true").spawn().unwrap();
        let pid = child.id().cast_signed();
        let registration = guard.register_spawned(pid, collection).unwrap();
        child.wait().unwrap();
        // It is not settled behind the back of who holds the lock.
        let locked = registration.settle_exited(Duration::ZERO);
        assert!(matches!(locked, Rendezvous::Pending), "{locked:?}");
        drop(guard);
        let fate = registration.settle_exited(LONG);
        assert!(matches!(fate, Rendezvous::ExitedFirst), "{fate:?}");
        assert!(!has_senders(&port));
    }
    let (_port, collection) = one_port();
    let registration = register(&server, collection);
    ask(&server);
    let fate = registration.settle_exited(LONG);
    assert!(matches!(fate, Rendezvous::Acquired), "{fate:?}");
}

#[test]
fn requirements_are_applied_by_policy() {
    let server = server("policies");
    for (policy, given) in [
        (PeerPolicy::None, true),
        (PeerPolicy::ValidateOnly, true),
        (PeerPolicy::Enforce, false),
    ] {
        let (port, mut collection) = one_port();
        collection.set_requirement(PeerRequirement::predicate(|_| false), policy);
        let registration = register(&server, collection);
        let answer = send(&server, Request::Ports.message()).unwrap();
        let denied = Denial::read(&answer).unwrap();
        let expected = (!given).then_some(Denial::Requirement);
        assert_eq!(denied, expected, "{policy:?}");
        let verdict = registration.wait(LONG);
        if given {
            assert!(matches!(verdict, Rendezvous::Acquired), "{verdict:?}");
        } else {
            let refused = matches!(verdict, Rendezvous::Refused(Refusal::Requirement(_)));
            assert!(refused, "{verdict:?}");
            assert!(!has_senders(&port));
        }
    }
    let (_port, mut collection) = one_port();
    collection.set_requirement(PeerRequirement::SameUser, PeerPolicy::Enforce);
    register(&server, collection);
    assert_eq!(ask(&server).ports.len(), 1);
}

#[test]
fn a_client_that_gave_up_may_ask_again() {
    let server = server("gave-up");
    let (_port, collection) = one_port();
    let mut guard = server.lock();
    let registration = guard.register(own_pid(), collection).unwrap();
    let to_server = server.send_right().unwrap();
    let gave_up = Request::Ports.message().call(&to_server, Duration::ZERO);
    assert!(matches!(gave_up, Err(CallError::Receive(_))), "{gave_up:?}");
    drop(guard);
    // Its reply right was dead when the request was read: nothing is sent there.
    assert_eq!(ask(&server).ports.len(), 1);
    assert!(matches!(registration.wait(LONG), Rendezvous::Acquired));
}

#[test]
fn a_port_that_is_gone_refuses_the_whole_collection() {
    let server = server("gone");
    let (port, mut collection) = one_port();
    let source = ReceiveRight::new().unwrap();
    // SAFETY: no other thread of this test makes a name before the claim; what
    // others make in between gets another generation of the number.
    let by_name =
        unsafe { RendezvousPort::from_raw(source.name(), mach_ports::Disposition::MakeSend) };
    collection.insert(1, by_name.unwrap()).unwrap();
    let registration = register(&server, collection);
    drop(source);
    let answer = send(&server, Request::Ports.message()).unwrap();
    assert_eq!(Denial::read(&answer), Ok(Some(Denial::Undelivered)));
    let verdict = registration.wait(LONG);
    let gone = matches!(
        verdict,
        Rendezvous::Refused(Refusal::PortGone { key: 1, .. })
    );
    assert!(gone, "{verdict:?}");
    assert!(!has_senders(&port));
}

#[test]
fn a_stopped_server_releases_what_it_holds() {
    let server = RendezvousServer::unnamed().unwrap();
    let (port, collection) = one_port();
    let registration = register(&server, collection);
    let to_server: SendRight = server.send_right().unwrap();
    drop(server);
    let verdict = registration.wait(LONG);
    let stopped = matches!(verdict, Rendezvous::Refused(Refusal::ServerStopped));
    assert!(stopped, "{verdict:?}");
    assert!(!has_senders(&port));
    assert!(to_server.is_dead());
}

#[test]
fn the_shared_servers_are_one_for_each_id() {
    let id = BaseId::new("tests.server.shared").unwrap();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let id = id.clone();
            std::thread::spawn(move || RendezvousServer::shared(&id).unwrap())
        })
        .collect();
    let ports = threads
        .into_iter()
        .map(|thread| thread.join().unwrap().send_right().unwrap());
    let names: std::collections::BTreeSet<_> = ports.map(|port| port.name()).collect();
    assert_eq!(names.len(), 1);
}

#[test]
fn no_process_has_a_pid_like_that() {
    let server = server("pid");
    for pid in [0, -1, i32::MIN] {
        let refused = server.lock().register(pid, PortCollection::new());
        assert!(
            matches!(refused, Err(RegisterError::InvalidPid { .. })),
            "{refused:?}"
        );
    }
}
