//! Launches from parents with little and with much memory: each is a process that launches when it is told to.

use std::time::Duration;

use crate::groups::launch::launch;
use crate::harness::peer::Role;
use crate::harness::rounds::race;
use crate::harness::series::Race;
use crate::harness::{Contender, Counts};
use crate::{Result, raw, sys};

const PARENT: &str = "parent";

pub(super) fn races(counts: &Counts) -> Result<Vec<Race>> {
    let mut contenders = [
        parent("small parent", 0)?,
        parent("large parent", counts.resident)?,
    ];
    Ok(vec![Race {
        level: Some(counts.resident as u64),
        series: race(&mut contenders, counts.launches)?,
    }])
}

fn parent(name: &str, resident: usize) -> Result<Contender> {
    let (socket, theirs) = sys::pair()?;
    let peer = raw::start(PARENT, resident, theirs)?;
    Ok(Contender::timing(name, [peer], 1, move || {
        raw::send_all(&socket, &[0])?;
        let mut taken = [0; size_of::<u64>()];
        raw::receive(&socket, &mut taken)?;
        Ok(Duration::from_nanos(u64::from_ne_bytes(taken)))
    }))
}

pub(super) fn serve(role: &Role) -> Option<Result<()>> {
    (role.name == PARENT).then(|| launches(role.number()?))
}

/// Launches once for each byte that comes, and says how long it took.
fn launches(resident: usize) -> Result<()> {
    let socket = raw::inherited();
    let memory = vec![1_u8; resident << 20];
    loop {
        raw::receive(&socket, &mut [0])?;
        let taken = launch()?;
        std::hint::black_box(&memory);
        raw::send_all(&socket, &u64::try_from(taken.as_nanos())?.to_ne_bytes())?;
    }
}
