//! What ended or held up the function: one finding for each cause, with the shortest input that leads there.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use helper_pool::{Loss, LostHelper};

use crate::inputs::Input;

/// What is known of one cause.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) kind: Kind,
    /// The shortest input that leads there.
    pub(crate) input: Input,
    /// How many did.
    pub(crate) count: u64,
    /// How the helper was lost, and what it said.
    pub(crate) loss: String,
    pub(crate) stderr: String,
}

/// What becomes of the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Crash,
    Hang,
}

impl Kind {
    /// As the finding's files are called.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Hang => "hang",
        }
    }
}

/// Findings by what tells them apart.
#[derive(Debug, Default)]
pub(crate) struct Findings(BTreeMap<(Kind, String), Finding>);

impl Findings {
    /// Adds what an input has led to.
    pub(crate) fn add(&mut self, input: Input, lost: &LostHelper) {
        let kind = match lost.loss() {
            Loss::TimedOut(_) => Kind::Hang,
            _ => Kind::Crash,
        };
        let found = || Finding {
            kind,
            input: input.clone(),
            count: 0,
            loss: lost.to_string(),
            stderr: lost.stderr().to_owned(),
        };
        let finding = self.0.entry((kind, cause(lost))).or_insert_with(found);
        finding.count += 1;
        if input.bytes.len() < finding.input.bytes.len() {
            *finding = Finding {
                count: finding.count,
                ..found()
            };
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each finding with its cause.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Finding)> {
        self.0
            .iter()
            .map(|((_, cause), finding)| (&**cause, finding))
    }

    /// Writes each finding's input into a folder, and beside it what it leads to. Its name depends on its bytes alone: another
    /// campaign that finds the same writes the same.
    pub(crate) fn save(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        for (cause, finding) in self.iter() {
            let path = folder.join(finding.file_name());
            fs::write(&path, &finding.input.bytes)?;
            let text = format!(
                "{cause}\n{}\nfirst in: {}\ninputs that led there: {}\n\n{}",
                finding.loss, finding.input.name, finding.count, finding.stderr
            );
            fs::write(path.with_extension("txt"), text)?;
        }
        Ok(())
    }
}

impl Finding {
    /// The name of the file that the input is kept in.
    pub(crate) fn file_name(&self) -> String {
        format!("{}-{:016x}.bin", self.kind.word(), fnv(&self.input.bytes))
    }
}

/// What tells one cause from another: where it panicked, what the runtime said before it ended the process, or else how that
/// ended.
fn cause(lost: &LostHelper) -> String {
    let told = lost.stderr().lines().rev().find_map(|line| {
        let (_, place) = line.split_once("panicked at ")?;
        Some(format!("panicked at {}", place.trim_end_matches(':')))
    });
    let said = || {
        [
            ("has overflowed its stack", "overflowed its stack"),
            ("memory allocation of ", "wanted more memory than there is"),
        ]
        .into_iter()
        .find(|(words, _)| lost.stderr().contains(words))
        .map(|(_, cause)| cause.to_owned())
    };
    match lost.loss() {
        Loss::TimedOut(_) => "no answer in time".to_owned(),
        Loss::Memory { .. } => "took too much memory".to_owned(),
        _ => told.or_else(said).unwrap_or_else(|| lost.to_string()),
    }
}

/// FNV-1a.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    })
}
