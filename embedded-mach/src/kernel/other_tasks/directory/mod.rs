//! Bootstrap names: listening sockets in a directory that only this user can enter.
//!
//! A name is a folder with one socket in it. Who looks a name up connects, and holds a link to the port: nobody in
//! between answers for it. That a name is there proves nothing about who serves it.
//!
//! - `places`: the folders that names may be in; `spot`: one name's folder, and what is there;
//! - `claim`, `find`, `adopt`, `sweep`: taking a name, looking it up, taking it over with its receive right, clearing
//!   what was left behind; `service`: a name that this task serves;
//! - `adoption`: who asks for a name that is being taken over waits for that;
//! - `clerk`, `errands`: files are asked on a thread of their own where they may not answer, and never with the task
//!   locked; `mounts`: which ones always answer;
//! - `trouble`: what went wrong, in words.

mod adopt;
mod adoption;
mod claim;
mod clerk;
mod errands;
mod find;
mod mounts;
mod places;
mod report;
mod service;
mod spare;
mod spot;
mod sweep;
mod trouble;

use std::os::fd::AsFd;

use crate::headers::bootstrap::{
    BOOTSTRAP_NOT_PRIVILEGED, BOOTSTRAP_SERVICE_ACTIVE, BOOTSTRAP_UNKNOWN_SERVICE,
};
use crate::headers::kern_return::KERN_INVALID_RIGHT;
use crate::headers::port::mach_port_name_t;
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::right::Right;
use crate::kernel::{Kernel, Result};
use crate::sys::foreign::Foreign;
use crate::wire::parcel;
use crate::wire::tree::Packet;
use places::{Place, places};

pub(crate) use adopt::Claimed;
pub(crate) use adoption::{Adoptions, settled};
pub(crate) use errands::{Errand, Errands};
pub(crate) use find::{Found, SocketId};
pub(crate) use places::{DIRECTORY, SPARE};
pub(crate) use report::{last_trouble, start};
pub(crate) use service::{Made, Service};
pub(crate) use spare::remove_spare_place;

/// Makes a name served by this task, as far as the file system goes.
pub(crate) fn claim(name: &str) -> Result<Service> {
    let wanted = name.to_owned();
    let folders = places();
    let folders = folders.iter().map(Place::path);
    let service = clerk::ask(folders, move |progress| claim::claim(&wanted, progress))
        .map_err(|trouble| report::failed("bootstrap check-in", name, &trouble))?;
    if let Some(place) = service.spare_place() {
        spare::announce(place);
    }
    sweep::sweep_once(service.place());
    Ok(service)
}

/// Connects to whoever serves a name.
pub(crate) fn find(name: &str) -> Result<Found> {
    let wanted = name.to_owned();
    let folders = places();
    let folders = folders.iter().map(Place::path);
    clerk::ask(folders, move |progress| find::find(&wanted, progress))
        .map_err(|trouble| report::failed("bootstrap look-up", name, &trouble))
}

/// Whether a look-up of a name that this task serves finds its socket, as far as the file system goes.
pub(crate) fn is_in_place(made: Made) -> bool {
    let folder = made.folder().to_owned();
    clerk::ask([folder.as_path()], move |progress| made.is_there(progress)).unwrap_or(false)
}

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
                self.errands.push(Errand::Withdraw(service));
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
        self.errands.push(Errand::Withdraw(service));
        self.check_no_senders(key);
        Ok(())
    }

    /// Has it found out whether names that came with a receive right are this task's now.
    pub(crate) fn take_over_names(&mut self, port: PortKey, names: Vec<Claimed>) {
        if !names.is_empty() {
            let said = names.iter().map(|claimed| claimed.name.clone());
            let begun = self.adoptions.begin(said.collect());
            self.errands.push(Errand::Adopt { port, names, begun });
        }
    }

    /// Has a port served under a name that came with it, and by those who had connected there.
    fn serve(&mut self, port: PortKey, service: Service, clients: Vec<Foreign>) {
        if self.local(port).is_none() {
            // It has moved on meanwhile.
            self.errands.push(Errand::Withdraw(service));
            return;
        }
        self.add_service(port, service);
        // Nobody knows since when they have been waiting.
        self.add_clients(port, clients.into_iter().map(|fd| (fd, 0)).collect());
    }

    /// A name that this task serves: its port, and where its socket was made.
    pub(crate) fn served(&self, name: &str) -> Result<(PortKey, Made)> {
        let key = self.own_service(name).ok_or(BOOTSTRAP_UNKNOWN_SERVICE)?;
        let mut services = self
            .local(key)
            .into_iter()
            .flat_map(|local| &local.services);
        let service = services.find(|service| service.name() == name);
        let made = service.ok_or(BOOTSTRAP_UNKNOWN_SERVICE)?.made().clone();
        Ok((key, made))
    }

    /// Whether a name that this task serves is known to lead to its socket, without a look at the folder.
    pub(crate) fn is_served_still(&self, name: &str) -> bool {
        let port = self.own_service(name).and_then(|key| self.local(key));
        let mut services = port.into_iter().flat_map(|local| &local.services);
        services.any(|service| service.name() == name && service.is_there_still())
    }

    /// Notes that a name of this task was seen to lead to its socket.
    pub(crate) fn saw_service(&mut self, name: &str) {
        if let Some(local) = self.own_service(name).and_then(|key| self.local_mut(key)) {
            let mut services = local.services.iter_mut();
            services
                .find(|service| service.name() == name)
                .into_iter()
                .for_each(Service::was_seen);
        }
    }

    /// Serves a name of this task by a new socket in the place of the one that nobody finds any more.
    pub(crate) fn replace_service(&mut self, port: PortKey, service: Service) {
        // Who has found the old one in time is taken up.
        self.pump(port);
        let name = service.name().to_owned();
        let replaced = self.local_mut(port).and_then(|local| {
            let at = local.services.iter().position(|s| s.name() == name)?;
            let old = local.services.remove(at);
            if let Some(watch) = &local.watch {
                watch.remove(old.listener().as_fd());
            }
            Some(old)
        });
        match replaced {
            // It takes with it what is its own, which nobody looks at any more.
            Some(old) => {
                self.errands.push(Errand::Withdraw(old));
                self.add_service(port, service);
            }
            // It was given up meanwhile.
            None => self.errands.push(Errand::Withdraw(service)),
        }
    }

    /// The send right that a look-up gives: the known one, if the same socket leads to the same port.
    pub(crate) fn looked_up(&mut self, name: &str, found: Found) -> Right {
        let Found { fd, id } = found;
        if let Some(&(known, key)) = self.looked_up.get(name)
            && id == Some(known)
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
        let said = parcel::send(fd.as_fd(), &Packet::Hello(link));
        let right = self.new_remote(fd, link, link, None);
        if let (Some(key), Ok(len)) = (right.port(), said) {
            self.note_other(key, len);
        }
        if let (Some(key), Some(id)) = (right.port(), id) {
            self.looked_up.insert(name.to_owned(), (id, key));
        }
        right
    }
}
