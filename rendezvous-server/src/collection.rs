use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use rendezvous_protocol::wire::{MAX_ADDITIONAL_DATA, MAX_PORTS};
use rendezvous_protocol::{PeerCheck, PeerPolicy, PeerRequirement, text};

use crate::RendezvousPort;

/// What one child is to get: ports by key, additional data, and what the child
/// must be to get them.
///
/// Dropping it releases the rights in it.
///
/// ```
/// use mach_ports::ReceiveRight;
/// use rendezvous_server::{PortCollection, key};
///
/// let results = ReceiveRight::new()?;
/// let mut collection = PortCollection::new();
/// collection.insert(key(b"rslt"), results.make_send()?)?;
/// collection.set_additional_data(b"quality=85".to_vec())?;
/// assert_eq!(collection.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct PortCollection {
    pub(crate) ports: BTreeMap<u32, RendezvousPort>,
    pub(crate) additional_data: Vec<u8>,
    pub(crate) check: Option<PeerCheck>,
}

impl PortCollection {
    /// An empty collection. It is worth registering: a requirement or data may
    /// be all that the child is to have.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a port.
    ///
    /// # Errors
    /// [`CollectionError`], and the port is released: the key is taken, or the
    /// collection holds [`MAX_PORTS`] already.
    pub fn insert(
        &mut self,
        key: u32,
        port: impl Into<RendezvousPort>,
    ) -> Result<(), CollectionError> {
        if self.ports.len() >= MAX_PORTS {
            return Err(CollectionError::TooManyPorts);
        }
        match self.ports.entry(key) {
            Entry::Vacant(vacant) => vacant.insert(port.into()),
            Entry::Occupied(_) => return Err(CollectionError::DuplicateKey { key }),
        };
        Ok(())
    }

    /// Sets the bytes that the child finds beside its ports.
    ///
    /// # Errors
    /// [`CollectionError::TooMuchData`] beyond [`MAX_ADDITIONAL_DATA`] bytes.
    pub fn set_additional_data(&mut self, data: Vec<u8>) -> Result<(), CollectionError> {
        if data.len() > MAX_ADDITIONAL_DATA {
            return Err(CollectionError::TooMuchData { len: data.len() });
        }
        self.additional_data = data;
        Ok(())
    }

    /// Demands of the child's process what `requirement` says.
    ///
    /// That its pid is the registered one is always demanded.
    pub fn set_requirement(&mut self, requirement: PeerRequirement, policy: PeerPolicy) {
        self.check = Some(PeerCheck {
            requirement,
            policy,
        });
    }

    /// The number of ports.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ports.len()
    }

    /// Whether there is no port.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ports.is_empty()
    }

    /// The keys, ascending.
    pub fn keys(&self) -> impl Iterator<Item = u32> {
        self.ports.keys().copied()
    }
}

/// Why a collection does not take something. Its builder erred.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CollectionError {
    /// One reply could not carry another port.
    #[error("a collection holds at most {MAX_PORTS} ports")]
    TooManyPorts,
    /// There is a port under that key already.
    #[error("the collection has a port under key {} already", text::key(*key))]
    DuplicateKey {
        /// The key.
        key: u32,
    },
    /// The data is larger than a reply may be.
    #[error("{len} bytes of additional data are too many, {MAX_ADDITIONAL_DATA} fit")]
    TooMuchData {
        /// The length of the refused data.
        len: usize,
    },
}

mach_ports::debug_with_causes!(CollectionError);

#[cfg(test)]
mod tests {
    use mach_ports::ReceiveRight;

    use super::*;

    #[test]
    fn a_key_is_given_once_and_the_refused_port_is_released() {
        let [first, second] = [(); 2].map(|()| ReceiveRight::new().unwrap());
        let mut collection = PortCollection::new();
        collection.insert(1, first.make_send().unwrap()).unwrap();
        assert_eq!(
            collection.insert(1, second.make_send().unwrap()),
            Err(CollectionError::DuplicateKey { key: 1 })
        );
        assert!(first.status().unwrap().has_senders);
        assert!(!second.status().unwrap().has_senders);
        drop(collection);
        assert!(!first.status().unwrap().has_senders);
    }

    #[test]
    fn the_limits_are_the_replys() {
        let port = ReceiveRight::new().unwrap();
        let mut collection = PortCollection::new();
        for key in 0..MAX_PORTS as u32 {
            collection.insert(key, port.make_send().unwrap()).unwrap();
        }
        let one_more = collection.insert(u32::MAX, port.make_send().unwrap());
        assert_eq!(one_more, Err(CollectionError::TooManyPorts));
        assert_eq!(collection.keys().count(), MAX_PORTS);

        collection
            .set_additional_data(vec![0; MAX_ADDITIONAL_DATA])
            .unwrap();
        let len = MAX_ADDITIONAL_DATA + 1;
        let too_much = collection.set_additional_data(vec![0; len]);
        assert_eq!(too_much, Err(CollectionError::TooMuchData { len }));
    }
}
