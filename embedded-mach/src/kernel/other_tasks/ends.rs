//! The ends of links behind a name, for who looks at a task from outside.

use std::sync::Arc;

use crate::headers::kern_return::KERN_INVALID_NAME;
use crate::headers::port::mach_port_name_t;
use crate::kernel::ports::port::{Home, Local, OnceEnd, Remote};
use crate::kernel::{Kernel, Result};
use crate::sys::foreign::Foreign;

impl Kernel {
    /// The ends of a name's links. Reply rights that are slots have none of their own.
    pub(crate) fn ends_of(&self, name: mach_port_name_t) -> Result<Vec<Arc<Foreign>>> {
        let entry = self.space.get(name).ok_or(KERN_INVALID_NAME)?;
        let port = entry.port().and_then(|key| self.port(key));
        Ok(match port.map(|port| &port.home) {
            Some(Home::Remote(remote)) => sending(remote),
            Some(Home::Local(local)) => self.receiving(local),
            _ => Vec::new(),
        })
    }

    fn receiving(&self, local: &Local) -> Vec<Arc<Foreign>> {
        let links = local.links.iter().filter_map(|&link| self.links.get(link));
        links.map(|link| Arc::clone(&link.fd)).collect()
    }
}

fn sending(remote: &Remote) -> Vec<Arc<Foreign>> {
    let send = remote.send.iter().map(|end| &end.fd);
    let once = remote.once.iter().filter_map(|end| match end {
        OnceEnd::Link { fd, .. } => Some(fd),
        OnceEnd::Slot { .. } => None,
    });
    send.chain(once).map(Arc::clone).collect()
}
