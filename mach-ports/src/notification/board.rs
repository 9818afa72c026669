//! Where the last states stand, in memory that others write at the same time.
//!
//! Whoever posts takes a number and the place that it says, of a few; once all is written there, it says which number is the
//! last. A reader finds the place of that number and looks at its stamp before and after. Nothing that another holder writes
//! can do more than have a state be wrong, which it may post anyway, or keep readers trying, which they do so often and no
//! more.

use std::hint;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicU64, fence};

/// States that stand at the same time, so that one that is read is not overwritten before others have come.
const PLACES: u64 = 16;

/// Words before the places: the last number that was taken, the last that can be read, and how many may be waiting.
const HEAD: usize = 3;
const BYTES: usize = size_of::<u64>();

/// How often a state is read, or a place asked for, until that is given up.
const ATTEMPTS: usize = 1000;

/// No more are woken for a post than a process may have threads.
const MOST_WAITERS: u64 = 1 << 16;

/// That readers were overtaken, or places occupied, too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Busy;

/// The words, and the size of a state in bytes.
#[derive(Debug)]
pub(super) struct Board<'a> {
    words: &'a [AtomicU64],
    size: usize,
}

/// How many words there are for states of a size.
pub(super) const fn words_for(size: usize) -> usize {
    HEAD + PLACES as usize * (1 + size.div_ceil(BYTES))
}

impl<'a> Board<'a> {
    /// The board in so many words as [`words_for`] says.
    pub(super) fn new(words: &'a [AtomicU64], size: usize) -> Option<Self> {
        (words.len() >= words_for(size)).then_some(Self { words, size })
    }

    /// The stamp and the words of a number's place.
    fn place(&self, number: u64) -> (&AtomicU64, &[AtomicU64]) {
        let each = 1 + self.size.div_ceil(BYTES);
        let at = HEAD + (number % PLACES) as usize * each;
        let place = &self.words[at..at + each];
        (&place[0], &place[1..])
    }

    /// Puts a state up as the first, before anybody else has the words.
    pub(super) fn begin(&self, state: &[u8]) {
        let (_, words) = self.place(0);
        put(words, state);
    }

    /// Posts a state.
    pub(super) fn post(&self, state: &[u8]) -> Result<(), Busy> {
        for _ in 0..ATTEMPTS {
            let number = self.words[0].fetch_add(1, Relaxed).wrapping_add(1);
            let (stamp, words) = self.place(number);
            let found = stamp.load(Relaxed);
            // An odd one is of somebody who writes there: a post that has not ended, or was killed.
            if found % 2 == 0
                && stamp
                    .compare_exchange(found, mark(number) | 1, Acquire, Relaxed)
                    .is_ok()
            {
                fence(Release);
                put(words, state);
                stamp.store(mark(number), Release);
                // In one order with the count of those who wait, so that none is missed.
                self.words[1].fetch_max(number, SeqCst);
                return Ok(());
            }
        }
        Err(Busy)
    }

    /// The number of the last state that was posted, 0 if none was, and that state.
    pub(super) fn look(&self, state: &mut [u8]) -> Result<u64, Busy> {
        for _ in 0..ATTEMPTS {
            let number = self.last();
            let (stamp, words) = self.place(number);
            if stamp.load(Acquire) == mark(number) {
                get(words, state);
                fence(Acquire);
                if stamp.load(Relaxed) == mark(number) {
                    return Ok(number);
                }
            }
            hint::spin_loop();
        }
        Err(Busy)
    }

    /// The number of the last state.
    pub(super) fn last(&self) -> u64 {
        self.words[1].load(SeqCst)
    }

    /// One more may be waiting from now on.
    pub(super) fn arrive(&self) {
        self.words[2].fetch_add(1, SeqCst);
    }

    /// One waits no more, if it was not counted off by a post.
    pub(super) fn leave(&self) {
        let _ = self.words[2].fetch_update(SeqCst, SeqCst, |count| count.checked_sub(1));
    }

    /// Counts all off that may be waiting.
    pub(super) fn take_waiters(&self) -> u64 {
        self.words[2].swap(0, SeqCst).min(MOST_WAITERS)
    }
}

/// The stamp of a place in which the state of a number stands.
fn mark(number: u64) -> u64 {
    number.wrapping_mul(2)
}

fn put(words: &[AtomicU64], state: &[u8]) {
    for (word, bytes) in words.iter().zip(state.chunks(BYTES)) {
        let mut whole = [0; BYTES];
        whole[..bytes.len()].copy_from_slice(bytes);
        word.store(u64::from_ne_bytes(whole), Relaxed);
    }
}

fn get(words: &[AtomicU64], state: &mut [u8]) {
    for (word, bytes) in words.iter().zip(state.chunks_mut(BYTES)) {
        let whole = word.load(Relaxed).to_ne_bytes();
        bytes.copy_from_slice(&whole[..bytes.len()]);
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn words(size: usize) -> Vec<AtomicU64> {
        (0..words_for(size)).map(|_| AtomicU64::new(0)).collect()
    }

    #[test]
    fn the_last_state_is_read_whole_whatever_its_size() {
        for size in [0, 1, 7, 8, 9, 100] {
            let words = words(size);
            assert!(Board::new(&words[1..], size).is_none());
            let board = Board::new(&words, size).unwrap();
            let mut read = vec![0xff; size];
            board.begin(&vec![9; size]);
            assert_eq!((board.look(&mut read), &read), (Ok(0), &vec![9; size]));
            for number in 1..40 {
                let state = vec![number as u8; size];
                board.post(&state).unwrap();
                assert_eq!((board.look(&mut read), &read), (Ok(number), &state));
            }
        }
    }

    #[test]
    fn no_reader_sees_a_state_of_two() {
        const SIZE: usize = 64;
        let words = words(SIZE);
        let board = Board::new(&words, SIZE).unwrap();
        thread::scope(|scope| {
            for from in [0, 100] {
                let board = &board;
                scope.spawn(move || {
                    for state in 0..2_000_u32 {
                        board.post(&[(from + state % 100) as u8; SIZE]).unwrap();
                    }
                });
            }
            scope.spawn(|| {
                let mut last = 0;
                while last < 3_900 {
                    let mut state = [0; SIZE];
                    if let Ok(number) = board.look(&mut state) {
                        assert!(number >= last && state == [state[0]; SIZE]);
                        last = number;
                    }
                }
            });
        });
        assert!(board.last() >= 4_000);
    }

    #[test]
    fn places_of_posts_that_did_not_end_are_passed_over() {
        let words = words(8);
        let board = Board::new(&words, 8).unwrap();
        for number in 1..PLACES {
            board.place(number).0.store(mark(number) | 1, Relaxed);
        }
        board.post(&[7; 8]).unwrap();
        let mut state = [0; 8];
        assert_eq!((board.look(&mut state), state), (Ok(PLACES), [7; 8]));
        board.place(0).0.store(1, Relaxed);
        assert_eq!(board.post(&[8; 8]), Err(Busy));
        assert_eq!(board.look(&mut state), Err(Busy));
    }

    #[test]
    fn nonsense_in_the_words_is_no_more_than_wrong() {
        let words: Vec<_> = (0..words_for(8))
            .map(|_| AtomicU64::new(u64::MAX))
            .collect();
        let board = Board::new(&words, 8).unwrap();
        assert_eq!(board.look(&mut [0; 8]), Err(Busy));
        assert_eq!(board.post(&[0; 8]), Err(Busy));
        assert_eq!(
            (board.take_waiters(), board.take_waiters()),
            (MOST_WAITERS, 0)
        );
        board.leave();
        board.arrive();
        assert_eq!(board.take_waiters(), 1);
    }
}
