//! Rights in messages.

use crate::harness::{Contender, Counts};
use crate::ours::calls::rights;
use crate::{Result, raw};

pub(super) fn contenders(counts: &Counts) -> Result<Vec<Contender>> {
    Ok(vec![
        raw::rights(counts)?,
        rights::made(counts)?,
        rights::copied(counts)?,
    ])
}
