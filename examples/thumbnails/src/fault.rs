//! Faults to order: what a decoder does to its process on a hostile file, without having to keep such a file.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::Path;
use std::process;
use std::str::FromStr;
use std::thread;

use crate::printable::printable;

/// What befalls the helper when it has read its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The process ends at once, as after a memory fault.
    Crash,
    /// The process neither answers nor ends.
    Hang,
}

impl Fault {
    /// The fault's number in a work message, where 0 stands for none.
    pub(crate) fn to_wire(fault: Option<Self>) -> u32 {
        match fault {
            None => 0,
            Some(Self::Crash) => 1,
            Some(Self::Hang) => 2,
        }
    }

    /// The reverse of [`Fault::to_wire`]; numbers it never gives mean none.
    pub(crate) fn from_wire(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::Crash),
            2 => Some(Self::Hang),
            _ => None,
        }
    }

    /// Lets it happen to this process, and says so on standard error first.
    pub(crate) fn strike(self) -> ! {
        let pid = process::id();
        match self {
            Self::Crash => {
                eprintln!("thumbnails helper {pid}: crashes, as ordered");
                process::abort()
            }
            Self::Hang => {
                eprintln!("thumbnails helper {pid}: hangs, as ordered");
                loop {
                    thread::park();
                }
            }
        }
    }
}

/// A fault and the name of the file whose helper it befalls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Injection {
    fault: Fault,
    file_name: String,
}

impl Injection {
    /// The fault that was ordered for `path`, if one was.
    pub(crate) fn find(injections: &[Self], path: &Path) -> Option<Fault> {
        injections
            .iter()
            .find(|injection| injection.is_for(path))
            .map(|injection| injection.fault)
    }

    /// Makes sure that each of `injections` will strike, and none in place of another.
    pub(crate) fn check<'a>(
        injections: &[Self],
        paths: impl Iterator<Item = &'a Path> + Clone,
    ) -> Result<(), ChaosError> {
        let mut seen = HashSet::new();
        for injection in injections {
            let name = printable(&injection.file_name);
            if !seen.insert(&injection.file_name) {
                return Err(ChaosError::Twice(name));
            }
            if !paths.clone().any(|path| injection.is_for(path)) {
                return Err(ChaosError::NoSuchImage(name));
            }
        }
        Ok(())
    }

    fn is_for(&self, path: &Path) -> bool {
        path.file_name() == Some(OsStr::new(&self.file_name))
    }
}

/// Why the faults that were ordered make no sense.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ChaosError {
    /// It would befall nobody.
    #[error("--chaos: none of the images is called {0}{hint}", hint = hint(.0))]
    NoSuchImage(String),
    /// Only one of them could befall the file.
    #[error("--chaos: {0} is named twice")]
    Twice(String),
}

fn hint(name: &str) -> &'static str {
    if name.contains('/') {
        " (the name is that of the file, without its folder)"
    } else {
        ""
    }
}

impl FromStr for Injection {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (fault, file_name) = match text.split_once(':') {
            Some(("crash", name)) if !name.is_empty() => (Fault::Crash, name),
            Some(("hang", name)) if !name.is_empty() => (Fault::Hang, name),
            _ => return Err("must be crash:NAME or hang:NAME"),
        };
        Ok(Self {
            fault,
            file_name: file_name.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_keeps_every_fault() {
        for fault in [None, Some(Fault::Crash), Some(Fault::Hang)] {
            assert_eq!(Fault::from_wire(Fault::to_wire(fault)), fault);
        }
    }

    #[test]
    fn a_fault_meets_the_named_file_only() {
        let injections = [
            "crash:a.png".parse().unwrap(),
            "hang:b.png".parse().unwrap(),
        ];
        assert_eq!(
            Injection::find(&injections, Path::new("x/a.png")),
            Some(Fault::Crash)
        );
        assert_eq!(
            Injection::find(&injections, Path::new("b.png")),
            Some(Fault::Hang)
        );
        assert_eq!(Injection::find(&injections, Path::new("a.png/c")), None);
    }

    #[test]
    fn faults_that_would_not_strike_are_refused() {
        let check = |faults: &[&str]| {
            let injections: Vec<Injection> =
                faults.iter().map(|fault| fault.parse().unwrap()).collect();
            let paths = ["x/a.png", "y/a.png", "b.png"].map(Path::new);
            Injection::check(&injections, paths.into_iter()).map_err(|error| error.to_string())
        };
        assert_eq!(check(&[]), Ok(()));
        assert_eq!(check(&["crash:a.png", "hang:b.png"]), Ok(()));
        for (faults, text) in [
            (
                &["crash:b.png", "hang:c.png"][..],
                "--chaos: none of the images is called c.png",
            ),
            (
                &["crash:x/a.png"],
                "--chaos: none of the images is called x/a.png (the name is that of the file, without its folder)",
            ),
            (
                &["crash:a.png", "hang:a.png"],
                "--chaos: a.png is named twice",
            ),
        ] {
            assert_eq!(check(faults), Err(text.to_owned()));
        }
    }
}
