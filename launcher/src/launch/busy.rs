//! Programs that cannot be executed because somebody has them open for writing.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Failure, LaunchCause};

/// How long a program's file may be busy. A process that another thread is making has a copy of
/// every descriptor until it executes its program, also of one by which this thread has just
/// written a file: that takes milliseconds, where the machine is busy.
const PATIENCE: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// Starts a program, and tries again for a while if its file is busy.
pub(crate) fn patiently<T>(mut start: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
    let begun = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        match start() {
            Err((_, LaunchCause::Os(error)))
                if is_busy(&error) && begun.elapsed() + pause < PATIENCE =>
            {
                thread::sleep(pause);
                pause = LONGEST_PAUSE.min(2 * pause);
            }
            result => return result,
        }
    }
}

fn is_busy(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::ExecutableFileBusy
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LaunchStep;

    fn failure(errno: i32) -> Failure {
        (
            LaunchStep::Spawn,
            io::Error::from_raw_os_error(errno).into(),
        )
    }

    #[test]
    fn a_busy_file_is_tried_again_and_nothing_else() {
        let mut attempts = 0;
        let started = patiently(|| {
            attempts += 1;
            if attempts < 4 {
                Err(failure(libc::ETXTBSY))
            } else {
                Ok(attempts)
            }
        });
        assert!(matches!(started, Ok(4)));

        let mut attempts = 0;
        let refused = patiently(|| -> Result<(), Failure> {
            attempts += 1;
            Err(failure(libc::ENOENT))
        });
        assert!(refused.is_err());
        assert_eq!(attempts, 1);
    }

    #[test]
    fn a_file_that_stays_busy_is_given_up() {
        let refused = patiently(|| -> Result<(), Failure> { Err(failure(libc::ETXTBSY)) });
        let Err((LaunchStep::Spawn, LaunchCause::Os(error))) = refused else {
            panic!("{refused:?}");
        };
        assert!(is_busy(&error));
    }
}
