//! macOS: the agent is linked into the child, which takes its monitors' ports from the rendezvous.

pub(crate) mod agent {
    use std::ffi::OsString;
    use std::io;
    use std::os::fd::RawFd;

    use image_monitor::Claim;
    use image_protocol::environment::{Launch, VARIABLE, Way, port_key};
    use rendezvous_server::PortCollection;

    use crate::error::LaunchCause;
    use crate::sys::Preparation;

    pub(crate) fn add_ports(
        claims: &[Claim],
        collection: Option<PortCollection>,
    ) -> Result<Option<PortCollection>, LaunchCause> {
        let mut collection = collection.unwrap_or_default();
        for (index, claim) in (0..).zip(claims) {
            collection.insert(port_key(index), claim.right()?)?;
        }
        Ok(Some(collection))
    }

    /// Says by which keys its ports are to be had, and how long it is to wait for each monitor.
    pub(crate) fn prepare(
        claims: &[Claim],
        _numbers: &[RawFd],
        _variable: impl Fn(&str) -> Option<OsString>,
        _static_tls: u32,
    ) -> Result<Preparation, LaunchCause> {
        let parent = std::process::id();
        let way = |(index, claim): (u32, &Claim)| Way {
            parent,
            number: port_key(index),
            cookie: 0,
            deadline_ms: claim.deadline_ms(),
        };
        let ways: Vec<_> = (0..).zip(claims).map(way).collect();
        let launch = Launch::new(None, false, &ways)
            .ok_or_else(|| io::Error::other("more monitors than were claimed"))?;
        Ok(Preparation {
            descriptors: Vec::new(),
            variables: vec![(VARIABLE, launch.to_string().into())],
        })
    }
}
