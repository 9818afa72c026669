//! A client and a server of the captured interface, over real ports.

use std::sync::{Arc, mpsc};
use std::time::Duration;

use mach_interface::{CallError, Deferred, DeferredReply, Server, code};
use mach_ports::{Message, ReceiveRight, ReplyRight, ReturnCode, SendRight, census};

use crate::echo::{Echo, every_kind};
use crate::kinds::{KindsClient, KindsServer, Km, KmClient, KmServer};

const SOON: Duration = Duration::from_secs(60);

/// Keeps what it is asked until it is told what to do with it.
struct Volumes(mpsc::Sender<DeferredReply<i32>>);

impl Km for Volumes {
    fn lock_volume(
        &self,
        reply: DeferredReply<i32>,
        _: Option<SendRight>,
        vol: [u8; 16],
        _: i32,
    ) -> Deferred {
        assert_ne!(vol[0], 99, "a panic that was ordered");
        self.0.send(reply).unwrap();
        Deferred
    }
}

fn serve() -> (
    KindsClient,
    mach_interface::server::Running,
    mpsc::Receiver<i32>,
) {
    let (oneway, told) = mpsc::channel();
    let server = Server::new().unwrap();
    let right = server
        .add(KindsServer::new(Echo {
            port: Arc::new(ReceiveRight::new().unwrap()),
            oneway,
        }))
        .unwrap();
    let running = server.spawn(2).unwrap();
    (KindsClient::new(right).with_timeout(SOON), running, told)
}

#[test]
fn every_kind_goes_there_and_back() {
    let (client, running, told) = serve();
    every_kind(&client);
    client.oneway(5, [0; 16]).unwrap();
    assert_eq!(told.recv_timeout(SOON), Ok(5));
    let port = ReceiveRight::new().unwrap();
    client.onewayreply(&port, 6).unwrap();
    let reply = port
        .receive(&mach_ports::ReceiveOptions::new().timeout(SOON))
        .unwrap();
    assert_eq!(
        (reply.id(), reply.body().get(12..)),
        (5129, Some(&[6, 0, 0, 0][..]))
    );
    running.stop();
}

#[test]
fn errors_say_what_went_wrong() {
    let (client, running, _told) = serve();
    let right = ReceiveRight::new().unwrap();
    let refuse = |code| {
        let given = right.make_send().unwrap();
        client.refuse(Some(given), &[1, 2], code)
    };
    assert!(matches!(refuse(5), Err(CallError::Failed(code)) if code.get() == 5));
    assert!(matches!(
        refuse(code::NO_REPLY.get()),
        Err(CallError::ServerDied)
    ));
    assert!(matches!(client.noreply(1), Err(CallError::ServerDied)));
    // A panic is an answer, and the server goes on.
    assert!(matches!(
        refuse(99),
        Err(CallError::Failed(code::EXCEPTION))
    ));
    client.nothing().unwrap();
    assert!(matches!(
        client.counted(5, 4),
        Err(CallError::NoRoom { count: 5 })
    ));
    assert!(matches!(
        client.counted(17, 20),
        Err(CallError::Failed(code::ARRAY_TOO_LARGE))
    ));
    assert!(matches!(client.varints(&[0; 17]), Err(CallError::TooLong)));
    // Everything that the failed calls brought has gone.
    assert_eq!(client.nothing().map_err(|error| error.code()), Ok(()));
    assert!(!right.status().unwrap().has_senders);

    let other = KmClient::new(client.right().clone()).with_timeout(SOON);
    let refused = other.lock_volume(None, [0; 16], 1).unwrap_err();
    assert!(matches!(
        refused,
        CallError::Refused(mach_interface::Refusal::BadId)
    ));
    running.stop();

    let gone = ReceiveRight::new().unwrap().make_send().unwrap();
    let dead = KindsClient::new(gone).nothing().unwrap_err();
    assert!(matches!(
        dead,
        CallError::NotSent(mach_ports::SendError::DestinationDead)
    ));
    let silent = ReceiveRight::new().unwrap();
    let client =
        KindsClient::new(silent.make_send().unwrap()).with_timeout(Duration::from_millis(1));
    assert!(matches!(client.nothing(), Err(CallError::NoReplyInTime)));
    // The request's reply port is gone: a late answer reaches nobody.
    let mut late = silent
        .receive(&mach_ports::ReceiveOptions::new().timeout(SOON))
        .unwrap();
    match late.take_reply() {
        None => {}
        Some(ReplyRight::SendOnce(right)) => assert!(right.is_dead()),
        other => panic!("{other:?}"),
    }
}

/// A call of a server that answers with these bytes behind the header.
fn answered(id: i32, body: Vec<u8>) -> CallError {
    let port = ReceiveRight::new().unwrap();
    let client = KindsClient::new(port.make_send().unwrap()).with_timeout(SOON);
    let server = std::thread::spawn(move || {
        let soon = mach_ports::ReceiveOptions::new().timeout(SOON);
        let to = port.receive(&soon).unwrap().take_reply().unwrap();
        let reply = Message::new(id).bytes(&body);
        reply.reply_by(to, &mach_ports::SendOptions::new()).unwrap();
    });
    let error = client.nothing().unwrap_err();
    server.join().unwrap();
    error
}

#[test]
fn a_reply_that_is_none_is_told_from_failures() {
    let code = |id, body| match answered(id, body) {
        CallError::Malformed(code) => code.get(),
        other => panic!("{other:?}"),
    };
    assert_eq!(code(5100, vec![0; 16]), 0x1000_4004);
    assert_eq!(code(5100, vec![0; 8]), -300);
    assert_eq!(code(5101, vec![0; 12]), -301);
    assert!(matches!(answered(71, Vec::new()), CallError::ServerDied));
    let failed = answered(5100, vec![0, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0]);
    assert!(matches!(failed, CallError::Failed(code) if code.get() == 5));
}

#[test]
fn deferred_replies() {
    let (asked, questions) = mpsc::channel();
    let server = Server::new().unwrap();
    let right = server.add(KmServer::new(Volumes(asked))).unwrap();
    let running = server.spawn(1).unwrap();
    let client = KmClient::new(right).with_timeout(SOON);
    let call = |volume| {
        let client = client.clone();
        std::thread::spawn(move || client.lock_volume(None, [volume; 16], 1))
    };
    let next = || questions.recv_timeout(SOON).unwrap();

    // In another order than they were asked.
    let (one, first) = (call(1), next());
    let (other, second) = (call(2), next());
    assert!(second.try_reply(2));
    assert_eq!(other.join().unwrap().unwrap(), 2);
    assert!(first.is_awaited());
    first.reply(1);
    assert_eq!(one.join().unwrap().unwrap(), 1);

    let failed = call(3);
    next().fail(ReturnCode::new(7));
    assert!(matches!(failed.join().unwrap(), Err(CallError::Failed(code)) if code.get() == 7));
    let dropped = call(4);
    drop(next());
    assert!(matches!(
        dropped.join().unwrap(),
        Err(CallError::ServerDied)
    ));
    // One that has given up is not told anything.
    let hasty = client.clone().with_timeout(Duration::from_millis(1));
    assert!(matches!(
        hasty.lock_volume(None, [5; 16], 1),
        Err(CallError::NoReplyInTime)
    ));
    assert!(!next().try_reply(5));
    let panicked = call(99).join().unwrap();
    assert!(matches!(panicked, Err(CallError::Failed(code::EXCEPTION))));
    running.stop();
}

#[test]
fn nothing_is_left_of_calls() {
    let (client, running, _told) = serve();
    every_kind(&client);
    let before = census::names().unwrap().len();
    for _ in 0..50 {
        every_kind(&client);
    }
    // Other tests of this process come and go; a leak of one right for each call would be many more.
    let after = census::names().unwrap().len();
    assert!(after < before + 50, "{before} names became {after}");
    running.stop();
}
