//! What helpers may do besides taking files and giving thumbnails: nothing, as far as the system can see to that.

use std::collections::BTreeSet;
use std::str::FromStr;

use sandbox::{Evidence, Missing, Part, Profile, Status};

use crate::causes::with_causes;

/// The lock that all helpers are under.
#[derive(Debug)]
pub(crate) struct Lock {
    profile: Profile,
    /// The parts that this system cannot do, and that the user goes on without.
    missing: Vec<Missing>,
}

/// This system cannot lock helpers up, and the user did not say that it need not.
#[derive(Debug, thiserror::Error)]
#[error(
    "this system cannot lock helpers up; what it cannot do:\n{}To go on all the same, add {}",
    .0.iter().map(|missing| format!("  {missing}\n")).collect::<String>(),
    .0.iter().map(|missing| format!("--without {}", word(missing.part))).collect::<Vec<_>>().join(" ")
)]
pub(crate) struct CannotLock(Vec<Missing>);

/// A part of the lock that the user can do without, where the system cannot do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Without(Part);

impl FromStr for Without {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Part::Files, Part::SystemCalls, Part::Signals]
            .into_iter()
            .find(|part| word(*part) == text)
            .map(Self)
            .ok_or("must be files, system-calls or signals")
    }
}

/// A part as it is written in an argument.
fn word(part: Part) -> String {
    let mut word = String::new();
    for letter in format!("{part:?}").chars() {
        if letter.is_uppercase() && !word.is_empty() {
            word.push('-');
        }
        word.extend(letter.to_lowercase());
    }
    word
}

impl Lock {
    /// The strictest there is, without the parts that the user does without where the system cannot do them.
    pub(crate) fn new(without: &[Without]) -> Result<Self, CannotLock> {
        let profile = Profile::ports_only();
        let missing = profile.missing();
        Self::of(profile, missing, without)
    }

    /// `missing` is what this system cannot do of the profile.
    fn of(
        profile: Profile,
        missing: Vec<Missing>,
        without: &[Without],
    ) -> Result<Self, CannotLock> {
        let without: BTreeSet<_> = without.iter().map(|without| without.0).collect();
        let (missing, refused): (Vec<_>, Vec<_>) = missing
            .into_iter()
            .partition(|missing| without.contains(&missing.part));
        if !refused.is_empty() {
            return Err(CannotLock(refused));
        }
        let profile = without.into_iter().fold(profile, Profile::accept_without);
        Ok(Self { profile, missing })
    }

    pub(crate) fn profile(&self) -> Profile {
        self.profile.clone()
    }

    /// What the kernel says of a process's lock, and what that lock has not.
    pub(crate) fn seen(&self, pid: i32) -> String {
        let told = Status::of(pid).and_then(|status| Ok((status, Status::inherited()?)));
        let is_locked = match told {
            Ok((status, inherited)) => {
                status.shows(Evidence::Filter, &inherited)
                    || (!self.missing.is_empty()
                        && status.shows(Evidence::NoNewPrivileges, &inherited))
            }
            Err(error) => return format!("unknown: {}", with_causes(&error)),
        };
        if !is_locked {
            return "no".to_owned();
        }
        let without: Vec<_> = self
            .missing
            .iter()
            .map(|missing| word(missing.part))
            .collect();
        match without.is_empty() {
            true => "ports only".to_owned(),
            false => format!("ports only, but {}", without.join(" and ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_cannot_do_is_said_with_the_way_out() {
        let missing = vec![
            Missing::new(Part::Files, "there is no landlock"),
            Missing::new(Part::SystemCalls, "there are no filters"),
        ];
        let profile = Profile::ports_only();
        let refused = Lock::of(profile.clone(), missing.clone(), &[]);
        let error = refused.unwrap_err().to_string();
        for missing in &missing {
            assert!(error.contains(missing.because), "{error}");
        }
        let words: Vec<_> = missing.iter().map(|missing| word(missing.part)).collect();
        let way_out = format!("add --without {}", words.join(" --without "));
        assert!(error.ends_with(&way_out), "{error}");

        let without: Vec<_> = missing
            .iter()
            .map(|missing| Without(missing.part))
            .collect();
        let lock = Lock::of(profile, missing.clone(), &without).unwrap();
        assert_eq!(lock.missing, missing);
    }

    #[test]
    fn parts_are_named_as_arguments() {
        assert_eq!("files".parse(), Ok(Without(Part::Files)));
        assert_eq!("system-calls".parse(), Ok(Without(Part::SystemCalls)));
        assert_eq!("signals".parse(), Ok(Without(Part::Signals)));
        assert!("everything".parse::<Without>().is_err());
    }

    #[test]
    fn a_process_that_is_not_locked_is_seen() {
        if let Ok(lock) = Lock::new(&[]) {
            assert_eq!(lock.seen(std::process::id().cast_signed()), "no");
            assert!(lock.seen(i32::MAX).starts_with("unknown: "));
        }
    }
}
