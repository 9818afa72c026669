//! Which of the parent's descriptors the child gets, under which numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};

use mach_ports::platform::spawn::last_descriptor;
use nix::sys::resource::{Resource, getrlimit};

use crate::SettingError;

/// Source descriptors by the number that they get in the child.
///
/// The child's numbers are filled one after the other, so a source that had
/// such a number might be overwritten before its turn. None has: sources that
/// would are duplicated first. That makes the order irrelevant, and it makes
/// every entry a real `dup2`, which takes the close-on-exec flag away; a `dup2`
/// onto itself would leave it. A number that is nobody's source, nor made by any
/// entry, may stay what it is in the parent.
#[derive(Debug, Default)]
pub(crate) struct Descriptors(BTreeMap<RawFd, Option<OwnedFd>>);

impl Descriptors {
    /// Adds a descriptor. No two may have one number.
    pub(crate) fn add(&mut self, target: RawFd, source: OwnedFd) -> Result<(), SettingError> {
        self.insert(target, Some(source))
    }

    /// Has the child keep what has that number in the parent.
    pub(crate) fn leave(&mut self, target: RawFd) -> Result<(), SettingError> {
        self.insert(target, None)
    }

    fn insert(&mut self, target: RawFd, source: Option<OwnedFd>) -> Result<(), SettingError> {
        if self.0.contains_key(&target) {
            return Err(SettingError::Collision);
        }
        self.0.insert(target, source);
        Ok(())
    }

    /// Adds a descriptor of the caller's: 0 to 2 are not for these.
    pub(crate) fn add_extra(&mut self, target: RawFd, source: OwnedFd) -> Result<(), SettingError> {
        if (0..=2).contains(&target) {
            return Err(SettingError::StandardStream);
        }
        let max = largest_number();
        if !(3..=max).contains(&target) {
            return Err(SettingError::OutOfRange { max });
        }
        self.add(target, source)
    }

    /// The lowest number from 3 on that the child does not use yet.
    pub(crate) fn free_number(&self) -> RawFd {
        self.free_numbers().next().unwrap_or(RawFd::MAX)
    }

    /// The numbers from 3 on that the child does not use yet.
    pub(crate) fn free_numbers(&self) -> impl Iterator<Item = RawFd> {
        (3..=RawFd::MAX).filter(|number| !self.0.contains_key(number))
    }

    /// Moves sources away from the child's numbers.
    pub(crate) fn disentangle(self) -> Result<Disentangled, (RawFd, io::Error)> {
        let targets: BTreeSet<RawFd> = self.0.keys().copied().collect();
        let apart = |(target, source): (RawFd, Option<OwnedFd>)| match source
            .map(|source| outside(source, &targets))
            .transpose()
        {
            Ok(source) => Ok((target, source)),
            Err(error) => Err((target, error)),
        };
        self.0
            .into_iter()
            .map(apart)
            .collect::<Result<_, _>>()
            .map(Disentangled)
    }
}

/// [`Descriptors`] of which no source has the number of a target but its own, by
/// ascending target.
#[derive(Debug)]
pub(crate) struct Disentangled(Vec<(RawFd, Option<OwnedFd>)>);

impl Disentangled {
    /// Pairs of source and target, which are equal if the number is to stay.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (RawFd, RawFd)> {
        self.0
            .iter()
            .map(|(target, source)| (source.as_ref().map_or(*target, OwnedFd::as_raw_fd), *target))
    }

    /// The child's numbers, ascending.
    pub(crate) fn targets(&self) -> Vec<RawFd> {
        self.0.iter().map(|(target, _)| *target).collect()
    }
}

/// The same open file under a number that is no target.
fn outside(source: OwnedFd, targets: &BTreeSet<RawFd>) -> io::Result<OwnedFd> {
    // Duplicates that do not suit keep their numbers from coming again, so
    // there are no more of them than targets.
    let mut unsuitable = Vec::new();
    let mut candidate = source;
    while targets.contains(&candidate.as_raw_fd()) {
        let next = candidate.as_fd().try_clone_to_owned()?;
        unsuitable.push(std::mem::replace(&mut candidate, next));
    }
    Ok(candidate)
}

/// The largest descriptor number that a child may be given.
fn largest_number() -> RawFd {
    let last = match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok((soft, _)) => RawFd::try_from(soft.saturating_sub(1)).unwrap_or(RawFd::MAX),
        Err(_) => RawFd::MAX,
    };
    // There may be no limit, on macOS for one, where some numbers are too large all the same.
    last.min(last_descriptor())
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read, Write};

    use super::*;

    fn null() -> OwnedFd {
        File::open("/dev/null").unwrap().into()
    }

    #[test]
    fn collisions_are_refused() {
        let mut descriptors = Descriptors::default();
        descriptors.add_extra(7, null()).unwrap();
        assert_eq!(
            descriptors.add_extra(7, null()),
            Err(SettingError::Collision)
        );
        for target in 0..=2 {
            assert_eq!(
                descriptors.add_extra(target, null()),
                Err(SettingError::StandardStream)
            );
        }
        let max = largest_number();
        assert_eq!(
            descriptors.add_extra(-1, null()),
            Err(SettingError::OutOfRange { max })
        );
        assert_eq!(
            descriptors.add_extra(RawFd::MAX, null()),
            Err(SettingError::OutOfRange { max })
        );
    }

    #[test]
    fn the_lowest_free_number_is_found() {
        let mut descriptors = Descriptors::default();
        assert_eq!(descriptors.free_number(), 3);
        descriptors.add_extra(3, null()).unwrap();
        descriptors.add_extra(5, null()).unwrap();
        assert_eq!(descriptors.free_number(), 4);
    }

    #[test]
    fn no_source_keeps_the_number_of_a_target() {
        let (mut reader, writer) = io::pipe().unwrap();
        let (a, b) = (OwnedFd::from(writer), null());
        let (first, second) = (a.as_raw_fd(), b.as_raw_fd());
        let mut descriptors = Descriptors::default();
        // The two swap places, and the next numbers to be given are targets.
        descriptors.add(first, b).unwrap();
        descriptors.add(second, a).unwrap();
        for target in second + 1..second + 8 {
            descriptors.add(target, null()).unwrap_or_default();
        }
        descriptors.leave(0).unwrap();
        assert_eq!(descriptors.leave(0), Err(SettingError::Collision));
        let apart = descriptors.disentangle().unwrap();
        let targets = apart.targets();
        assert!(
            apart
                .pairs()
                .all(|(source, target)| (source, target) == (0, 0) || !targets.contains(&source)),
            "{apart:?}"
        );
        // They are still the same files: the pipe's end is to become `second`.
        let (_, moved) = apart
            .0
            .into_iter()
            .find(|(target, _)| *target == second)
            .unwrap();
        File::from(moved.unwrap()).write_all(b"x").unwrap();
        let mut byte = [0];
        reader.read_exact(&mut byte).unwrap();
        assert_eq!(byte, *b"x");
    }
}
