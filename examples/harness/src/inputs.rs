//! Inputs: those that are named, and after them the same changed at random.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fastrand::Rng;

/// The longest input that is made, in bytes.
const LONGEST: usize = 4096;
/// How many changes an input has at most.
const CHANGES: usize = 4;

/// An input and where it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Input {
    /// The file, or the number of the run.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// All inputs of a campaign, in their order.
#[derive(Debug)]
pub(crate) struct Inputs {
    corpus: Vec<Input>,
    next_named: usize,
    next_run: u64,
    runs: u64,
    random: Rng,
}

/// A file or folder that cannot be read.
#[derive(thiserror::Error)]
#[error("cannot read {}", path.display())]
pub(crate) struct ReadError {
    path: PathBuf,
    source: io::Error,
}

mach_ports::debug_with_causes!(ReadError);

impl Inputs {
    /// The files at these paths, and of the folders among them; then so many changed ones.
    pub(crate) fn new(paths: &[PathBuf], runs: u64, seed: u64) -> Result<Self, ReadError> {
        let mut corpus = Vec::new();
        for path in paths {
            read(path, &mut corpus).map_err(|source| ReadError {
                path: path.clone(),
                source,
            })?;
        }
        Ok(Self {
            corpus,
            next_named: 0,
            next_run: 0,
            runs,
            random: Rng::with_seed(seed),
        })
    }
}

impl Iterator for Inputs {
    type Item = Input;

    fn next(&mut self) -> Option<Input> {
        if let Some(input) = self.corpus.get(self.next_named) {
            self.next_named += 1;
            return Some(input.clone());
        }
        if self.next_run >= self.runs {
            return None;
        }
        self.next_run += 1;
        let mut bytes = match self.random.choice(&self.corpus) {
            Some(input) => input.bytes.clone(),
            None => Vec::new(),
        };
        for _ in 0..self.random.usize(1..=CHANGES) {
            let other = self.random.choice(&self.corpus).map(|input| &*input.bytes);
            change(&mut bytes, other.unwrap_or_default(), &mut self.random);
        }
        bytes.truncate(LONGEST);
        Some(Input {
            name: format!("run {}", self.next_run),
            bytes,
        })
    }
}

/// In folders by name, so that every campaign has the same order.
fn read(path: &Path, corpus: &mut Vec<Input>) -> io::Result<()> {
    let mut files = Vec::new();
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            files.push(entry?.path());
        }
        files.sort();
        files.retain(|file| file.is_file());
    } else {
        files.push(path.to_owned());
    }
    for file in files {
        corpus.push(Input {
            name: file.display().to_string(),
            bytes: fs::read(&file)?,
        });
    }
    Ok(())
}

/// One change: of a bit or a byte, or of what is where, `other` being another input.
fn change(bytes: &mut Vec<u8>, other: &[u8], random: &mut Rng) {
    let at = random.usize(..=bytes.len());
    match random.u8(..6) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.u8(..8);
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = random.u8(..);
            }
        }
        2 => bytes.insert(at, random.u8(..)),
        3 => drop(bytes.drain(at..random.usize(at..=bytes.len()))),
        4 => {
            let from = random.usize(..=at);
            bytes.extend_from_within(from..at);
        }
        _ => {
            let from = random.usize(..=other.len());
            let tail = other.get(from..).unwrap_or_default().to_vec();
            drop(bytes.splice(at.., tail));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_inputs_each_time() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b"), b"second").unwrap();
        fs::write(folder.path().join("a"), b"first").unwrap();
        let inputs = |seed| {
            let inputs = Inputs::new(&[folder.path().to_owned()], 500, seed).unwrap();
            inputs.collect::<Vec<_>>()
        };
        let one = inputs(1);
        assert_eq!(one.len(), 502);
        assert_eq!(
            (&*one[0].bytes, &*one[1].bytes),
            (&b"first"[..], &b"second"[..])
        );
        assert_eq!(one, inputs(1));
        assert_ne!(one, inputs(2));
        assert!(one.iter().all(|input| input.bytes.len() <= LONGEST));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let error = Inputs::new(&["/nowhere/at-all".into()], 1, 1).unwrap_err();
        assert_eq!(error.to_string(), "cannot read /nowhere/at-all");
    }
}
