//! A parser with faults, for the harness to find: each is of a sort that parsers have had.
//!
//! Its input is a sequence of records, of a tag, a length and as many bytes as that says.

/// What is wrong with an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It ends within a record.
    Short,
    /// No record has this tag.
    Tag(u8),
}

/// The sum of all that the records hold.
pub(crate) fn parse(mut input: &[u8]) -> Result<u64, Refusal> {
    let mut sum = 0_u64;
    while let Some((&tag, rest)) = input.split_first() {
        let (&length, rest) = rest.split_first().ok_or(Refusal::Short)?;
        let (body, rest) = rest.split_at_checked(length.into()).ok_or(Refusal::Short)?;
        input = rest;
        sum = sum.wrapping_add(match tag {
            b't' => text(body),
            b'i' => indexed(body),
            b'n' => nested(body),
            b's' => stepped(body),
            b'b' => block(body),
            tag => return Err(Refusal::Tag(tag)),
        });
    }
    Ok(sum)
}

fn text(body: &[u8]) -> u64 {
    body.iter().map(|byte| u64::from(*byte)).sum()
}

/// The byte at an index. FAULT: the index is not checked.
fn indexed(body: &[u8]) -> u64 {
    match body {
        [index, table @ ..] => u64::from(table[usize::from(*index)]),
        [] => 0,
    }
}

/// A depth of nesting, for which each level takes a stack frame. FAULT: the depth has no limit.
fn nested(body: &[u8]) -> u64 {
    fn descend(levels: u64) -> u64 {
        let frame = std::hint::black_box([levels; 64]);
        match levels {
            0 => 0,
            _ => descend(levels - 1).wrapping_add(frame[1]),
        }
    }
    descend(number(body))
}

/// The sum of the numbers up to a last one, in steps. FAULT: a step of nothing comes to no end.
fn stepped(body: &[u8]) -> u64 {
    let (Some(&step), Some(last)) = (body.first(), body.get(1..3)) else {
        return 0;
    };
    let (mut at, mut sum) = (0_u64, 0_u64);
    while at < number(last) {
        sum = sum.wrapping_add(at);
        at = std::hint::black_box(at + u64::from(step));
    }
    sum
}

/// A block of some size. FAULT: the size has no limit.
fn block(body: &[u8]) -> u64 {
    let size = number(body);
    let block = vec![1_u8; usize::try_from(size).unwrap_or(usize::MAX)];
    std::hint::black_box(&block).len() as u64
}

fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_inputs_are_read() {
        assert_eq!(parse(b""), Ok(0));
        assert_eq!(parse(b"t\x02ab"), Ok(195));
        assert_eq!(parse(b"i\x03\x01ab"), Ok(98));
        assert_eq!(parse(b"n\x01\x03"), Ok(6));
        assert_eq!(parse(b"s\x03\x02\x00\x05"), Ok(6));
        assert_eq!(parse(b"b\x01\x07t\x01\x01"), Ok(8));
        assert_eq!(parse(b"t"), Err(Refusal::Short));
        assert_eq!(parse(b"t\x02a"), Err(Refusal::Short));
        assert_eq!(parse(b"x\x00"), Err(Refusal::Tag(b'x')));
    }
}
