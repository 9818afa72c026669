//! Golden bytes: the messages of a rendezvous, word for word as Chromium's `mach_port_rendezvous.cc` lays them out.
//!
//! One side is the real one, the other is made by hand here or in the peer. A machine's own byte order is Mach's.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use launcher::key;
use mach_ports::{ReceiveRight, bootstrap};
use rendezvous_server::BaseId;
use rendezvous_tests::events::{next, server};
use rendezvous_tests::peer::Peer;
use rendezvous_tests::{LONG, bytes, peer};

const PORT: u32 = key(b"port");
/// `'mrzv'`, `'mrzV'` and `'MRZV'`.
const REQUEST: u32 = 0x6d72_7a76;
const REQUEST_WITH_DATA: u32 = 0x6d72_7a56;
const REPLY: u32 = 0x4d52_5a56;

/// A name of this process that a test of its own serves, by hand.
fn service(test: &str) -> (String, ReceiveRight) {
    let base_id = format!("tests.rendezvous.wire-{test}");
    let name = BaseId::new(&*base_id)
        .unwrap()
        .bootstrap_name(std::process::id().cast_signed());
    (base_id, bootstrap::check_in(&name).unwrap())
}

fn request(port: &ReceiveRight) -> Vec<u32> {
    bytes::receive(port.name(), LONG).unwrap()
}

/// What stands for the additional data 1, 2, 3, 4, 5: 64 bits of length, and the bytes, padded.
fn five_bytes() -> [u32; 4] {
    let mut bytes = 5_u64.to_ne_bytes().to_vec();
    bytes.extend([1, 2, 3, 4, 5, 0, 0, 0]);
    let (words, _) = bytes.as_chunks();
    [0, 1, 2, 3].map(|index: usize| u32::from_ne_bytes(words[index]))
}

#[test]
fn a_request_is_24_bytes() {
    let (base_id, port) = service("request");
    for (connect, id) in [("connect plain", REQUEST), ("connect", REQUEST_WITH_DATA)] {
        let mut child = Peer::start(peer!["-"].base_id(&*base_id));
        child.tell(connect);
        let request = request(&port);
        // The destination is a send right, the reply port a send-once right, whose name is this task's.
        let [0x1112, 24, reply, _, 0, _] = request[..] else {
            panic!("{request:x?}")
        };
        assert_eq!(request, [0x1112, 24, reply, port.name(), 0, id]);
        // An empty reply, as a server has sent it since there are rendezvous.
        let mut empty = [18 | 1 << 31, 36, reply, 0, 0, REPLY, 0, 0, 0];
        assert_eq!(bytes::send(&mut empty, LONG), 0);
        assert_eq!(child.line(), "connected 0");
        child.finish();
    }
}

#[test]
fn a_reply_made_by_hand_is_taken() {
    let (base_id, port) = service("taken");
    let target = ReceiveRight::new().unwrap();
    let mut child = Peer::start(peer!["-"].base_id(&*base_id));
    child.tell("connect");
    let to = request(&port)[2];
    let [length_low, length_high, data, end_of_data] = five_bytes();
    // A descriptor: the name, nothing, the disposition above 16 bits of nothing and below the type, which is 0.
    let mut reply = [
        18 | 1 << 31,
        24 + 4 + 2 * 12 + 2 * 4 + 8 + 8,
        to,
        0,
        0,
        REPLY,
        2,
        target.name(),
        0,
        21 << 16,
        target.name(),
        0,
        20 << 16,
        key(b"once"),
        PORT,
        length_low,
        length_high,
        data,
        end_of_data,
    ];
    assert_eq!(bytes::send(&mut reply, LONG), 0);
    assert_eq!(child.line(), "connected 2");
    assert_eq!(child.ask("data"), "5 bytes, sum 15");
    assert_eq!(child.ask("take once once"), "taken");
    assert_eq!(child.ask("send once 1"), "sent");
    assert_eq!(child.ask("take send port"), "taken");
    assert_eq!(child.ask("send port 2"), "sent");
    // They came by two ways, between which there is no order.
    let mut ids = [next(&target).id(), next(&target).id()];
    ids.sort_unstable();
    assert_eq!(ids, [1, 2]);
    child.finish();
}

#[test]
fn a_reply_is_what_chromiums_clients_read() {
    let server = server("wire-reply");
    let look_up = format!("look-up server {}", server.bootstrap_name().unwrap());
    let data = five_bytes().map(|word| format!("{word:x}")).join(" ");
    let rights = "name 0 120000 name 0 110000 name 0 100000 6f6e6365 706f7274 72637665";
    for (form, expected) in [
        (
            "ports",
            format!("80001200 54 0 name 0 4d525a56 3 {rights} 0 0"),
        ),
        (
            "data",
            format!("80001200 5c 0 name 0 4d525a56 3 {rights} {data}"),
        ),
    ] {
        let port = ReceiveRight::new().unwrap();
        let mut child = Peer::start(
            peer!["-"]
                .server(&server)
                .port(key(b"rcve"), ReceiveRight::new().unwrap())
                .port(PORT, port.make_send().unwrap())
                .port(key(b"once"), port.make_send_once().unwrap())
                .additional_data([1, 2, 3, 4, 5]),
        );
        assert_eq!(child.ask(&look_up), "found");
        assert_eq!(child.ask(&format!("ask server {form}")), "asked");
        assert_eq!(child.ask("reply"), expected, "{form}");
        // Once more: nothing is left, and 36 bytes say so. A kernel may take the complex bit from what has no
        // descriptors.
        assert_eq!(child.ask(&format!("ask server {form}")), "asked");
        let empty = child.ask("reply");
        let [bits, rest] = empty.split_once(' ').unwrap().into();
        assert!(["80001200", "1200"].contains(&bits), "{empty}");
        assert_eq!(rest, "24 0 name 0 4d525a56 0 0 0");
        child.finish();
    }
}
