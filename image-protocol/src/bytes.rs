//! Numbers at places of a buffer, in the machine's order.

/// Reads a number of 32 bits.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let field = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_ne_bytes(*field))
}

/// Reads a number of 64 bits.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let field = bytes.get(at..)?.first_chunk()?;
    Some(u64::from_ne_bytes(*field))
}

/// Copies `value` to a place: whether the buffer reaches that far.
#[must_use]
pub(crate) fn put(buffer: &mut [u8], at: usize, value: &[u8]) -> Option<()> {
    let end = at.checked_add(value.len())?;
    buffer.get_mut(at..end)?.copy_from_slice(value);
    Some(())
}

/// Writes numbers of 32 bits one behind the other.
#[must_use]
pub(crate) fn put_u32s(buffer: &mut [u8], at: usize, values: &[u32]) -> Option<()> {
    let mut at = at;
    for value in values {
        put(buffer, at, &value.to_ne_bytes())?;
        at = at.checked_add(size_of::<u32>())?;
    }
    Some(())
}
