//! What others made.

mod iceoryx;
mod ipc_channel;
mod tokio_stream;

use crate::Result;
use crate::harness::peer::Role;
use crate::harness::{Contender, Counts};

pub(crate) fn echoes(counts: &Counts) -> Result<Vec<Contender>> {
    Ok(vec![
        ipc_channel::echo(counts)?,
        iceoryx::echo(counts)?,
        tokio_stream::echo(counts)?,
    ])
}

pub(crate) fn streams(counts: &Counts, size: usize) -> Result<Vec<Contender>> {
    Ok(vec![
        ipc_channel::stream(counts, size)?,
        tokio_stream::stream(counts, size)?,
    ])
}

pub(crate) fn launches() -> Vec<Contender> {
    vec![ipc_channel::launches()]
}

pub(crate) fn serve(role: &Role) -> Option<Result<()>> {
    Some(match role.name.as_str() {
        ipc_channel::ECHO => ipc_channel::serve_echo(&role.argument),
        ipc_channel::STREAM => ipc_channel::serve_stream(&role.argument),
        iceoryx::ECHO => iceoryx::serve(&role.argument),
        tokio_stream::ECHO => tokio_stream::serve_echo(),
        tokio_stream::STREAM => tokio_stream::serve_stream(),
        _ => return None,
    })
}

pub(crate) fn serve_launch(role: &Role) -> Option<Result<()>> {
    (role.name == ipc_channel::LAUNCH).then(|| ipc_channel::serve_launch(&role.argument))
}
