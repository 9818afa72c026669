//! Many senders, one receiver.

use crate::Result;
use crate::harness::{Contender, Counts};
use crate::ours::set::senders;

pub(super) fn contenders(counts: &Counts) -> Result<Vec<Contender>> {
    Ok(vec![senders(counts, 1)?, senders(counts, 16)?])
}
