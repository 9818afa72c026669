//! The servers that live as long as the process.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use rendezvous_protocol::BaseId;

use crate::{RendezvousServer, ServerError};

/// By the process too: after a `fork` the parent's server is not the child's.
static INSTANCES: Mutex<BTreeMap<(i32, BaseId), RendezvousServer>> = Mutex::new(BTreeMap::new());

/// The server under `base_id`, made by `make` if there is none yet. Callers on
/// other threads wait for it; a failure leaves the place empty.
pub(crate) fn get_or_make(
    base_id: &BaseId,
    make: impl FnOnce() -> Result<RendezvousServer, ServerError>,
) -> Result<RendezvousServer, ServerError> {
    let key = (std::process::id().cast_signed(), base_id.clone());
    let mut instances = INSTANCES.lock();
    if let Some(server) = instances.get(&key) {
        return Ok(server.clone());
    }
    let server = make()?;
    instances.insert(key, server.clone());
    Ok(server)
}
