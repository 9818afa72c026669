//! Replies, as MIG's servers write them.

use crate::headers::kern_return::{KERN_SUCCESS, kern_return_t};
use crate::headers::ndr::NDR_record_t;
use crate::kernel::messages::kmsg::{Descriptor, Kmsg, Memory, Sender};
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::right::Right;
use crate::wire::layout::{PortDescriptor, RegionDescriptor};

/// What a routine came to.
#[derive(Debug, Default)]
pub(super) struct Reply {
    code: kern_return_t,
    carried: Vec<Descriptor>,
    words: Vec<u32>,
}

impl Reply {
    /// Success, and nothing more to say.
    pub(super) fn done(_: ()) -> Self {
        Self::default()
    }

    pub(super) fn error(code: kern_return_t) -> Self {
        Self {
            code,
            ..Self::default()
        }
    }

    pub(super) fn word(word: u32) -> Self {
        Self::words(vec![word])
    }

    pub(super) fn words(words: Vec<u32>) -> Self {
        Self {
            words,
            ..Self::default()
        }
    }

    pub(super) fn long(value: u64) -> Self {
        Self::words(vec![value as u32, (value >> 32) as u32])
    }

    /// An array of words inline, its count first.
    pub(super) fn array(words: Vec<u32>) -> Self {
        let count = words.len() as u32;
        Self::words([vec![count], words].concat())
    }

    /// A right, which arrives with a disposition.
    pub(super) fn right(right: Right, disposition: u32) -> Self {
        Self {
            carried: vec![Descriptor::Port {
                right,
                disposition,
                guard: None,
            }],
            ..Self::default()
        }
    }

    /// Adds an array of so many elements out of line, its count at its place among the words.
    pub(super) fn with_memory(mut self, elements: usize, words: Vec<u32>) -> Self {
        let bytes: Vec<u8> = words.into_iter().flat_map(u32::to_ne_bytes).collect();
        self.carried.push(Descriptor::Memory {
            memory: Memory::Bytes(bytes.into()),
            virtual_copy: true,
            volatile: false,
        });
        self.words.push(elements as u32);
        self
    }

    /// The message. A failure is never complex; a complex reply is a success, and has no code.
    pub(super) fn into_message(self, id: i32, to: Right) -> Kmsg {
        let Self {
            code,
            carried,
            words,
        } = self;
        let ndr = NDR_record_t::NATIVE.to_bytes();
        let mut body = Vec::new();
        if carried.is_empty() {
            body.extend_from_slice(&ndr);
            body.extend_from_slice(&code.to_ne_bytes());
        } else {
            body.extend_from_slice(&(carried.len() as u32).to_ne_bytes());
            body.resize(body.len() + carried.iter().map(len).sum::<usize>(), 0);
            if !words.is_empty() {
                body.extend_from_slice(&ndr);
            }
        }
        if code == KERN_SUCCESS {
            body.extend(words.into_iter().flat_map(u32::to_ne_bytes));
        }
        let mut message = Kmsg::simple(id, to, body, Sender::default());
        message.complex = !carried.is_empty();
        message.descriptors = carried;
        message
    }
}

fn len(carried: &Descriptor) -> usize {
    match carried {
        Descriptor::Port { guard: None, .. } => size_of::<PortDescriptor>(),
        _ => size_of::<RegionDescriptor>(),
    }
}

/// The port whose receive right a descriptor carries.
pub(super) fn receive_right(carried: &Descriptor) -> Option<PortKey> {
    match carried {
        Descriptor::Port {
            right: Right::Receive(port),
            ..
        } => Some(*port),
        _ => None,
    }
}
