//! What a child does with descriptors before it executes the program.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::RawFd;

/// How many standard streams there are.
const STREAMS: u32 = 3;

/// What the child does with descriptors before it executes the program, in order.
#[derive(Debug, Default)]
pub(crate) struct Actions(Vec<Action>);

#[derive(Debug)]
pub(super) enum Action {
    Duplicate {
        source: RawFd,
        target: RawFd,
    },
    /// It is not closed as the program is executed.
    Keep(RawFd),
    Open {
        target: RawFd,
        path: CString,
        flags: i32,
        mode: u32,
    },
    Close(RawFd),
    ChangeDirectory(CString),
    /// These are closed as the program is executed.
    Drop {
        first: u32,
        last: u32,
    },
}

impl Actions {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self::default())
    }

    pub(crate) fn open(
        &mut self,
        target: RawFd,
        path: &CStr,
        flags: i32,
        mode: u32,
    ) -> io::Result<()> {
        let path = path.to_owned();
        self.add(Action::Open {
            target: valid(target)?,
            path,
            flags,
            mode,
        })
    }

    pub(crate) fn close(&mut self, descriptor: RawFd) -> io::Result<()> {
        self.add(Action::Close(valid(descriptor)?))
    }

    pub(crate) fn duplicate(&mut self, source: RawFd, target: RawFd) -> io::Result<()> {
        let (source, target) = (valid(source)?, valid(target)?);
        self.add(Action::Duplicate { source, target })
    }

    pub(crate) fn keep(&mut self, descriptor: RawFd) -> io::Result<()> {
        self.add(Action::Keep(valid(descriptor)?))
    }

    pub(crate) fn change_directory(&mut self, path: &CStr) -> io::Result<()> {
        self.add(Action::ChangeDirectory(path.to_owned()))
    }

    /// Has all descriptors closed but these.
    pub(super) fn drop_others(&mut self, keep: &[RawFd]) -> io::Result<()> {
        let mut kept: Vec<u32> = keep.iter().filter_map(|n| u32::try_from(*n).ok()).collect();
        kept.sort_unstable();
        let mut first = 0;
        for number in kept {
            if let Some(last) = number.checked_sub(1).filter(|last| first <= *last) {
                self.add(Action::Drop { first, last })?;
            }
            first = number + 1;
        }
        let last = u32::MAX;
        self.add(Action::Drop { first, last })
    }

    pub(super) fn list(&self) -> &[Action] {
        &self.0
    }

    /// The number from which on the child needs none of this process's descriptors: `None` if it inherits what was not
    /// mentioned.
    pub(super) fn first_unneeded(&self) -> Option<u32> {
        let Some(Action::Drop { last: u32::MAX, .. }) = self.0.last() else {
            return None;
        };
        let needed = self.0.iter().map(|action| match action {
            Action::Duplicate { source, .. } => source.cast_unsigned() + 1,
            Action::Keep(number) => number.cast_unsigned() + 1,
            Action::Open { .. }
            | Action::Close(_)
            | Action::ChangeDirectory(_)
            | Action::Drop { .. } => 0,
        });
        // The standard streams of who is locked up, or executes a script, stay what they are until then.
        Some(needed.max().unwrap_or(0).max(STREAMS))
    }

    fn add(&mut self, action: Action) -> io::Result<()> {
        self.0.push(action);
        Ok(())
    }
}

fn valid(number: RawFd) -> io::Result<RawFd> {
    if number >= 0 {
        Ok(number)
    } else {
        Err(io::Error::from_raw_os_error(libc::EBADF))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_numbers_are_kept_or_dropped() {
        for (keep, expected) in [
            (&[][..], &[(0, u32::MAX)][..]),
            (&[0, 1, 2], &[(3, u32::MAX)]),
            (&[7, 1, 3, 1], &[(0, 0), (2, 2), (4, 6), (8, u32::MAX)]),
        ] {
            let mut actions = Actions::new().unwrap();
            actions.drop_others(keep).unwrap();
            let dropped = actions.list().iter().map(|action| match action {
                Action::Drop { first, last } => (*first, *last),
                other => panic!("{other:?}"),
            });
            assert_eq!(dropped.collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn what_is_needed_is_known_only_where_all_else_is_dropped() {
        let mut actions = Actions::new().unwrap();
        actions.duplicate(7, 3).unwrap();
        actions.keep(5).unwrap();
        assert_eq!(actions.first_unneeded(), None);
        actions.drop_others(&[3, 5]).unwrap();
        assert_eq!(actions.first_unneeded(), Some(8));
        let mut none = Actions::new().unwrap();
        none.drop_others(&[]).unwrap();
        assert_eq!(none.first_unneeded(), Some(3));
    }

    #[test]
    fn a_number_below_zero_is_refused() {
        let mut actions = Actions::new().unwrap();
        for refused in [
            actions.duplicate(-1, 3),
            actions.duplicate(3, -1),
            actions.close(-1),
            actions.open(-1, c"/dev/null", libc::O_RDONLY, 0),
        ] {
            assert_eq!(refused.unwrap_err().raw_os_error(), Some(libc::EBADF));
        }
    }
}
