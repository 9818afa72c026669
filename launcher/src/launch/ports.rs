//! The ports that wait for a child, from one launch to the next.

use std::collections::BTreeSet;

use rendezvous_server::{PeerPolicy, PeerRequirement, PortCollection, RendezvousPort};

use crate::SettingError;
use crate::error::LaunchCause;

/// What makes a child's collection. Ports are good for one launch, the rest for
/// all.
#[derive(Debug, Default)]
pub(crate) struct Ports {
    given: Vec<(u32, RendezvousPort)>,
    /// The keys of all earlier launches: a child that lacked one of these would
    /// not be what was described.
    keys: BTreeSet<u32>,
    additional_data: Option<Vec<u8>>,
    requirement: Option<(PeerRequirement, PeerPolicy)>,
}

impl Ports {
    pub(crate) fn add(&mut self, key: u32, port: RendezvousPort) {
        self.given.push((key, port));
    }

    pub(crate) fn set_additional_data(&mut self, data: Vec<u8>) {
        self.additional_data = Some(data);
    }

    pub(crate) fn set_requirement(&mut self, requirement: PeerRequirement, policy: PeerPolicy) {
        self.requirement = Some((requirement, policy));
    }

    /// The next child's collection; `None` if it is to have none. On an error the
    /// ports are released: either way they are not here any more.
    pub(crate) fn take(&mut self) -> Result<Option<PortCollection>, LaunchCause> {
        let given = std::mem::take(&mut self.given);
        let present: BTreeSet<u32> = given.iter().map(|(key, _)| *key).collect();
        let missing = self.keys.difference(&present).next().copied();
        self.keys.extend(present);
        if let Some(key) = missing {
            return Err(SettingError::PortMoved { key }.into());
        }
        if given.is_empty() && self.additional_data.is_none() && self.requirement.is_none() {
            return Ok(None);
        }
        let mut collection = PortCollection::new();
        for (key, port) in given {
            collection.insert(key, port)?;
        }
        if let Some(data) = &self.additional_data {
            collection.set_additional_data(data.clone())?;
        }
        if let Some((requirement, policy)) = &self.requirement {
            collection.set_requirement(requirement.clone(), *policy);
        }
        Ok(Some(collection))
    }
}

#[cfg(test)]
mod tests {
    use mach_ports::ReceiveRight;

    use super::*;

    fn missing(ports: &mut Ports) -> u32 {
        match ports.take() {
            Err(LaunchCause::Setting(SettingError::PortMoved { key })) => key,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_launch_is_given_every_port_anew() {
        let port = ReceiveRight::new().unwrap();
        let right = || port.make_send().unwrap().into();
        let mut ports = Ports::default();
        assert!(ports.take().unwrap().is_none());
        ports.add(1, right());
        ports.add(2, right());
        assert_eq!(ports.take().unwrap().unwrap().len(), 2);
        assert_eq!(missing(&mut ports), 1);
        // One of two is not enough, and does not wait for the other.
        ports.add(1, right());
        assert_eq!(missing(&mut ports), 2);
        assert!(!port.status().unwrap().has_senders);
        for key in [3, 2, 1] {
            ports.add(key, right());
        }
        let keys: Vec<_> = ports.take().unwrap().unwrap().keys().collect();
        assert_eq!(keys, [1, 2, 3]);
        assert_eq!(missing(&mut ports), 1);
    }

    #[test]
    fn what_only_a_failed_launch_had_is_missed_too() {
        let port = ReceiveRight::new().unwrap();
        let mut ports = Ports::default();
        for key in [7, 7, 8] {
            ports.add(key, port.make_send().unwrap().into());
        }
        assert!(matches!(ports.take(), Err(LaunchCause::Collection(_))));
        assert!(!port.status().unwrap().has_senders);
        ports.add(7, port.make_send().unwrap().into());
        assert_eq!(missing(&mut ports), 8);
    }

    #[test]
    fn data_and_requirement_are_for_all_launches() {
        let mut ports = Ports::default();
        ports.set_additional_data(b"data".to_vec());
        for _ in 0..2 {
            assert!(ports.take().unwrap().unwrap().is_empty());
        }
        let mut ports = Ports::default();
        ports.set_requirement(PeerRequirement::SameUser, PeerPolicy::Enforce);
        for _ in 0..2 {
            assert!(ports.take().unwrap().unwrap().is_empty());
        }
    }
}
