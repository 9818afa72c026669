//! Without the feature `peers`, and where they are not compared.

use crate::Result;
use crate::harness::peer::Role;
use crate::harness::{Contender, Counts};

pub(crate) fn echoes(_: &Counts) -> Result<Vec<Contender>> {
    Ok(Vec::new())
}

pub(crate) fn streams(_: &Counts, _: usize) -> Result<Vec<Contender>> {
    Ok(Vec::new())
}

pub(crate) fn launches() -> Vec<Contender> {
    Vec::new()
}

pub(crate) fn serve(_: &Role) -> Option<Result<()>> {
    None
}

pub(crate) fn serve_launch(_: &Role) -> Option<Result<()>> {
    None
}
