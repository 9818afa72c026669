//! Splitting what is too long.

use core::ops::Range;

use crate::TooLong;

/// Has `send` deal with images `0..count` in as few parts as halving gives: all at once, and where that is too long each half
/// by itself. One image that is too long by itself is left out.
///
/// ```
/// let mut parts = Vec::new();
/// image_protocol::in_parts(9, &mut |part| {
///     if part.len() > 3 { return Err(image_protocol::TooLong) }
///     parts.push(part);
///     Ok(())
/// });
/// assert_eq!(parts, [0..2, 2..4, 4..6, 6..9]);
/// ```
pub fn in_parts(count: usize, send: &mut impl FnMut(Range<usize>) -> Result<(), TooLong>) {
    halve(0..count, send);
}

fn halve(part: Range<usize>, send: &mut impl FnMut(Range<usize>) -> Result<(), TooLong>) {
    let half = part.len() / 2;
    if send(part.clone()).is_err() && half > 0 {
        let middle = part.start.saturating_add(half);
        halve(part.start..middle, send);
        halve(middle..part.end, send);
    }
}
