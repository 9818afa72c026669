//! The limit of open descriptors, of which each right between tasks takes one.
//!
//! The soft limit is low for the sake of programs that use `select`, which knows no larger numbers than 1023; the hard one
//! is what the system grants. A program that uses ports is raised to that, and what it starts begins as it did itself.

use std::os::fd::{FromRawFd, OwnedFd};
use std::sync::{Mutex, PoisonError};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::resource::{Resource, getrlimit, rlim_t, setrlimit};

use super::environment;

/// Set to `1`, it has the limit left as it is.
pub(crate) const KEEP_VARIABLE: &str = "EMBEDDED_MACH_KEEP_DESCRIPTOR_LIMIT";

/// What this library has made of the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing yet.
    Untouched,
    /// The program does not want it.
    Kept,
    Raised {
        from: rlim_t,
        to: rlim_t,
    },
}

// Not a parking_lot lock: a forked child may use it, too.
static STATE: Mutex<State> = Mutex::new(State::Untouched);

/// At the first use: raises the limit, unless the program has said something about it.
pub(crate) fn at_first_use() {
    let mut state = STATE.lock().unwrap_or_else(PoisonError::into_inner);
    if *state == State::Untouched {
        *state = if environment::get(KEEP_VARIABLE).is_some_and(|value| value == "1") {
            State::Kept
        } else {
            raised()
        };
    }
}

/// Raises the limit, or has it be as it was.
pub(crate) fn raise(on: bool) {
    let mut state = STATE.lock().unwrap_or_else(PoisonError::into_inner);
    match (*state, on) {
        (State::Raised { .. }, true) => {}
        (State::Untouched | State::Kept, true) => *state = raised(),
        (now, false) => {
            if let (State::Raised { from, .. }, Ok((_, hard))) = (now, still(now)) {
                // It has been higher by this library's doing alone.
                let _ = setrlimit(Resource::RLIMIT_NOFILE, from, hard);
            }
            *state = State::Kept;
        }
    }
}

/// How many descriptors this process may have open now.
pub(crate) fn now() -> u32 {
    // It is asked for each time: the program may set it as it likes.
    let soft = getrlimit(Resource::RLIMIT_NOFILE).map_or(rlim_t::MAX, |(soft, _)| soft);
    u32::try_from(soft).unwrap_or(u32::MAX)
}

/// The soft limit that a child is to begin with, if that is not this process's.
pub(crate) fn for_children() -> Option<rlim_t> {
    let state = *STATE.lock().unwrap_or_else(PoisonError::into_inner);
    match state {
        State::Raised { from, .. } => still(state).is_ok().then_some(from),
        State::Untouched | State::Kept => None,
    }
}

/// Whether so many descriptors more could be open now. They are, for a moment.
pub(crate) fn have_room(count: usize) -> Result<(), Errno> {
    if count == 0 {
        return Ok(());
    }
    let one: OwnedFd = EventFd::from_flags(EfdFlags::EFD_CLOEXEC)?.into();
    let mut others = Vec::new();
    while others.len() + 1 < count {
        let number = fcntl(&one, FcntlArg::F_DUPFD_CLOEXEC(0))?;
        // SAFETY: the call has made the descriptor for its caller.
        others.push(unsafe { OwnedFd::from_raw_fd(number) });
    }
    Ok(())
}

fn raised() -> State {
    match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok((soft, hard)) if soft < hard => match setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
            Ok(()) => State::Raised {
                from: soft,
                to: hard,
            },
            Err(_) => State::Kept,
        },
        _ => State::Kept,
    }
}

/// The limits, if the soft one is what it was raised to: otherwise the program has set it since, and means it.
fn still(state: State) -> Result<(rlim_t, rlim_t), ()> {
    let now = getrlimit(Resource::RLIMIT_NOFILE).map_err(drop)?;
    match state {
        State::Raised { to, .. } if now.0 == to => Ok(now),
        _ => Err(()),
    }
}
