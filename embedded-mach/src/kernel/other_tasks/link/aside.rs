//! Links of which another task may have a copy: it can hold up whoever reads them. They are read aside.
//!
//! Who reads waits for that a moment, as for any call. A read that takes longer goes on by itself: the link shows nothing to
//! anybody until it has ended, and what comes of it is taken up then.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;

use nix::errno::Errno;

use super::Link;
use crate::kernel::Kernel;
use crate::kernel::messages::receive::Way;
use crate::kernel::ports::ids::{LinkKey, key, number};
use crate::kernel::task;
use crate::sys::aside::{self, Got, Late};
use crate::sys::foreign::Foreign;
use crate::sys::packet::{self, Arrival};
use crate::sys::socket;
use crate::wire::parcel;

/// How many reads of links that one process made may be held up before its other links have to wait.
const MOST_HELD_UP: u32 = 4;

/// What has become of the last read of a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Held {
    #[default]
    No,
    /// It is under way.
    Up,
    /// It is to wait until others of links of the same process have ended.
    Behind,
}

/// A read that was held up has ended: what it has brought, if this is still the task that it was for.
fn take_late([of, link, maker]: [u64; 3], got: Got) {
    let mut kernel = task::lock();
    if kernel.salt == of {
        kernel.take_up_late(key(link), maker as i32, got);
    }
}

impl Link {
    /// Whether nobody can hold up who reads it: this task made it and kept it to itself.
    pub(crate) fn is_own(&self) -> bool {
        self.fd.is_own()
    }

    /// Whether a read of it has not ended, so that it must not be read or watched.
    pub(crate) fn is_held(&self) -> bool {
        self.held != Held::No
    }
}

impl Kernel {
    /// Reads the next packet of a link into `buffer`, without waiting for one.
    pub(super) fn receive_by(
        &mut self,
        link: LinkKey,
        buffer: &mut Vec<u8>,
    ) -> Result<Arrival, Errno> {
        let reading = self.links.get(link).ok_or(Errno::EAGAIN)?;
        if reading.is_own() {
            return packet::receive(reading.fd.as_fd(), buffer);
        }
        if reading.is_held() || !socket::has_something(reading.fd.as_fd()) {
            return Err(Errno::EAGAIN);
        }
        let fd = Arc::clone(&reading.fd);
        let Some(maker) = self.admitted(link) else {
            return Err(Errno::EAGAIN);
        };
        let mut room = std::mem::take(buffer);
        room.resize(parcel::PACKET, 0);
        let late = Late {
            tell: take_late,
            of: [self.salt, number(link), maker as u64],
        };
        let Some((room, got)) = aside::read(&fd, room, late) else {
            self.held_up(link, maker);
            return Err(Errno::EAGAIN);
        };
        *buffer = room;
        got
    }

    /// Sets an option of a link's end, whether at once: others may hold that up, too.
    ///
    /// What is not set shows in what comes: a packet without a sender is refused, one without a time comes first.
    pub(crate) fn set_up(&self, link: LinkKey, set: fn(&Foreign) -> io::Result<()>) -> bool {
        let Some(link) = self.links.get(link) else {
            return false;
        };
        if link.is_own() {
            return set(&link.fd).is_ok();
        }
        let fd = Arc::clone(&link.fd);
        let call = move || fd.make_call("setsockopt", |_| set(&fd).is_ok());
        aside::ask(call, drop).unwrap_or(false)
    }

    /// Takes what a packet of a way has beside it out of where that is. `None`: it is held up, and comes later.
    pub(crate) fn unload(&mut self, way: Way, buffer: &[u8], arrival: Arrival) -> Option<Arrival> {
        let bytes = buffer.get(..arrival.len).unwrap_or_default().to_vec();
        let unload = move || {
            let unloaded = parcel::unload(&bytes, arrival);
            (bytes, Ok(unloaded))
        };
        let (_, unloaded) = match way {
            Way::Link(link) => {
                // What has been read must not be put off: it counts for nobody's reads.
                let maker = self.maker_of(link);
                let of = [self.salt, number(link), maker as u64];
                let unloaded = aside::ask(unload, move |got| take_late(of, got));
                if unloaded.is_none() {
                    self.held_up(link, maker);
                }
                unloaded?
            }
            // Nobody honest has a reason to keep this waiting, and there is no other way to tell of a reply.
            Way::Back(_) => aside::ask(unload, drop)?,
        };
        unloaded.ok()
    }

    /// Who made a link, if that one may have one more read of its links held up. If not, the link waits.
    fn admitted(&mut self, link: LinkKey) -> Option<i32> {
        let maker = self.maker_of(link);
        if self.held_up.get(&maker).is_some_and(|&n| n >= MOST_HELD_UP) {
            self.hold_link(link, Held::Behind);
            return None;
        }
        Some(maker)
    }

    /// A read of a link is held up.
    fn held_up(&mut self, link: LinkKey, maker: i32) {
        tracing::debug!(pid = maker, "a read of a link is held up");
        *self.held_up.entry(maker).or_default() += 1;
        self.hold_link(link, Held::Up);
    }

    /// The process that made a link, as the kernel below tells.
    fn maker_of(&mut self, link: LinkKey) -> i32 {
        let asked = |fd: &Foreign| socket::peer(fd).map_or(0, |maker| maker.pid);
        self.links
            .get_mut(link)
            .map_or(0, |link| *link.maker.get_or_insert_with(|| asked(&link.fd)))
    }

    /// Has nobody read a link for a while, or wait for it.
    fn hold_link(&mut self, link: LinkKey, held: Held) {
        let Some(holding) = self.links.get_mut(link) else {
            return;
        };
        holding.held = held;
        let (fd, port) = (Arc::clone(&holding.fd), holding.port);
        if let Some(watch) = self.local(port).and_then(|local| local.watch.as_ref()) {
            watch.remove(fd.as_fd());
        }
    }

    /// Has a link be read again.
    fn release_link(&mut self, link: LinkKey) {
        let Some(released) = self.links.get_mut(link) else {
            return;
        };
        released.held = Held::No;
        let port = released.port;
        self.watch_link(port, link);
        // Whoever waits looks for what there is, and waits for this one, too.
        self.poke_receivers(port);
    }

    /// Takes up what a read has brought that was held up.
    fn take_up_late(&mut self, link: LinkKey, maker: i32, (buffer, got): Got) {
        if let Some(held_up) = self.held_up.get_mut(&maker) {
            *held_up -= 1;
            if *held_up == 0 {
                self.held_up.remove(&maker);
            }
        }
        let behind = self
            .links
            .iter()
            .filter(|(_, other)| other.held == Held::Behind && other.maker == Some(maker));
        let behind: Vec<_> = behind.map(|(key, _)| key).collect();
        for other in behind {
            self.release_link(other);
        }
        if self.links.contains_key(link) {
            self.release_link(link);
            let cut_short = self.links.get(link).is_some_and(|link| link.cut_short);
            self.take_one(link, &buffer, got);
            if cut_short {
                // Who wanted to know what is behind has not waited for it, and may not ask again.
                self.drain_link(link);
            }
            self.take_up_arrivals();
        }
    }
}
