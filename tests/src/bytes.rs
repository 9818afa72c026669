//! Messages as the words they are made of, sent and received without a look at what they mean.

use std::time::Duration;

use mach_ports::Name;
use mach_ports::ffi::message::{
    MACH_MSG_SUCCESS, MACH_RCV_LARGE, MACH_RCV_MSG, MACH_RCV_TIMEOUT, MACH_SEND_MSG,
    MACH_SEND_TIMEOUT, mach_msg,
};

/// Words of the largest message that [`receive`] takes, its trailer included.
const ROOM: usize = 8192;

/// `msgh_bits` of a request as a client sends it: a copied send right to go by, a send-once right made for the reply.
pub const REQUEST_BITS: u32 = 19 | 21 << 8;

/// A bare header: bits, size, destination, reply port, voucher, id.
#[must_use]
pub fn header(bits: u32, to: Name, reply: Name, id: i32) -> [u32; 6] {
    [bits, 24, to, reply, 0, id.cast_unsigned()]
}

/// Sends a message of `words`, whatever they say. Returns `mach_msg`'s code.
///
/// What the words name is the caller's business: a moved right is gone, a refused one is not.
#[must_use]
pub fn send(words: &mut [u32], timeout: Duration) -> i32 {
    let size = size_of_val(words) as u32;
    // SAFETY: the buffer has `size` bytes and is aligned as a header is. No descriptor that it may have says that
    // memory of this process is to be taken: these tests put port descriptors there only.
    unsafe {
        mach_msg(
            words.as_mut_ptr().cast(),
            MACH_SEND_MSG | MACH_SEND_TIMEOUT,
            size,
            0,
            0,
            timeout.as_millis() as u32,
            0,
        )
    }
}

/// Receives a message, without its trailer.
///
/// # Errors
/// `mach_msg`'s code.
pub fn receive(port: Name, timeout: Duration) -> Result<Vec<u32>, i32> {
    let mut words = vec![0_u32; ROOM];
    // SAFETY: the buffer has as many bytes as are said to be there, and is aligned as a header is.
    let code = unsafe {
        mach_msg(
            words.as_mut_ptr().cast(),
            MACH_RCV_MSG | MACH_RCV_TIMEOUT | MACH_RCV_LARGE,
            0,
            size_of_val(&*words) as u32,
            port,
            timeout.as_millis() as u32,
            0,
        )
    };
    if code != MACH_MSG_SUCCESS {
        return Err(code);
    }
    // msgh_size, which the kernel has written.
    words.truncate(words[1] as usize / size_of::<u32>());
    Ok(words)
}
