//! Calls of another library's function, in a process that is watched and in one that is not.

use crate::groups::watched;
use crate::harness::Contender;
use crate::harness::peer::Role;
use crate::{Result, sys};

const CALLS: &str = "plt";

/// How many calls there are in one turn.
const TIMES: u32 = 100_000;

pub(super) fn contenders() -> Result<Vec<Contender>> {
    [("not watched", 0), ("one monitor", 1)]
        .map(|(name, count)| watched::contender(CALLS, name, count, TIMES))
        .into_iter()
        .collect()
}

pub(super) fn serve(role: &Role) -> Option<Result<()>> {
    let call = || {
        sys::call_by_plt();
        Ok(())
    };
    (role.name == CALLS).then(|| watched::work(TIMES, call))
}
