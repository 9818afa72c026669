//! The servers that live as long as the process.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use rendezvous_protocol::BaseId;

use crate::{RendezvousServer, ServerError};

/// By the process too: after a `fork` the parent's server is not the child's.
static INSTANCES: Mutex<BTreeMap<(i32, BaseId), RendezvousServer>> = Mutex::new(BTreeMap::new());

impl RendezvousServer {
    /// The server of this process under the default base id, which is made at
    /// the first call and lives as long as the process.
    ///
    /// # Errors
    /// [`ServerError`]; the next call tries again.
    pub fn instance() -> Result<Self, ServerError> {
        Self::shared(&BaseId::default())
    }

    /// The server of this process under `base_id`; as [`Self::instance`]. While one
    /// thread makes it, others wait.
    ///
    /// # Errors
    /// [`ServerError`]; the next call tries again.
    pub fn shared(base_id: &BaseId) -> Result<Self, ServerError> {
        let key = (std::process::id().cast_signed(), base_id.clone());
        let mut instances = INSTANCES.lock();
        if let Some(server) = instances.get(&key) {
            return Ok(server.clone());
        }
        let server = Self::new(base_id)?;
        instances.insert(key, server.clone());
        Ok(server)
    }
}
