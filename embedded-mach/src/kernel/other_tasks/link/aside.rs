//! Links of which another task may have a copy: it can hold up whoever reads them. They are read aside.
//!
//! So are all where the table of descriptors is nearly full, for what finds no number is closed in the read.
//! Who reads waits for that a moment, as for any call. A read that takes longer goes on by itself: the link shows nothing to
//! anybody until it has ended, and what comes of it is taken up then.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;

use nix::errno::Errno;

use super::Link;
use crate::kernel::Kernel;
use crate::kernel::ports::ids::{BackKey, LinkKey, PortKey, key, number};
use crate::kernel::task;
use crate::sys::ahead;
use crate::sys::aside::{self, Got, Late};
use crate::sys::foreign::Foreign;
use crate::sys::packet::{self, Arrival};
use crate::sys::{process, room, socket};
use crate::wire::decode::Malformed;
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
    /// It is to wait until others that a process holds up have ended.
    Behind(i32),
}

/// What is to be done once others of the same process have ended.
pub(crate) struct PutOff {
    maker: i32,
    again: Box<dyn FnOnce(&mut Kernel) + Send>,
}

impl std::fmt::Debug for PutOff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PutOff")
            .field("maker", &self.maker)
            .finish()
    }
}

/// A read that was held up has ended: what it has brought, if this is still the task that it was for.
fn take_late([of, link, maker]: [u64; 3], got: Got) {
    let mut kernel = task::lock();
    if kernel.salt == of {
        kernel.take_up_late(key(link), maker as i32, got);
    }
}

/// As [`take_late`], of what came back.
fn take_late_reply([of, back, pid]: [u64; 3], (buffer, got): Got) {
    let mut kernel = task::lock();
    if kernel.salt == of {
        kernel.holds_up_less(pid as i32);
        kernel.take_back_late(key(back), &buffer, got);
    }
}

/// How what a packet has beside it is taken out of where that is, with the packet's own bytes.
fn unloading(buffer: &[u8], arrival: Arrival) -> impl FnOnce() -> Got + Send + 'static {
    let bytes = buffer.get(..arrival.len).unwrap_or_default().to_vec();
    move || {
        let unloaded = parcel::unload(&bytes, arrival);
        (bytes, Ok(unloaded))
    }
}

/// The sender of the next packet of an end that nobody else has, if its read may be held up all the same: it may bring what
/// finds no number. A process that may have no further thread reads it all the same.
fn may_be_held_up(end: &Foreign) -> Option<i32> {
    let sender = room::is_short().then(|| packet::carries_more(end.as_fd()))?;
    sender.filter(|_| aside::is_manned()).map(process::number)
}

impl Link {
    /// Whether nobody has a descriptor of it but this task, which made it.
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
        if reading.is_held() {
            return Err(Errno::EAGAIN);
        }
        let maker = if reading.is_own() {
            match may_be_held_up(&reading.fd) {
                Some(sender) => sender,
                None => {
                    let got = packet::receive(reading.fd.as_fd(), buffer);
                    return self.arrivals.note_want(got);
                }
            }
        } else if socket::has_something(reading.fd.as_fd()) {
            self.maker_of(link)
        } else {
            return Err(Errno::EAGAIN);
        };
        if self.has_held_up(maker) {
            self.hold_link(link, Held::Behind(maker));
            return Err(Errno::EAGAIN);
        }
        let reading = self.links.get(link).ok_or(Errno::EAGAIN)?;
        let fd = Arc::clone(&reading.fd);
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
        self.arrivals.note_want(got)
    }

    /// Reads the next packet that has come back, without waiting for one. What has been held up comes later, by itself.
    pub(crate) fn receive_back(
        &mut self,
        back: BackKey,
        buffer: &mut Vec<u8>,
    ) -> Result<Arrival, Errno> {
        let way = self.backs.get_mut(back).ok_or(Errno::EAGAIN)?;
        let (fd, _) = way.reading();
        let Some(sender) = may_be_held_up(fd) else {
            return packet::receive(fd.as_fd(), buffer);
        };
        let fd = Arc::clone(fd);
        if self.has_held_up(sender) {
            // It stays where it is, and is looked for again.
            return Err(Errno::EMFILE);
        }
        let mut room = std::mem::take(buffer);
        room.resize(parcel::PACKET, 0);
        let late = Late {
            tell: take_late_reply,
            of: [self.salt, number(back), sender as u64],
        };
        let Some((room, got)) = aside::read(&fd, room, late) else {
            self.holds_up_more(sender);
            buffer.resize(parcel::PACKET, 0);
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

    /// Takes a receiving end out of the socket that a process has sent ahead. If that is held up `late` has it, with what is
    /// known of it.
    pub(crate) fn take_ahead<T: Send + 'static>(
        &mut self,
        listener: Foreign,
        pid: i32,
        of: T,
        late: fn(&mut Self, Option<Foreign>, T),
    ) -> Option<(Option<Foreign>, T)> {
        let is_maker = move |made| process::number(made) == pid;
        if listener.is_own() {
            // It has not left this task.
            return Some((ahead::take(listener, is_maker), of));
        }
        if self.has_held_up(pid) {
            let again = move |kernel: &mut Self| {
                if let Some((end, of)) = kernel.take_ahead(listener, pid, of, late) {
                    late(kernel, end, of);
                }
            };
            self.put_off.push(PutOff {
                maker: pid,
                again: Box::new(again),
            });
            return None;
        }
        let take = move || (ahead::take(listener, is_maker), of);
        let salt = self.salt;
        let take_up = move |(end, of)| {
            let mut kernel = task::lock();
            if kernel.salt == salt {
                kernel.holds_up_less(pid);
                late(&mut kernel, end, of);
            }
        };
        let taken = aside::ask(take, take_up);
        if taken.is_none() {
            self.holds_up_more(pid);
        }
        taken
    }

    /// Takes what a packet of a link has beside it out of where that is. `None`: it is held up, and comes later.
    pub(crate) fn unload(
        &mut self,
        link: LinkKey,
        buffer: &[u8],
        arrival: Arrival,
    ) -> Option<Arrival> {
        // What has been read must not be put off: it counts for nobody's reads.
        let maker = self.maker_of(link);
        let of = [self.salt, number(link), maker as u64];
        let unload = unloading(buffer, arrival);
        let unloaded = aside::ask(unload, move |got| take_late(of, got));
        if unloaded.is_none() {
            self.held_up(link, maker);
        }
        unloaded?.1.ok()
    }

    /// As [`Kernel::unload`], of what comes back from a process.
    pub(crate) fn unload_reply(
        &mut self,
        back: BackKey,
        pid: i32,
        buffer: &[u8],
        arrival: Arrival,
    ) -> Result<Option<Arrival>, Malformed> {
        if self.has_held_up(pid) {
            return Err(Malformed("a carrier that is held up, as others are"));
        }
        let of = [self.salt, number(back), pid as u64];
        let unload = unloading(buffer, arrival);
        let unloaded = aside::ask(unload, move |got| take_late_reply(of, got));
        if unloaded.is_none() {
            self.holds_up_more(pid);
        }
        Ok(unloaded.and_then(|(_, unloaded)| unloaded.ok()))
    }

    /// Whether something of a port is about to come that was held up: an end of it, or what has been read of a link. If the
    /// port left now that would be lost.
    pub(crate) fn is_incomplete(&self, port: PortKey) -> bool {
        self.local(port)
            .is_some_and(|local| self.awaited.concerns(port, &local.links))
    }

    /// Whether a process holds up as much as it may.
    fn has_held_up(&self, maker: i32) -> bool {
        self.held_up.get(&maker).is_some_and(|&n| n >= MOST_HELD_UP)
    }

    /// A read of a link is held up.
    fn held_up(&mut self, link: LinkKey, maker: i32) {
        tracing::debug!(pid = maker, "a read of a link is held up");
        self.holds_up_more(maker);
        self.hold_link(link, Held::Up);
        self.awaited.add_read(link);
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
        self.holds_up_less(maker);
        self.awaited.read_is_over(link);
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

    fn holds_up_more(&mut self, maker: i32) {
        let held_up = self.held_up.entry(maker).or_default();
        *held_up = held_up.saturating_add(1);
    }

    /// Something that a process held up has ended.
    fn holds_up_less(&mut self, maker: i32) {
        if let Some(held_up) = self.held_up.get_mut(&maker) {
            *held_up = held_up.saturating_sub(1);
            if *held_up == 0 {
                self.held_up.remove(&maker);
            }
        }
        let behind = self
            .links
            .iter()
            .filter(|(_, other)| other.held == Held::Behind(maker));
        let behind: Vec<_> = behind.map(|(key, _)| key).collect();
        for other in behind {
            self.release_link(other);
        }
        while !self.has_held_up(maker)
            && let Some(at) = self
                .put_off
                .iter()
                .position(|put_off| put_off.maker == maker)
        {
            (self.put_off.remove(at).again)(self);
        }
    }
}
