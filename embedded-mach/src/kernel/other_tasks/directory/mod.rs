//! Bootstrap names: listening sockets in a directory that only this user can enter.
//!
//! A name is a folder with one socket in it. Who looks a name up connects, and holds a link to the port: nobody in
//! between answers for it. That a name is there proves nothing about who serves it.

mod folder;
mod paths;
mod service;

use std::os::fd::{AsFd, OwnedFd};

use crate::headers::bootstrap::{
    BOOTSTRAP_NOT_PRIVILEGED, BOOTSTRAP_SERVICE_ACTIVE, BOOTSTRAP_UNKNOWN_SERVICE,
};
use crate::headers::kern_return::KERN_INVALID_RIGHT;
use crate::headers::port::mach_port_name_t;
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::right::Right;
use crate::kernel::{Kernel, Result};
use crate::wire::parcel;
use crate::wire::tree::Packet;

pub(crate) use folder::{FileId, claim, find};
pub(crate) use paths::{DIRECTORY, is_in_place};
pub(crate) use service::Service;

impl Kernel {
    /// Whether a name is served by this task itself.
    pub(crate) fn own_service(&self, name: &str) -> Option<PortKey> {
        self.services.get(name).copied()
    }

    /// Refuses a name that this task serves already.
    pub(crate) fn refuse_own_service(&self, name: &str) -> Result<()> {
        match self.own_service(name) {
            Some(_) => Err(BOOTSTRAP_SERVICE_ACTIVE),
            None => Ok(()),
        }
    }

    /// The port of a right that may be registered: one that this task receives on.
    pub(crate) fn registrable(&mut self, name: mach_port_name_t) -> Result<PortKey> {
        let key = self.look_at(name)?.port().ok_or(KERN_INVALID_RIGHT)?;
        match self.local(key) {
            Some(_) => Ok(key),
            None => Err(BOOTSTRAP_NOT_PRIVILEGED),
        }
    }

    /// Gives up all names that this task serves.
    pub(crate) fn withdraw_services(&mut self) {
        for (_, port) in &mut self.ports {
            for service in port
                .local_mut()
                .map(|local| local.services.drain(..))
                .into_iter()
                .flatten()
            {
                service.withdraw();
            }
        }
        self.services.clear();
    }

    /// Gives up a name that this task serves; its port stays.
    pub(crate) fn withdraw_service(&mut self, name: &str) -> Result<()> {
        let key = self
            .services
            .remove(name)
            .ok_or(BOOTSTRAP_UNKNOWN_SERVICE)?;
        let local = self.local_mut(key).ok_or(BOOTSTRAP_UNKNOWN_SERVICE)?;
        let Some(at) = local.services.iter().position(|s| s.name() == name) else {
            return Err(BOOTSTRAP_UNKNOWN_SERVICE);
        };
        let service = local.services.remove(at);
        if let Some(watch) = &local.watch {
            watch.remove(service.listener().as_fd());
        }
        service.withdraw();
        self.check_no_senders(key);
        Ok(())
    }

    /// Serves a name of this task by a new socket in the place of the one that nobody finds any more.
    pub(crate) fn replace_service(&mut self, port: PortKey, service: Service) {
        // Who has found the old one in time is taken up.
        self.pump(port);
        let name = service.name().to_owned();
        let served = self.local_mut(port).and_then(|local| {
            let at = local.services.iter().position(|s| s.name() == name)?;
            // It is not withdrawn: what is in the directory now is the new one.
            let old = local.services.remove(at);
            if let Some(watch) = &local.watch {
                watch.remove(old.listener().as_fd());
            }
            Some(())
        });
        match served {
            Some(()) => self.add_service(port, service),
            // It was given up meanwhile.
            None => service.withdraw(),
        }
    }

    /// The send right that a look-up gives: the known one, if the same socket leads to the same port.
    pub(crate) fn looked_up(&mut self, name: &str, fd: OwnedFd, id: FileId) -> Right {
        if let Some(&(known, key)) = self.looked_up.get(name)
            && known == id
            && id != (0, 0)
        {
            self.check_alive(key);
            if self
                .port(key)
                .is_some_and(|port| port.remote().is_some_and(|r| r.send.is_some()))
            {
                return self.copy_send(key);
            }
        }
        let link = crate::sys::random::number();
        // Only what comes home later needs it: a server that is gone, or full, is found out by the first message.
        let _ = parcel::send(fd.as_fd(), &Packet::Hello(link));
        let right = self.new_remote(fd, link, link, None);
        if let Some(key) = right.port() {
            if let Some(end) = self
                .port_mut(key)
                .and_then(|port| port.remote_mut())
                .and_then(|remote| remote.send.as_mut())
            {
                end.own = true;
            }
            self.looked_up.insert(name.to_owned(), (id, key));
        }
        right
    }
}
