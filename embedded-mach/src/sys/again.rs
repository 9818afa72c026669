//! Calls that a signal has ended before they did anything.

use nix::errno::Errno;

/// How often a call is made again. Signals come from outside, a filter of calls may always say that one came.
const MOST: usize = 100;

/// Makes a call that does nothing if a signal ends it, until none does.
pub(super) fn uninterrupted<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    for _ in 0..MOST {
        match call() {
            Err(Errno::EINTR) => {}
            done => return done,
        }
    }
    call()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_made_again_after_signals_only_and_not_for_ever() {
        let calls = |fails: usize, errno: Errno| {
            let mut made = 0;
            let done = uninterrupted(|| {
                made += 1;
                if made <= fails { Err(errno) } else { Ok(()) }
            });
            (done, made)
        };
        assert_eq!(calls(3, Errno::EINTR), (Ok(()), 4));
        assert_eq!(calls(3, Errno::EACCES), (Err(Errno::EACCES), 1));
        let (done, made) = calls(usize::MAX, Errno::EINTR);
        assert_eq!(done, Err(Errno::EINTR));
        assert!(made > MOST);
    }
}
