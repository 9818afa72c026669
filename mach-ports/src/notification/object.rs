//! The object.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use zerocopy::{FromBytes, Immutable, IntoBytes};

use super::board::{Board, words_for};
use crate::deadline::Deadline;
use crate::error::Error;
use crate::right::SendRight;
use crate::semaphore::{Semaphore, SemaphoreError, SemaphoreHandle};
use crate::shared_memory::{SharedMemory, Words};

/// A state of a fixed size that several tasks see, and the news that it has changed.
///
/// Each post puts a state in the place of the one before. Whoever waits gets the last state and how many posts it has
/// missed: nothing piles up for those who are slow, and posting never waits for anybody. Any holder may post.
///
/// The object is two rights, to memory and to a semaphore, which can be sent to other tasks; each value is a holder of its
/// own, which remembers what it has seen. It ends with the task that made it, or when that drops the value it was made as.
/// What other holders write is not to be trusted more than they are: any state may be theirs.
///
/// It is the same on both systems. macOS's `notify(3)`, where anybody may post to a name, has a state of one word that is set
/// and posted by two calls, and does not count posts.
///
/// ```
/// use std::time::Duration;
/// use mach_ports::notification::Notification;
///
/// let battery = Notification::new(100_u32)?;
/// // Where the rights have come in a message:
/// let [memory, semaphore] = battery.rights()?;
/// let display = Notification::<u32>::from_rights(memory, semaphore)?;
///
/// for percent in [99, 98, 97] {
///     battery.post(&percent)?;
/// }
/// let news = display.wait(Duration::from_secs(10))?;
/// assert_eq!((news.state, news.missed), (97, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Notification<T> {
    memory: SharedMemory,
    words: Words,
    waking: Waking,
    /// The number of the last post that this holder has taken note of.
    seen: AtomicU64,
    state: PhantomData<fn(T) -> T>,
}

/// The semaphore that wakes who waits.
#[derive(Debug)]
enum Waking {
    /// Of who made the notification, with which it ends.
    Made(Semaphore),
    Given(SemaphoreHandle),
}

/// What a holder is told of the posts since it last was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Posted<T> {
    /// The last state.
    pub state: T,
    /// How many posts came before that one. One that was killed while it posted may be among them.
    pub missed: u64,
}

/// Why nothing was posted or learnt.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotificationError {
    /// Nothing was posted in time.
    #[error("nothing was posted until the deadline")]
    TimedOut,
    /// The task that made it has ended, or has dropped it.
    #[error("the notification has ended with the task that made it")]
    Ended,
    /// The holders' side: they post faster than can be read, or so many were killed while they posted that there is no place
    /// left. A new notification is the way out of the latter.
    #[error("other holders of the notification keep its state from being read or written")]
    Busy,
    /// The call failed; or, for rights that came in a message, they are none to a notification.
    #[error(transparent)]
    Failed(#[from] Error),
}

crate::debug_with_causes!(NotificationError);

impl<T: FromBytes + IntoBytes + Immutable> Notification<T> {
    /// A notification with a state that nobody is told of.
    ///
    /// # Errors
    ///
    /// The kernel is short of a resource.
    pub fn new(state: T) -> Result<Self, Error> {
        let memory = SharedMemory::new(words_for(size_of::<T>()) * size_of::<u64>())?;
        let made = Self::over(memory, Waking::Made(Semaphore::new(0)?))?;
        if let Some(board) = made.board() {
            board.begin(state.as_bytes());
        }
        Ok(made)
    }

    /// A holder by the two rights, as [`rights`](Self::rights) gave them. It has seen what was posted until now.
    ///
    /// # Errors
    ///
    /// The memory is none, or less than for such a state. Whether the semaphore is one shows when it is waited for.
    pub fn from_rights(memory: SendRight, semaphore: SendRight) -> Result<Self, Error> {
        let len = words_for(size_of::<T>()) * size_of::<u64>();
        let memory = SharedMemory::from_right(memory, len);
        let waking = Waking::Given(SemaphoreHandle::from_right(semaphore));
        let given = Self::over(memory, waking)?;
        if let Some(board) = given.board() {
            given.seen.store(board.last(), Ordering::Relaxed);
        }
        Ok(given)
    }

    fn over(memory: SharedMemory, waking: Waking) -> Result<Self, Error> {
        Ok(Self {
            words: memory.map()?.into_words(),
            memory,
            waking,
            seen: AtomicU64::new(0),
            state: PhantomData,
        })
    }

    /// The rights to its memory and to its semaphore, to be sent in this order.
    ///
    /// # Errors
    ///
    /// A right was released behind this value's back.
    pub fn rights(&self) -> Result<[SendRight; 2], Error> {
        let semaphore = self.semaphore().right().try_clone()?;
        Ok([self.memory.right().try_clone()?, semaphore])
    }

    /// Puts a state in the place of the last one, and wakes who waits.
    ///
    /// # Errors
    ///
    /// See [`NotificationError`].
    pub fn post(&self, state: &T) -> Result<(), NotificationError> {
        let board = self.board().ok_or(NotificationError::Busy)?;
        board
            .post(state.as_bytes())
            .map_err(|_| NotificationError::Busy)?;
        for _ in 0..board.take_waiters() {
            self.semaphore().signal().map_err(ended)?;
        }
        Ok(())
    }

    /// The last state, whether seen before or not. It does not count as seen by that.
    ///
    /// # Errors
    ///
    /// See [`NotificationError`].
    pub fn latest(&self) -> Result<T, NotificationError> {
        self.look().map(|(_, state)| state)
    }

    /// Waits for a post that this holder has not seen, for `timeout` at most (`None` is for ever; zero only looks).
    ///
    /// Of several threads that wait by the same holder one gets the news.
    ///
    /// # Errors
    ///
    /// See [`NotificationError`].
    pub fn wait(
        &self,
        timeout: impl Into<Option<Duration>>,
    ) -> Result<Posted<T>, NotificationError> {
        let board = self.board().ok_or(NotificationError::Busy)?;
        let deadline = Deadline::after(timeout.into());
        loop {
            if let Some(posted) = self.unseen(&board)? {
                return Ok(posted);
            }
            // Who posts from here on knows of this thread; what was posted before is found.
            board.arrive();
            let waited = match self.unseen(&board) {
                Ok(None) => self.semaphore().wait(deadline.remaining()),
                found => {
                    board.leave();
                    return found.map(|posted| posted.ok_or(NotificationError::Busy))?;
                }
            };
            if let Err(error) = waited {
                board.leave();
                return match self.unseen(&board)? {
                    Some(posted) => Ok(posted),
                    None => Err(ended(error)),
                };
            }
        }
    }

    /// What was posted since this holder last took note, which it does with that.
    fn unseen(&self, board: &Board<'_>) -> Result<Option<Posted<T>>, NotificationError> {
        if board.last() <= self.seen.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let (number, state) = self.look()?;
        let before = self.seen.fetch_max(number, Ordering::Relaxed);
        Ok((number > before).then(|| Posted {
            state,
            missed: number - before - 1,
        }))
    }

    fn look(&self) -> Result<(u64, T), NotificationError> {
        let mut state = T::new_zeroed();
        let board = self.board().ok_or(NotificationError::Busy)?;
        let number = board
            .look(state.as_mut_bytes())
            .map_err(|_| NotificationError::Busy)?;
        Ok((number, state))
    }

    fn board(&self) -> Option<Board<'_>> {
        Board::new(&self.words, size_of::<T>())
    }

    fn semaphore(&self) -> &SemaphoreHandle {
        match &self.waking {
            Waking::Made(semaphore) => semaphore,
            Waking::Given(semaphore) => semaphore,
        }
    }
}

fn ended(error: SemaphoreError) -> NotificationError {
    match error {
        SemaphoreError::TimedOut => NotificationError::TimedOut,
        SemaphoreError::Destroyed => NotificationError::Ended,
        SemaphoreError::Failed(error) => NotificationError::Failed(error),
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    const SOON: Duration = Duration::from_secs(20);

    fn holder(of: &Notification<u64>) -> Notification<u64> {
        let [memory, semaphore] = of.rights().unwrap();
        Notification::from_rights(memory, semaphore).unwrap()
    }

    #[test]
    fn each_post_overwrites_the_one_before_and_the_missed_are_counted() {
        let made = Notification::new(5).unwrap();
        let given = holder(&made);
        assert_eq!(given.latest(), Ok(5));
        assert_eq!(given.wait(Duration::ZERO), Err(NotificationError::TimedOut));
        for state in 1..=20 {
            made.post(&state).unwrap();
        }
        let news = |state, missed| Ok(Posted { state, missed });
        assert_eq!(given.wait(SOON), news(20, 19));
        assert_eq!(given.wait(Duration::ZERO), Err(NotificationError::TimedOut));
        given.post(&21).unwrap();
        assert_eq!(
            made.wait(SOON),
            news(21, 20),
            "it posts as well, and saw none"
        );
        assert_eq!(
            holder(&made).wait(Duration::ZERO),
            Err(NotificationError::TimedOut)
        );
        assert_eq!(holder(&made).latest(), Ok(21));
    }

    #[test]
    fn all_that_wait_are_woken() {
        let made = Notification::new(0).unwrap();
        let holders: Vec<_> = (0..4).map(|_| holder(&made)).collect();
        thread::scope(|scope| {
            let waiting: Vec<_> = holders
                .iter()
                .map(|holder| scope.spawn(|| holder.wait(SOON)))
                .collect();
            made.post(&7).unwrap();
            for thread in waiting {
                assert_eq!(thread.join().unwrap().unwrap().state, 7);
            }
        });
    }

    #[test]
    fn posts_are_not_missed_by_who_waits_for_each() {
        let made = Notification::new(0).unwrap();
        let (there, back) = (holder(&made), Notification::new(0_u64).unwrap());
        let answers = holder(&back);
        thread::scope(|scope| {
            scope.spawn(|| {
                for state in 1..=500 {
                    assert_eq!(there.wait(SOON).unwrap(), Posted { state, missed: 0 });
                    back.post(&state).unwrap();
                }
            });
            for state in 1..=500 {
                made.post(&state).unwrap();
                assert_eq!(answers.wait(SOON).unwrap(), Posted { state, missed: 0 });
            }
        });
    }

    #[test]
    fn it_ends_with_who_made_it() {
        let made = Notification::new(0).unwrap();
        let given = holder(&made);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| given.wait(SOON));
            made.post(&1).unwrap();
            assert!(waiting.join().unwrap().is_ok());
            let waiting = scope.spawn(|| given.wait(SOON));
            drop(made);
            assert_eq!(waiting.join().unwrap(), Err(NotificationError::Ended));
        });
        assert_eq!(given.latest(), Ok(1));
    }

    #[test]
    fn other_rights_are_none_to_a_notification() {
        let port = crate::ReceiveRight::new().unwrap();
        let right = || port.make_send().unwrap();
        assert!(Notification::<u64>::from_rights(right(), right()).is_err());
        let small = SharedMemory::new(8).unwrap();
        let large = Notification::<[u8; 8192]>::from_rights(small.into_right(), right());
        assert!(large.is_err());
        let memory = SharedMemory::new(8192).unwrap();
        let wrong = Notification::<u64>::from_rights(memory.into_right(), right()).unwrap();
        let waited = wrong.wait(SOON);
        assert!(
            matches!(waited, Err(NotificationError::Failed(_))),
            "{waited:?}"
        );
    }
}
