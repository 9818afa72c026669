//! Any bytes: checks neither panic nor accept what cannot be taken.

use mach_interface::wire::{check_reply, check_request};
use mach_interface::{
    Array, CopySend, FixedText, Kinds, MakeSend, Ool, OolPorts, Ports, PortsUpTo, Text,
};
use mach_ports::AnyRight;
use proptest::prelude::*;

use crate::messages::{bytes, received};

type Copied = Option<CopySend>;

/// Everything that decodes, for one message. A fuzz target's body.
fn decode(message: &[u8]) {
    fn both<K: Kinds>(message: &[u8]) {
        if check_request::<K>(message).is_ok() {
            // A message that is accepted is whole.
            let inline_at = K::SHAPE.request_inline_at();
            assert!(message.len() >= inline_at + K::SHAPE.least);
            assert!(message.len() <= inline_at + K::SHAPE.most);
        }
        for id in [0, 5000, -100] {
            let _ = check_reply::<K>(id, message);
        }
    }
    both::<()>(message);
    both::<(i32, u64, bool, [u8; 5])>(message);
    both::<(Array<u8, 10>, Array<u64, 4>, u64)>(message);
    both::<(Text<64>, FixedText<32>, i32)>(message);
    both::<(Copied, Ports<MakeSend, 3>, PortsUpTo<Copied, 4>)>(message);
    both::<(i32, Copied, Text<64>, Ool<u8>, u64, OolPorts<Copied>)>(message);
    both::<(AnyRight, Ool<u64>)>(message);
}

/// Captured messages, of which mutations are most of interest.
fn seeds() -> Vec<Vec<u8>> {
    let all: serde_json::Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let vectors = all["vectors"].as_array().unwrap();
    let hex = vectors
        .iter()
        .flat_map(|vector| [&vector["request_hex"], &vector["reply_hex"]]);
    hex.filter(|hex| hex.is_string())
        .map(|hex| received(bytes(hex)))
        .collect()
}

proptest! {
    #[test]
    fn any_bytes(message in prop::collection::vec(any::<u8>(), 0..200)) {
        decode(&message);
    }

    #[test]
    fn mutated_messages(
        seed in prop::sample::select(seeds()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        len in any::<prop::sample::Index>(),
    ) {
        let mut message = seed;
        for (at, byte) in changes {
            let at = at.index(message.len());
            message[at] = byte;
        }
        decode(&message);
        let len = len.index(message.len());
        decode(&message[..len]);
    }
}
