//! Numbers that nobody can guess.

/// A number that a peer cannot guess; used as a hint and as a nonce, so a failing source only costs recognition.
pub(crate) fn number() -> u64 {
    let mut bytes = [0u8; 8];
    // SAFETY: the buffer is a live local of the stated length.
    let got = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    if got == bytes.len() as isize {
        u64::from_ne_bytes(bytes)
    } else {
        super::clock::now_stamp()
    }
}
