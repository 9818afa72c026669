//! Requests and replies of 64 bytes.

use crate::harness::{Contender, Counts};
use crate::ours::{calls::echo, safe};
use crate::{Result, peers, raw, sys};

pub(super) fn contenders(counts: &Counts) -> Result<Vec<Contender>> {
    let mut contenders = vec![raw::echo(counts)?];
    contenders.extend(raw::spinning_echo(counts)?);
    contenders.extend(sys::echoes(counts)?);
    contenders.extend([
        echo::long_lived(counts)?,
        echo::send_once(counts)?,
        safe::long_lived(counts)?,
        safe::send_once(counts)?,
        safe::call(counts)?,
        raw::pipes(counts)?,
    ]);
    contenders.extend(peers::echoes(counts)?);
    Ok(contenders)
}
