//! Typed calls, and the same bytes by hand.

use crate::Result;
use crate::harness::{Contender, Counts};
use crate::ours::typed;

pub(super) fn contenders(counts: &Counts) -> Result<Vec<Contender>> {
    Ok(vec![typed::by_hand(counts)?, typed::routine(counts)?])
}
