//! What MIG's stubs check before they believe a message.

use zerocopy::FromBytes;
use zerocopy::little_endian::{I32, U32};

use crate::code::{self, Refusal};
use crate::kind::Kinds;
use crate::wire::{CODE_REPLY, Cursor, DESCRIPTORS_AT, HEADER, REPLY_OFFSET, Shape};
use mach_ports::ReturnCode;

const COMPLEX: u32 = 1 << 31;
/// The notification that a send-once right was dropped.
const SEND_ONCE: i32 = 71;

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let (word, _) = U32::read_from_prefix(bytes.get(at..)?).ok()?;
    Some(word.get())
}

fn id(bytes: &[u8]) -> Option<i32> {
    let (id, _) = I32::read_from_prefix(bytes.get(20..)?).ok()?;
    Some(id.get())
}

fn is_complex(bytes: &[u8]) -> bool {
    word(bytes, 0).is_some_and(|bits| bits & COMPLEX != 0)
}

/// The complex bit, the descriptor count and the size.
fn has_form(bytes: &[u8], shape: Shape, inline_at: usize) -> bool {
    let count_is_right = if shape.descriptors > 0 {
        is_complex(bytes) && word(bytes, HEADER) == u32::try_from(shape.descriptors).ok()
    } else {
        !is_complex(bytes)
    };
    let sizes = inline_at + shape.least..=inline_at + shape.most;
    count_is_right && sizes.contains(&bytes.len())
}

/// The arguments of a message that has the right form, in MIG's order: all descriptors, all lengths, all counts of what
/// is out of line, all strings.
fn check_arguments<K: Kinds>(bytes: &[u8], inline_at: usize) -> Result<(), Refusal> {
    let start = Cursor::new(bytes, DESCRIPTORS_AT, inline_at);
    K::descriptors(&mut start.clone())?;
    let mut lengths = start.clone();
    K::lengths(&mut lengths)?;
    if !lengths.is_at_end() {
        return Err(Refusal::BadArguments);
    }
    K::counts(&mut start.clone())?;
    K::text(&mut start.clone())
}

/// Checks a request with arguments `K`: all its bytes from the header on, as received.
///
/// # Errors
///
/// What MIG's server answers.
pub fn check_request<K: Kinds>(bytes: &[u8]) -> Result<(), Refusal> {
    let inline_at = K::SHAPE.request_inline_at();
    if !has_form(bytes, K::SHAPE, inline_at) {
        return Err(Refusal::BadArguments);
    }
    check_arguments::<K>(bytes, inline_at)
}

/// What a well-formed reply says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reply {
    /// The routine's results are in it.
    Values,
    /// The routine failed, or was not called.
    Failed(ReturnCode),
}

/// Checks the reply to a request with this id and results `K`: all its bytes from the header on, as received.
///
/// # Errors
///
/// What MIG's client returns: [`SERVER_DIED`](code::SERVER_DIED), [`REPLY_MISMATCH`](code::REPLY_MISMATCH) or
/// [`TYPE_ERROR`](code::TYPE_ERROR).
pub fn check_reply<K: Kinds>(request: i32, bytes: &[u8]) -> Result<Reply, ReturnCode> {
    match id(bytes) {
        Some(id) if id == request.wrapping_add(REPLY_OFFSET) => {}
        Some(SEND_ONCE) => return Err(code::SERVER_DIED),
        _ => return Err(code::REPLY_MISMATCH),
    }
    let inline_at = K::SHAPE.reply_inline_at();
    let simple = K::SHAPE.descriptors == 0;
    let code = || word(bytes, CODE_REPLY - 4).map_or(0, u32::cast_signed);
    let has_values = has_form(bytes, K::SHAPE, inline_at);
    let is_code = !is_complex(bytes) && bytes.len() == CODE_REPLY && code() != 0;
    if !has_values && !is_code || word(bytes, 8) != Some(0) {
        return Err(code::TYPE_ERROR);
    }
    if (is_code || simple) && code() != 0 {
        return Ok(Reply::Failed(ReturnCode::new(code())));
    }
    match check_arguments::<K>(bytes, inline_at) {
        Ok(()) => Ok(Reply::Values),
        Err(_) => Err(code::TYPE_ERROR),
    }
}
