//! Requests: what MIG's servers check of them, and their arguments in order.

use crate::headers::kern_return::KERN_RESOURCE_SHORTAGE;
use crate::headers::message::{
    MACH_MSG_TYPE_PORT_SEND, MACH_MSG_TYPE_PORT_SEND_ONCE, mach_msg_type_name_t,
};
use crate::headers::mig::{MIG_BAD_ARGUMENTS, MIG_TYPE_ERROR};
use crate::headers::ndr::NDR_record_t;
use crate::kernel::Result;
use crate::kernel::messages::kmsg::{Descriptor, Kmsg, Memory};
use crate::kernel::ports::right::Right;
use crate::wire::layout::{COUNT, PortDescriptor, RegionDescriptor};

/// The most words of an array of port attributes.
pub(super) const MOST_WORDS: usize = 17;

const WORD: usize = size_of::<u32>();
const NDR: usize = size_of::<NDR_record_t>();

/// What a request carries beside its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carries {
    Nothing,
    /// Any right.
    AnyRight,
    SendRight,
    SendOnceRight,
    /// So many bytes of memory.
    Memory(usize),
}

impl Carries {
    /// Count and descriptor, in bytes.
    const fn len(self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Memory(_) => COUNT + size_of::<RegionDescriptor>(),
            _ => COUNT + size_of::<PortDescriptor>(),
        }
    }

    fn accepts(self, descriptor: &Descriptor) -> bool {
        let is = |disposition: mach_msg_type_name_t| match descriptor {
            Descriptor::Port {
                disposition: is,
                guard: None,
                ..
            } => *is == disposition,
            _ => false,
        };
        match self {
            Self::Nothing => false,
            Self::AnyRight => matches!(descriptor, Descriptor::Port { guard: None, .. }),
            Self::SendRight => is(MACH_MSG_TYPE_PORT_SEND),
            Self::SendOnceRight => is(MACH_MSG_TYPE_PORT_SEND_ONCE),
            Self::Memory(len) => match descriptor {
                Descriptor::Memory {
                    memory,
                    volatile: false,
                    ..
                } => memory.len() == len,
                _ => false,
            },
        }
    }
}

/// How a routine's requests look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    carries: Carries,
    words: usize,
    /// The last word counts the words of an array that follows.
    array: bool,
}

impl Shape {
    pub(super) const fn words(words: usize) -> Self {
        Self::carrying(Carries::Nothing, words)
    }

    pub(super) const fn carrying(carries: Carries, words: usize) -> Self {
        Self {
            carries,
            words,
            array: false,
        }
    }

    /// With an array behind the last word, which is its count.
    pub(super) const fn with_array(words: usize) -> Self {
        Self {
            carries: Carries::Nothing,
            words,
            array: true,
        }
    }

    /// Where the words begin, from the header's end on. What has none has no record of how they are written either.
    const fn start(self) -> usize {
        self.carries.len() + if self.words == 0 { 0 } else { NDR }
    }

    /// The words of a request, which is checked in the order in which MIG's servers do: first its form and size, then
    /// what it carries, then its counts.
    pub(super) fn words_of(self, message: &Kmsg) -> Result<Vec<u32>> {
        let carried = message.descriptors.as_slice();
        let expected = usize::from(self.carries != Carries::Nothing);
        let least = self.start() + self.words * WORD;
        let most = least + if self.array { MOST_WORDS * WORD } else { 0 };
        let len = message.body.len();
        if message.complex != (expected == 1)
            || carried.len() != expected
            || !(least..=most).contains(&len)
        {
            return Err(MIG_BAD_ARGUMENTS);
        }
        if carried.iter().any(|carried| !self.carries.accepts(carried)) {
            return Err(MIG_TYPE_ERROR);
        }
        let mut body = vec![0; len];
        let read = message.body.peek(&mut body);
        read.map_err(|_| KERN_RESOURCE_SHORTAGE)?;
        let words = body.get(self.start()..).unwrap_or_default();
        let words = words.as_chunks::<WORD>().0.iter();
        let words: Vec<u32> = words.map(|word| u32::from_ne_bytes(*word)).collect();
        if self.array {
            let (inline, array) = words.split_at_checked(self.words).unwrap_or_default();
            if inline.last().map(|&count| count as usize) != Some(array.len()) {
                return Err(MIG_BAD_ARGUMENTS);
            }
        }
        Ok(words)
    }
}

/// A request as its routine takes it apart: words first to last, and what it carries. Of a request that has been checked
/// there is as much as its routine asks for; beyond that there are zeros, and nothing.
pub(super) struct Request {
    message: Kmsg,
    words: std::vec::IntoIter<u32>,
}

impl Request {
    pub(super) fn new(message: Kmsg, words: Vec<u32>) -> Self {
        Self {
            message,
            words: words.into_iter(),
        }
    }

    /// The right to the port that it was sent to.
    pub(super) fn receiver(&self) -> &Right {
        &self.message.remote
    }

    pub(super) fn word(&mut self) -> u32 {
        self.words.next().unwrap_or_default()
    }

    pub(super) fn signed(&mut self) -> i32 {
        self.word().cast_signed()
    }

    pub(super) fn long(&mut self) -> u64 {
        u64::from(self.word()) | u64::from(self.word()) << 32
    }

    /// The words of an array, its count being next.
    pub(super) fn array(&mut self) -> Vec<u32> {
        let count = self.word() as usize;
        self.words.by_ref().take(count).collect()
    }

    /// The right that it carries, which is the routine's from here on.
    pub(super) fn right(&mut self) -> Right {
        match self.message.descriptors.first_mut() {
            Some(Descriptor::Port { right, .. }) => right.take(),
            _ => Right::Null,
        }
    }

    /// The memory that it carries, as words.
    pub(super) fn memory(&self) -> Vec<u32> {
        let Some(Descriptor::Memory {
            memory: Memory::Bytes(bytes),
            ..
        }) = self.message.descriptors.first()
        else {
            return Vec::new();
        };
        let mut read = vec![0; bytes.len()];
        if bytes.peek(&mut read).is_err() {
            return Vec::new();
        }
        let words = read.as_chunks::<WORD>().0.iter();
        words.map(|word| u32::from_ne_bytes(*word)).collect()
    }

    /// The message, with what was not taken from it.
    pub(super) fn into_message(self) -> Kmsg {
        self.message
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::messages::kmsg::Sender;

    fn request(words: &[u32]) -> Kmsg {
        let ndr = if words.is_empty() {
            &[][..]
        } else {
            &NDR_record_t::NATIVE.to_bytes()
        };
        let words: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
        Kmsg::simple(0, Right::Null, [ndr, &words].concat(), Sender::default())
    }

    #[test]
    fn a_request_has_the_size_of_its_words_and_no_other() {
        assert_eq!(Shape::words(0).words_of(&request(&[])), Ok(vec![]));
        let two = Shape::words(2);
        assert_eq!(two.words_of(&request(&[1, 2])), Ok(vec![1, 2]));
        for words in [&[][..], &[1], &[1, 2, 3]] {
            assert_eq!(two.words_of(&request(words)), Err(MIG_BAD_ARGUMENTS));
        }
        let mut complex = request(&[1, 2]);
        complex.complex = true;
        assert_eq!(two.words_of(&complex), Err(MIG_BAD_ARGUMENTS));
    }

    #[test]
    fn an_array_has_as_many_words_as_it_counts() {
        let shape = Shape::with_array(2);
        let all: Vec<u32> = [1, 17].into_iter().chain(2..19).collect();
        for words in [&[1, 0][..], &[1, 1, 5], &all] {
            assert_eq!(shape.words_of(&request(words)), Ok(words.to_vec()));
        }
        let more: Vec<u32> = [1, 18].into_iter().chain(2..20).collect();
        for words in [&[1][..], &[1, 1], &[1, 0, 5], &[1, u32::MAX, 5], &more] {
            assert_eq!(
                shape.words_of(&request(words)),
                Err(MIG_BAD_ARGUMENTS),
                "{words:?}"
            );
        }
    }

    #[test]
    fn what_is_carried_is_what_was_declared() {
        let shape = Shape::carrying(Carries::SendOnceRight, 1);
        let with = |disposition, guard| {
            let mut message = request(&[7]);
            message.body = [&[0; 16][..], &[0; 8], &7u32.to_ne_bytes()].concat().into();
            message.complex = true;
            message.descriptors.push(Descriptor::Port {
                right: Right::Null,
                disposition,
                guard,
            });
            message
        };
        let words = shape.words_of(&with(MACH_MSG_TYPE_PORT_SEND_ONCE, None));
        assert_eq!(words, Ok(vec![7]));
        for (disposition, guard) in [
            (MACH_MSG_TYPE_PORT_SEND, None),
            (MACH_MSG_TYPE_PORT_SEND_ONCE, Some((0, 1))),
        ] {
            let refused = shape.words_of(&with(disposition, guard));
            assert_eq!(refused, Err(MIG_TYPE_ERROR));
        }
        let mut two = with(MACH_MSG_TYPE_PORT_SEND_ONCE, None);
        two.descriptors.push(Descriptor::Ports {
            rights: Vec::new(),
            disposition: 0,
        });
        assert_eq!(shape.words_of(&two), Err(MIG_BAD_ARGUMENTS));
    }
}
