//! A lock and its unlock, beside typed calls.

use crate::Result;
use crate::harness::{Contender, Counts};
use crate::ours::{locks, typed};

pub(super) fn contenders(counts: &Counts) -> Result<Vec<Contender>> {
    Ok(vec![
        typed::served(counts)?,
        typed::routine(counts)?,
        locks::session(counts)?,
        locks::request_with_right(counts)?,
        locks::volume(counts)?,
    ])
}
