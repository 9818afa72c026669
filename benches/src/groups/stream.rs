//! Messages one way.

use crate::harness::Counts;
use crate::harness::rounds::race;
use crate::harness::series::Race;
use crate::ours::{calls::stream, safe};
use crate::raw::SMALL;
use crate::{Result, peers, raw, sys};

pub(super) fn races(counts: &Counts) -> Result<Vec<Race>> {
    let of = |size| {
        let mut contenders = vec![raw::stream(counts, size)?];
        contenders.extend(sys::streams(counts, size)?);
        contenders.extend([stream::stream(counts, size)?, safe::stream(counts, size)?]);
        contenders.extend(peers::streams(counts, size)?);
        Ok(Race {
            level: Some(size as u64),
            series: race(&mut contenders, counts.rounds)?,
        })
    };
    [SMALL, 4 << 10, 64 << 10].into_iter().map(of).collect()
}
