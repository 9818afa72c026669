//! Inputs to begin with: a request of each routine, and what is wrong with others.

use mach_ports::{OutgoingRight, ReceiveRight};
use mach_rendezvous::interface::kind::Kinds;
use mach_rendezvous::interface::wire::request;
use mach_rendezvous::interface::{
    Array, CopySend, FixedText, Ool, OolPorts, Ports, PortsUpTo, Room, Text,
};

use super::shapes::BASE;

type Copied = Option<CopySend>;

/// Where a complex message's descriptor count is, and where each descriptor has its type.
const COUNT: usize = 24;
const TYPE: usize = 11;

/// Each with a name.
///
/// # Panics
/// If the system is short of what rights are made of.
#[must_use]
pub fn seeds() -> Vec<(String, Vec<u8>)> {
    let port = ReceiveRight::new().expect("a port");
    let right = port.make_send().expect("a right");
    let one = || Some(&right);
    let requests = [
        (
            "numbers",
            bytes::<(i32, u64, bool, [u8; 5])>(0, (-2, 40, true, [3; 5])),
        ),
        (
            "arrays",
            bytes::<(Array<u8, 10>, Array<u64, 4>)>(1, (&[1, 2, 3], &[4, 5])),
        ),
        (
            "text",
            bytes::<(Text<64>, FixedText<32>)>(2, (c"short", c"fixed")),
        ),
        ("counted", bytes::<(Room<16>,)>(3, (5,))),
        (
            "rights",
            bytes::<(Copied, Ports<Copied, 3>, PortsUpTo<Copied, 4>)>(
                4,
                (one(), [one(), None, one()], vec![one(), one()]),
            ),
        ),
        (
            "memory",
            bytes::<(Ool<u8>, Ool<u64>)>(5, (&[1, 2, 3], &[4, 5])),
        ),
        (
            "any",
            bytes::<(mach_ports::AnyRight, OolPorts<Copied>)>(
                6,
                (OutgoingRight::CopySend(&right), vec![one(), None]),
            ),
        ),
        ("no-routine", bytes::<()>(7, ())),
    ];
    requests
        .iter()
        .flat_map(|(name, bytes)| {
            let wrong = wrong(bytes).into_iter();
            let wrong = wrong.map(move |(how, bytes)| (format!("{name}-{how}"), bytes));
            [((*name).to_owned(), bytes.clone())]
                .into_iter()
                .chain(wrong)
        })
        .collect()
}

/// A request, with nothing in it that is another one each time.
fn bytes<I: Kinds>(index: i32, arguments: I::Given<'_>) -> Vec<u8> {
    let (message, _) = request::<I>(BASE + index, arguments).expect("an honest request");
    let mut bytes = message.as_bytes().to_vec();
    let mut descriptors = descriptors(&bytes);
    while let Some(at) = descriptors.pop() {
        // A name, or an address: that there is something is all that counts.
        let len = if bytes[at + TYPE] == 0 { 4 } else { 8 };
        let some = u8::from(bytes[at..at + len].iter().any(|byte| *byte != 0));
        bytes[at..at + len].fill(0);
        bytes[at] = some;
    }
    // The header's bits, and the id; ports and sizes are those of who sends.
    bytes[0] = 0x13;
    bytes[1..3].fill(0);
    bytes[4..20].fill(0);
    bytes
}

/// Where descriptors begin.
fn descriptors(bytes: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    if bytes[3] & 0x80 == 0 {
        return found;
    }
    let mut at = COUNT + 4;
    for _ in 0..bytes[COUNT] {
        found.push(at);
        at += if bytes[at + TYPE] == 0 { 12 } else { 16 };
    }
    found
}

/// The same, with something wrong.
fn wrong(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = bytes.to_vec();
        change(&mut bytes);
        bytes
    };
    let longer = changed(&|bytes| bytes.extend([0; 4]));
    let mut all = vec![("longer", longer)];
    let inline = descriptors(bytes).last().map_or(COUNT, |&last| {
        last + if bytes[last + TYPE] == 0 { 12 } else { 16 }
    });
    // Behind the NDR record: the first argument, which is a count where there can be one.
    let first = inline + 8;
    if bytes.len() > first {
        all.push(("shorter", changed(&|bytes| bytes.truncate(bytes.len() - 4))));
        all.push((
            "counted",
            changed(&|bytes| bytes[first..first + 4].fill(0xff)),
        ));
        all.push(("ends", changed(&|bytes| bytes[first + 4..].fill(1))));
    }
    if let Some(&at) = descriptors(bytes).first() {
        all.push((
            "of-another-kind",
            changed(&|bytes| bytes[at + TYPE - 1] = 20),
        ));
        all.push(("missing", changed(&|bytes| bytes[COUNT] -= 1)));
    }
    all
}
