//! Servers that send what no server should.

use std::thread;
use std::time::Duration;

use mach_ports::{Message, ReceiveOptions, ReceiveRight, ReplyRight, SendOptions, bootstrap};
use rendezvous_protocol::wire::{MAX_ADDITIONAL_DATA, REPLY, encode_body};

use crate::{
    BaseId, ConnectError, ConnectOptions, Denial, MalformedReply, RendezvousClient, ServerName,
};

const LONG: Duration = Duration::from_secs(60);

fn own_pid() -> i32 {
    std::process::id().cast_signed()
}

/// Connects to a server that answers one request with `reply`, or drops it.
fn answered_by(
    test: &str,
    reply: Option<Message<'static>>,
    pid_in_name: i32,
) -> Result<RendezvousClient, ConnectError> {
    let base_id = BaseId::new(format!("tests.hostile.{test}")).unwrap();
    let port = bootstrap::check_in(&base_id.bootstrap_name(pid_in_name)).unwrap();
    let server = thread::spawn(move || {
        let mut request = port.receive(&ReceiveOptions::new().timeout(LONG)).unwrap();
        let Some(ReplyRight::SendOnce(to)) = request.take_reply() else {
            panic!("{request:?}")
        };
        if let Some(reply) = reply {
            reply.send_once(to, &SendOptions::new()).unwrap();
        }
    });
    let options = ConnectOptions::new()
        .base_id(base_id)
        .server_pid(pid_in_name)
        .deadline(LONG);
    let client = RendezvousClient::connect(&options);
    server.join().unwrap();
    client
}

/// A reply with send rights to a new port, and that port.
fn reply(id: i32, rights: usize, body: &[u8]) -> (ReceiveRight, Message<'static>) {
    let port = ReceiveRight::new().unwrap();
    let reply = (0..rights)
        .fold(Message::new(id), |reply, _| {
            reply.move_send(port.make_send().unwrap())
        })
        .bytes(body);
    (port, reply)
}

fn no_senders(port: &ReceiveRight) -> bool {
    !port.status().unwrap().has_senders
}

#[test]
fn malformed_replies_are_errors_and_leave_nothing() {
    let key = |key| encode_body(&[key], &[]);
    let mut cut = encode_body(&[1, 2], b"data");
    cut.truncate(16);
    for (test, id, rights, body, expected) in [
        (
            "id",
            REPLY + 1,
            1,
            key(1),
            MalformedReply::Id { id: REPLY + 1 },
        ),
        (
            "twice",
            REPLY,
            2,
            encode_body(&[7, 7], &[]),
            MalformedReply::DuplicateKey { key: 7 },
        ),
        (
            "order",
            REPLY,
            2,
            encode_body(&[7, 3], &[]),
            MalformedReply::KeysOutOfOrder { key: 3 },
        ),
        (
            "few-keys",
            REPLY,
            2,
            key(1),
            MalformedReply::Truncated { len: 12 },
        ),
        // The second and third key read as the length.
        (
            "many-keys",
            REPLY,
            1,
            encode_body(&[1, 2, 900], &[]),
            MalformedReply::TooMuchData { len: 900 << 32 | 2 },
        ),
        ("cut", REPLY, 2, cut, MalformedReply::Truncated { len: 16 }),
        (
            "nothing",
            REPLY,
            1,
            vec![],
            MalformedReply::Truncated { len: 0 },
        ),
    ] {
        let (port, reply) = reply(id, rights, &body);
        match answered_by(test, Some(reply), own_pid()) {
            Err(ConnectError::Malformed(found)) => assert_eq!(found, expected, "{test}"),
            other => panic!("{test}: {other:?}"),
        }
        assert!(no_senders(&port), "{test}");
    }
}

#[test]
fn an_oversized_reply_is_not_even_received() {
    let (port, reply) = reply(
        REPLY,
        1,
        &encode_body(&[1], &vec![0; 2 * MAX_ADDITIONAL_DATA]),
    );
    let refused = answered_by("oversized", Some(reply), own_pid());
    assert!(matches!(refused, Err(ConnectError::Call(_))), "{refused:?}");
    assert!(no_senders(&port));
}

#[test]
fn memory_instead_of_a_port_is_refused() {
    let reply = Message::new(REPLY)
        .out_of_line(vec![1; 9000])
        .bytes(&encode_body(&[1], &[]));
    let refused = answered_by("memory", Some(reply), own_pid());
    let expected = MalformedReply::NotAPort { index: 0 };
    assert!(matches!(refused, Err(ConnectError::Malformed(found)) if found == expected));
}

#[test]
fn a_dropped_request_is_no_answer() {
    let name = "tests.hostile.dropped.MachPortRendezvousServer";
    let expected = ServerName::Name(format!("{name}.{}", own_pid()));
    match answered_by("dropped", None, own_pid()) {
        Err(ConnectError::NoReply { server }) => assert_eq!(server, expected),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_denial_is_believed_of_the_server_only() {
    for reason in [
        Denial::Requirement,
        Denial::Undelivered,
        Denial::Unidentified,
    ] {
        match answered_by("denied", Some(reason.message()), own_pid()) {
            Err(ConnectError::Denied { reason: found }) => assert_eq!(found, reason),
            other => panic!("{other:?}"),
        }
        let stranger = answered_by("denied-by", Some(reason.message()), own_pid() + 1);
        assert!(
            matches!(stranger, Err(ConnectError::WrongProcess { .. })),
            "{stranger:?}"
        );
    }
}

#[test]
fn a_reply_from_another_process_than_the_one_in_the_name_is_refused() {
    let (port, reply) = reply(REPLY, 1, &encode_body(&[1], &[]));
    let other = own_pid() + 1;
    match answered_by("impostor", Some(reply), other) {
        Err(ConnectError::WrongProcess { expected, found }) => {
            assert_eq!((expected, found), (other, own_pid()));
        }
        other => panic!("{other:?}"),
    }
    assert!(no_senders(&port));
}

#[test]
fn a_server_that_never_replies_is_given_up() {
    let base_id = BaseId::new("tests.hostile.silent").unwrap();
    let _port = bootstrap::check_in(&base_id.bootstrap_name(own_pid())).unwrap();
    let options = ConnectOptions::new()
        .base_id(base_id)
        .server_pid(own_pid())
        .deadline(Duration::from_millis(20));
    let refused = RendezvousClient::connect(&options);
    assert!(
        matches!(refused, Err(ConnectError::DeadlineExceeded { .. })),
        "{refused:?}"
    );
}
