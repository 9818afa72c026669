//! Memory that is given away.

use crate::harness::Counts;
use crate::harness::rounds::race;
use crate::harness::series::Race;
use crate::ours::{calls::hand_over, safe};
use crate::{Result, sys};

pub(super) fn races(counts: &Counts) -> Result<Vec<Race>> {
    let of = |size| {
        let mut contenders = sys::hand_overs(counts, size)?;
        contenders.extend([
            hand_over::hand_over(counts, size)?,
            safe::hand_over(counts, size)?,
        ]);
        Ok(Race {
            level: Some(size as u64),
            series: race(&mut contenders, counts.rounds)?,
        })
    };
    [64 << 10, 16 << 20].into_iter().map(of).collect()
}
