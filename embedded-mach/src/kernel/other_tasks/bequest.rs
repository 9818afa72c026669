//! What children inherit: the bootstrap port, unless that is the directory of names, and the registered ports.
//!
//! On Mach a task begins with its parent's rights to them, forked or spawned. Here each is a sending end that stays open
//! across `exec`, and a variable says which they are. All children have the same open end, and no two tasks may share
//! one: each makes itself a link over it at its first use, and leaves the end for its own children.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use crate::kernel::Kernel;
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::port::Home;
use crate::kernel::ports::right::Right;
use crate::sys::foreign::Foreign;
use crate::sys::{environment, file, random, socket};

/// For the bootstrap port and each registered one the number and the cookie of its descriptor, or nothing.
pub(crate) const VARIABLE: &str = "EMBEDDED_MACH_INHERITED_PORTS";

/// The bootstrap port and three registered ones.
const PLACES: usize = 4;

/// The ends that are open for children, by the port that each leads to.
#[derive(Debug, Default)]
pub(crate) struct Bequest(Vec<(PortKey, Foreign)>);

impl Bequest {
    fn end(&self, port: PortKey) -> Option<&Foreign> {
        self.0
            .iter()
            .find_map(|(key, end)| (*key == port).then_some(end))
    }

    fn value(&self, places: [Option<PortKey>; PLACES]) -> String {
        let ends = places.map(|port| port.and_then(|port| self.end(port)));
        ends.map(|end| end.and_then(described).unwrap_or_default())
            .join(",")
    }

    /// In a forked child: leaves the ends open, which the variable names there as well.
    pub(in crate::kernel) fn leave_open(self) {
        for (_, end) in self.0 {
            std::mem::forget(end.into_plain());
        }
    }
}

fn described(end: &Foreign) -> Option<String> {
    let cookie = socket::cookie(end.as_fd()).ok()?;
    Some(format!("{}:{cookie}", end.as_fd().as_raw_fd()))
}

/// The descriptor that a variable describes, if it is still that.
pub(in crate::kernel) fn taken_over(described: &str) -> Option<OwnedFd> {
    let (number, cookie) = described.split_once(':')?;
    socket::adopt(number.parse().ok()?, cookie.parse().ok()?)
}

impl Kernel {
    /// Opens an end for each port that children are to inherit, and closes others. What [`VARIABLE`] is to say then:
    /// `None` if there is nothing to inherit.
    pub(crate) fn bequeath(&mut self) -> Option<String> {
        let places = self.inheritable();
        self.bequest
            .0
            .retain(|(port, _)| places.contains(&Some(*port)));
        for port in places.into_iter().flatten() {
            if self.bequest.end(port).is_none() {
                // A port that cannot be inherited (an object of the library's own, a want of descriptors) is not.
                let end = self.lasting_end(port);
                self.bequest.0.extend(end.map(|end| (port, end)));
            }
        }
        (!self.bequest.0.is_empty()).then(|| self.bequest.value(places))
    }

    fn inheritable(&self) -> [Option<PortKey>; PLACES] {
        let [first, second, third] = &self.registered;
        [&self.bootstrap, first, second, third].map(|right| {
            let port = right.port()?;
            (!matches!(self.port(port)?.home, Home::Kernel(_))).then_some(port)
        })
    }

    fn lasting_end(&mut self, port: PortKey) -> Option<Foreign> {
        let right = self.copy_send(port);
        let (end, _) = self.link_of_its_own(right).ok()?;
        // Children have the same.
        file::inheritable(&end).ok().map(Foreign::arrived)
    }

    /// Takes the registered ports that the parent left, and gives the bootstrap port.
    pub(in crate::kernel) fn inherit(&mut self) -> Right {
        let Some(value) = environment::get(VARIABLE).and_then(|value| value.into_string().ok())
        else {
            return Right::Null;
        };
        let mut rights = [const { Right::Null }; PLACES];
        let mut known: Vec<(&str, PortKey)> = Vec::new();
        for (right, described) in rights.iter_mut().zip(value.split(',')) {
            let before = known.iter().find(|(name, _)| *name == described);
            *right = match before {
                Some(&(_, port)) => self.copy_send(port),
                None => self.inherited(described),
            };
            known.extend(right.port().map(|port| (described, port)));
        }
        let [bootstrap, registered @ ..] = rights;
        self.registered = registered;
        bootstrap
    }

    fn inherited(&mut self, described: &str) -> Right {
        let Some(end) = taken_over(described).map(Foreign::arrived) else {
            return Right::Null;
        };
        let right = self.over(&end);
        self.bequest.0.extend(right.port().map(|port| (port, end)));
        right
    }

    /// A send right with a link of its own, made over an end that others have as well.
    pub(in crate::kernel) fn over(&mut self, end: &Foreign) -> Right {
        let Ok(end) = end.try_clone() else {
            return Right::Null;
        };
        let number = random::number();
        let shared = self.new_remote(end, number, number, None);
        let Some(port) = shared.port() else {
            return shared;
        };
        let copy = self.copy_send(port);
        match self.link_of_its_own(copy) {
            Ok((own, number)) => {
                self.release(shared);
                self.new_remote(own, number, number, None)
            }
            // As good as none: a port that is dead or takes up nothing.
            Err(_) => shared,
        }
    }
}
