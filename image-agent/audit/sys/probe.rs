//! Whether memory can be read: the kernel is asked, so that what is not there is an answer and no signal.

use super::{number, result, syscall};

const EINVAL: i32 = 22;
/// No action has this number.
const NO_ACTION: usize = usize::MAX;
/// What the kernel reads of a signal set.
const WORD: usize = 8;
/// Pages have at least so many bytes.
const PAGE: usize = 4096;

/// Whether the 8 bytes at an address can be read.
///
/// The kernel reads the set of signals of a call that changes the mask before it sees that the call asks for nothing that
/// there is. Filters of system calls let this one pass, as a rule; where one does not, nothing can be read.
fn word_is_readable(address: usize) -> bool {
    // SAFETY: the kernel checks the address, and changes nothing.
    let answer = unsafe { syscall(number::RT_SIGPROCMASK, [NO_ACTION, address, 0, WORD, 0, 0]) };
    result(answer) == Err(EINVAL)
}

/// Whether `len` bytes at an address can be read.
pub(crate) fn is_readable(address: usize, len: usize) -> bool {
    let Some(last) = address
        .checked_add(len.max(WORD))
        .map(|end| end.wrapping_sub(WORD))
    else {
        return false;
    };
    let mut at = address;
    while at < last {
        if !word_is_readable(at) {
            return false;
        }
        at = at.saturating_add(PAGE);
    }
    word_is_readable(last)
}

/// Reads a value of plain numbers, at an address that may be any.
pub(crate) fn read<T: Copy>(address: usize) -> Option<T> {
    if !address.is_multiple_of(align_of::<T>()) || !is_readable(address, size_of::<T>()) {
        return None;
    }
    // SAFETY: it is aligned and can be read; callers ask for integers only.
    Some(unsafe { (address as *const T).read() })
}
