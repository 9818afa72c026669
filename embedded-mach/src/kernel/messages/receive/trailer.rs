//! What stands behind a received message.

use crate::headers::message::mach_msg_option_t;
use crate::kernel::messages::kmsg::Sender;

/// A trailer's bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trailer {
    words: [u32; 17],
    len: usize,
}

impl Trailer {
    /// How many bytes the trailer that `option` asks for has (Mach fact 39).
    pub(crate) fn size(option: mach_msg_option_t) -> usize {
        match option as u32 >> 24 & 0xf {
            0 => 8,
            1 => 12,
            2 => 20,
            3 => 52,
            4 => 60,
            _ => 68,
        }
    }

    pub(crate) fn new(option: mach_msg_option_t, seqno: u32, sender: Sender, context: u64) -> Self {
        let len = Self::size(option);
        let mut words = [0; 17];
        words[1] = len as u32;
        words[2] = seqno;
        words[3..5].copy_from_slice(&sender.security_token());
        words[5..13].copy_from_slice(&sender.audit_token());
        words[13] = context as u32;
        words[14] = (context >> 32) as u32;
        Self { words, len }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &zerocopy::IntoBytes::as_bytes(&self.words)[..self.len]
    }
}
