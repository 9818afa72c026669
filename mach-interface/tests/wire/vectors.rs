//! What is sent is what MIG's stubs send, and what they send is accepted.

use std::ffi::CStr;
use std::sync::Arc;

use mach_interface::kind::{Any, Kinds, Move, Source};
use mach_interface::wire::{Reply, check_reply, check_request, reply, request};
use mach_interface::{
    Array, CopySend, Counted, MakeSend, Ool, OolArray, OolPorts, Ports, PortsUpTo, Room, Text,
};
use mach_ports::{AnyRight, OutgoingRight, ReceiveRight, SendRight};
use serde_json::Value;

use crate::messages::{blank, bytes, received};

type Copied = Option<CopySend>;
type Made = Option<MakeSend>;

fn vector(name: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let vectors = all["vectors"].as_array().unwrap();
    vectors
        .iter()
        .find(|vector| vector["name"] == name)
        .unwrap()
        .clone()
}

fn same(mut ours: Vec<u8>, mut theirs: Vec<u8>, unspecified: &Value, what: &str) {
    blank(&mut ours, unspecified);
    blank(&mut theirs, unspecified);
    assert_eq!(ours, theirs, "{what}");
}

/// Compares a request of ours with the captured one, and has the captured one accepted.
fn sent<I: Kinds>(name: &str, arguments: I::Given<'_>) {
    let vector = vector(name);
    let id = vector["id"].as_i64().unwrap() as i32;
    let theirs = bytes(&vector["request_hex"]);
    let (message, _) = request::<I>(id, arguments).unwrap();
    same(
        message.as_bytes().to_vec(),
        theirs.clone(),
        &vector["request_unspecified"],
        name,
    );
    assert_eq!(check_request::<I>(&received(theirs)), Ok(()), "{name}");
}

/// Compares a reply of ours with the captured one, and has the captured one accepted.
fn answered<O: Kinds>(name: &str, results: O::Returned) {
    let vector = vector(name);
    let id = vector["id"].as_i64().unwrap() as i32;
    let theirs = bytes(&vector["reply_hex"]);
    let message = reply::<O>(id, results).unwrap();
    same(
        message.as_bytes().to_vec(),
        theirs.clone(),
        &vector["reply_unspecified"],
        name,
    );
    assert_eq!(
        check_reply::<O>(id, &received(theirs)),
        Ok(Reply::Values),
        "{name}"
    );
    let room = vector["client_rcv_size"].as_u64().unwrap() as usize;
    assert_eq!(O::SHAPE.largest_reply() + 8, room, "{name}");
}

fn right() -> SendRight {
    ReceiveRight::new().unwrap().make_send().unwrap()
}

fn copy(bytes: &[u8]) -> OolArray<u8> {
    OolArray::copy_of(bytes).unwrap()
}

fn text(text: &CStr) -> std::ffi::CString {
    text.to_owned()
}

#[test]
fn inline_arguments() {
    sent::<()>("nothing", ());
    answered::<()>("nothing", ());

    type Scalars = (i32, u64, bool, i32);
    sent::<Scalars>("scalars", (0x0102_0304, 0x1112_1314_1516_1718, true, 3));
    answered::<Scalars>("scalars", (0x0102_0305, 0x1112_1314_1516_1719, false, 4));

    type Fixed = ([u8; 16], [i32; 3], [u64; 2], [u8; 5], i32);
    let up: [u8; 16] = std::array::from_fn(|index| index as u8);
    let down = std::array::from_fn(|index| 15 - index as u8);
    let (a, b) = (0xa1a2_a3a4_a5a6_a7a8, 0xb1b2_b3b4_b5b6_b7b8);
    sent::<Fixed>("fixed", (up, [1, 2, 3], [a, b], [1, 2, 3, 4, 5], 9));
    answered::<Fixed>("fixed", (down, [2, 4, 6], [b, a], [5, 4, 3, 2, 1], 10));

    type Both = (i32, u64, [u8; 16]);
    sent::<Both>("both", (5, 6, up));
    let mut out = up;
    out[0] = 0xff;
    answered::<Both>("both", (6, 7, out));

    sent::<(f64, f32)>("doubles", (1.5, 2.25));
    answered::<f64>("doubles", 3.75);
}

#[test]
fn inline_arrays_and_strings() {
    sent::<(Array<i32, 16>,)>("varints3", (&[1, 2, 3],));
    answered::<Array<i32, 16>>("varints3", vec![3, 2, 1]);

    type TwoVar = (Array<u8, 10>, Array<u64, 4>, u64);
    sent::<TwoVar>(
        "twovar",
        (
            &[0xb1, 0xb2, 0xb3],
            &[0x0102_0304_0506_0708, 2],
            0x5566_7788,
        ),
    );
    answered::<TwoVar>(
        "twovar",
        (
            vec![0xb2, 0xb3, 0xb4],
            vec![0x0102_0304_0506_0709, 3],
            0x5566_7789,
        ),
    );

    type Strings = (Text<64>, i32);
    sent::<Strings>("strings", (c"hello", 5));
    answered::<Strings>("strings", (text(c"re:hello"), 6));
    sent::<Strings>("strings_empty", (c"", 5));
    answered::<Strings>("strings_empty", (text(c"re:"), 6));

    sent::<(i32, Room<16>)>("counted", (3, 16));
    answered::<Counted<i32, 16>>("counted", vec![100, 101, 102]);
}

#[test]
fn memory_out_of_line() {
    sent::<(Ool<u8>,)>("oolmem", (&[0, 1, 2, 3, 4],));
    answered::<Ool<u8>>("oolmem", copy(&[1, 2, 3, 4, 5]));

    type Give = (Ool<u8, Any, Move>, i32);
    sent::<Give>("oolgive", (copy(&[0, 1, 2, 3, 4, 5]), 3));
    answered::<Give>("oolgive", (copy(&[0xff; 6]), 4));

    type Names = (Ool<u32>, Ool<u32>);
    sent::<()>("mport_names", ());
    let (names, types) = (OolArray::copy_of(&[1, 2, 3]), OolArray::copy_of(&[4, 5, 6]));
    answered::<Names>("mport_names", (names.unwrap(), types.unwrap()));
    drop(Source::from(copy(&[])));
}

#[test]
fn rights() {
    let (one, port) = (right(), ReceiveRight::new().unwrap());
    type Copy = (Copied, i32);
    sent::<Copy>("pcopy", (Some(&one), 1));
    answered::<Copy>("pcopy", (Some(right()), 2));

    sent::<(AnyRight,)>("ppoly", (OutgoingRight::MakeSend(&port),));
    answered::<AnyRight>("ppoly", right().into());

    type Receive = Option<ReceiveRight>;
    sent::<(Receive,)>("pmoverecv", (ReceiveRight::new().ok(),));
    answered::<Receive>("pmoverecv", ReceiveRight::new().ok());

    type Three = Ports<Copied, 3>;
    sent::<(Three,)>("pthree", ([Some(&one), Some(&one), None],));
    answered::<Three>("pthree", [Some(right()), None, Some(right())]);

    type UpTo = (PortsUpTo<Copied, 4>, i32);
    sent::<UpTo>("pupto4", (vec![Some(&one), Some(&one)], 5));
    answered::<UpTo>("pupto4", (vec![Some(right())], 6));

    sent::<(OolPorts<Copied>,)>("pmany", (vec![Some(&one), Some(&one), None],));
    let port = Arc::new(port);
    answered::<OolPorts<Made, Any, Move>>("pmany", vec![Some(Arc::clone(&port)), Some(port)]);
}

#[test]
fn all_together() {
    let (one, port) = (right(), ReceiveRight::new().unwrap());
    type In = (i32, Made, Text<64>, Ool<u8>, u64, OolPorts<Copied>);
    let bytes = [0, 1, 2, 3, 4];
    let rights = vec![Some(&one), Some(&one)];
    sent::<In>(
        "mixdesc",
        (
            0x11,
            Some(&port),
            c"hello",
            &bytes,
            0x2122_2324_2526_2728,
            rights,
        ),
    );
    type Out = (Made, i32, Ool<u8, Any, Move>, Text<64>);
    answered::<Out>(
        "mixdesc",
        (Some(Arc::new(port)), 0x12, copy(&bytes), text(c"<hello>")),
    );
}

#[test]
fn simple_failing_and_deferred_routines() {
    let up: [u8; 16] = std::array::from_fn(|index| index as u8);
    sent::<(i32, [u8; 16])>("oneway", (0, up));
    sent::<(i32,)>("onewayreply", (1,));
    sent::<(Option<SendRight>, Ool<u8>, i32)>("refuse5", (Some(right()), &[0, 1, 2, 3, 4], 5));
    let vector = vector("refuse5");
    let failed = check_reply::<i32>(5042, &received(bytes(&vector["reply_hex"])));
    assert_eq!(failed, Ok(Reply::Failed(mach_ports::ReturnCode::new(5))));

    let port = ReceiveRight::new().unwrap();
    let mut volume = [0; 16];
    volume[0] = 0xaa;
    sent::<(Made, [u8; 16], i32)>("km_lock_volume_deferred", (Some(&port), volume, 1));
    answered::<i32>("km_lock_volume_deferred", 0);
}

#[test]
fn every_vector_is_here() {
    let source = include_str!("vectors.rs");
    let all: Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    for vector in all["vectors"].as_array().unwrap() {
        assert!(
            source.contains(&format!("{}", vector["name"])),
            "{}",
            vector["name"]
        );
    }
}
