//! What MIG's stubs refuse is refused with the same code, and what they accept is accepted.

use mach_interface::kind::{Any, Either, Move};
use mach_interface::wire::{Reply, check_reply, check_request};
use mach_interface::{
    Array, CopySend, Counted, FixedText, MakeSend, Ool, OolPorts, Ports, PortsUpTo, Refusal, Text,
};
use mach_ports::{AnyRight, ReturnCode, SendRight};
use serde_json::Value;

use crate::messages::{bytes, received};

type Copied = Option<CopySend>;
type Checked = Result<(), Refusal>;

/// Checks a request as the server of its routine does; `None` if there is no such routine.
fn check(id: u64, message: &[u8]) -> Option<Checked> {
    let check: fn(&[u8]) -> Checked = match id {
        5000 => check_request::<()>,
        5001 => check_request::<(i32, u64, bool, i32)>,
        5004 => check_request::<(Array<i32, 16>,)>,
        5005 => check_request::<(Array<u8, 10>, i32)>,
        5006 => check_request::<(Array<u8, 10>, Array<u64, 4>, u64)>,
        5007 => check_request::<(Text<64>, i32)>,
        5008 => check_request::<(FixedText<32>, i32)>,
        5010 => check_request::<(Ool<u8>,)>,
        5012 => check_request::<(Ool<i32, Any, Either>,)>,
        5016 => check_request::<(Copied, i32)>,
        5021 => check_request::<(AnyRight,)>,
        5022 => check_request::<(Ports<Copied, 3>,)>,
        5023 => check_request::<(PortsUpTo<Copied, 4>, i32)>,
        5024 => check_request::<(OolPorts<Copied>,)>,
        5027 => check_request::<(i32, [u8; 16])>,
        5033 | 5043 => check_request::<(i32,)>,
        5042 => check_request::<(Option<SendRight>, Ool<u8>, i32)>,
        5044 => check_request::<()>,
        _ => return None,
    };
    Some(check(message))
}

/// Where a string that MIG accepts is refused: it reaches into the next argument, or has no bytes at all.
const STRICTER: [&str; 2] = [
    "strings, no NUL in 4 bytes, NUL in next int",
    "strings, count 0",
];

#[test]
fn requests() {
    let all: Value = serde_json::from_str(include_str!("refusals.json")).unwrap();
    for case in all["requests"].as_array().unwrap() {
        let what = case["what"].as_str().unwrap();
        let message = received(bytes(&case["request_hex"]));
        let found = check(case["id"].as_u64().unwrap(), &message);
        let code = found
            .unwrap_or(Err(Refusal::BadId))
            .map_err(|refusal| refusal.code().get());
        let expected = match case["answer"].as_i64() {
            _ if STRICTER.contains(&what) => Err(-304),
            // The routine's own code, not the check's.
            Some(code) if code < 0 => Err(code as i32),
            _ => Ok(()),
        };
        assert_eq!(code, expected, "{what}");
    }
}

/// A string that a client takes without its NUL.
const STRICTER_REPLY: &str = "strings, no NUL";
/// `MACH_RCV_TOO_LARGE`.
const TOO_LARGE: i64 = 0x1000_4004;

#[test]
fn replies() {
    type Check = (fn(i32, &[u8]) -> Result<Reply, ReturnCode>, usize, i32);
    fn of<O: mach_interface::Kinds>(id: i32) -> Check {
        (check_reply::<O>, O::SHAPE.largest_reply(), id)
    }
    let all: Value = serde_json::from_str(include_str!("refusals.json")).unwrap();
    for case in all["replies"].as_array().unwrap() {
        let what = case["what"].as_str().unwrap();
        let (check, room, id) = match case["routine"].as_str().unwrap() {
            "nothing" => of::<()>(5000),
            "scalars" => of::<(i32, u64, bool, i32)>(5001),
            "varints" => of::<Array<i32, 16>>(5004),
            "strings" => of::<(Text<64>, i32)>(5007),
            "oolmem" => of::<Ool<u8>>(5010),
            "pcopy" => of::<(Copied, i32)>(5016),
            "counted" => of::<Counted<i32, 16>>(5038),
            other => panic!("{other}"),
        };
        let expected = case["client_returns"].as_i64().unwrap();
        let raw = bytes(&case["reply_hex"]);
        // As the stub does, by the size that it receives.
        if expected == TOO_LARGE {
            assert!(raw.len() > room, "{what}");
            continue;
        }
        assert!(raw.len() <= room, "{what}");
        let found = match check(id, &received(raw)) {
            Ok(Reply::Values) => 0,
            Ok(Reply::Failed(code)) | Err(code) => code.get(),
            _ => unreachable!(),
        };
        let expected = match what {
            STRICTER_REPLY => -300,
            // More than there is room for is found when it is taken.
            "counted, 4 in room for 2" => 0,
            _ => expected as i32,
        };
        assert_eq!(found, expected, "{what}");
    }
}

#[test]
fn what_mig_does_not_see_is_refused() {
    // A count of rights beyond the places for them.
    let mut message = vec![0; 92];
    message[3] = 0x80;
    message[4] = 92;
    message[24] = 4;
    message[84] = 5;
    assert_eq!(check(5023, &message), Some(Err(Refusal::BadArguments)));
    message[84] = 4;
    assert_eq!(check(5023, &message), Some(Ok(())));
    let _: fn() -> mach_interface::describe::Type =
        <OolPorts<Option<MakeSend>, Any, Move> as mach_interface::Kind>::describe;
}
