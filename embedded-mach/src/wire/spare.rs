//! Vectors of bytes that are used again: a thread that sends and receives for long allocates none.

use std::cell::RefCell;

/// How many vectors a thread keeps, each of how many bytes at most.
const KEPT: usize = 4;
const LARGEST: usize = 128 << 10;

thread_local! {
    static SPARE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// An empty vector, if one is spare with room for something.
pub(crate) fn empty() -> Vec<u8> {
    // A thread that is ending has none any more.
    let spare = SPARE.try_with(|spare| spare.borrow_mut().pop());
    spare.ok().flatten().unwrap_or_default()
}

/// A vector of these bytes, which are few.
pub(crate) fn copy(bytes: &[u8]) -> Vec<u8> {
    if bytes.is_empty() {
        return Vec::new();
    }
    let mut copy = empty();
    copy.extend_from_slice(bytes);
    copy
}

/// A vector of these bytes, if there is room for as many.
pub(crate) fn try_copy(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let mut copy = empty();
    copy.try_reserve(bytes.len()).ok()?;
    copy.extend_from_slice(bytes);
    Some(copy)
}

/// Keeps a vector that nobody needs any more for the next one who does.
pub(crate) fn give_back(mut unused: Vec<u8>) {
    if unused.capacity() == 0 || unused.capacity() > LARGEST {
        return;
    }
    unused.clear();
    let _ = SPARE.try_with(|spare| {
        let mut spare = spare.borrow_mut();
        if spare.len() < KEPT {
            spare.push(unused);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_comes_back_empty() {
        let first = copy(&[1, 2, 3]);
        let at = first.as_ptr();
        give_back(first);
        let again = empty();
        assert!(again.is_empty() && again.as_ptr() == at);
        give_back(Vec::with_capacity(LARGEST + 1));
        assert_eq!(empty().capacity(), 0);
    }
}
