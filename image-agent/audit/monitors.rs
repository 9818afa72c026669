//! Who is told, and the wait for replies.

use core::ops::Range;

use image_protocol::environment::{Launch, Way};
use image_protocol::{
    Image, LOAD, MAIN, MAX_MONITORS, Stamp, TooLong, UNLOAD, encode, in_parts, packet, readdress,
};

use crate::batch::Batch;
use crate::image::Mapped;
use crate::link::{Link, Received};
use crate::stack::{Known, Stack};
use crate::sys::socket::{self, Poll, Waited};
use crate::sys::{descriptor, process, signals};

/// The longest path that the kernel gives.
const PATH: usize = 4096;

/// How many messages of one monitor are read before others have their turn, and the clock is looked at.
const AT_ONCE: usize = 32;

/// What the agent knows.
pub(crate) struct Agent {
    monitors: Monitors,
    batch: Batch,
    known: Known,
    /// The process that was launched: one that it forks does not speak.
    process: u32,
    packet: [u8; packet::MAX_PACKET],
    program: [u8; PATH],
}

/// The places, and the number of the last message.
struct Monitors {
    links: [Link; MAX_MONITORS],
    sequence: u32,
}

impl Agent {
    pub(crate) const fn new() -> Self {
        Self {
            monitors: Monitors {
                links: [Link::FREE; MAX_MONITORS],
                sequence: 0,
            },
            batch: Batch::new(),
            known: Known::NOTHING,
            process: 0,
            packet: [0; packet::MAX_PACKET],
            program: [0; PATH],
        }
    }

    /// Greets the monitors: whether there is one to be told anything. What the launcher passed is closed otherwise.
    pub(crate) fn begin(&mut self, launch: &Launch, stack: &Stack, able: bool) -> bool {
        // The loader has mapped it.
        if let Some(library) = launch.library {
            descriptor::close(library);
        }
        self.known = stack.known();
        self.process = process::id();
        let parent = process::parent();
        for (number, way) in (0..).zip(launch.ways()) {
            // One that is not there any more, or not the launcher's, is not touched.
            if descriptor::cookie(way.number) != Some(way.cookie) {
                continue;
            }
            if !able || self.known.secure || way.parent != parent {
                descriptor::close(way.number);
                continue;
            }
            self.monitors.begin(number, way);
        }
        self.monitors.has_live()
    }

    /// Notes an image, which is told with others when the loader is done.
    pub(crate) fn opened(&mut self, image: Mapped) {
        if !self.batch.add(image) {
            self.tell_opened();
            self.batch.add(image);
        }
    }

    /// Tells what was opened.
    pub(crate) fn tell_opened(&mut self) {
        if !self.batch.images().is_empty() {
            self.exchange(LOAD, |agent| agent.batch.images().len());
            self.batch.clear();
        }
    }

    pub(crate) fn tell_main(&mut self) {
        self.tell_opened();
        self.exchange(MAIN, |_| 0);
    }

    /// Tells that an image goes, and before that what was opened: it can be among that.
    pub(crate) fn closed(&mut self, image: Mapped) {
        self.tell_opened();
        if !image.is_loader(&self.known) {
            self.batch.add(image);
            self.exchange(UNLOAD, |agent| agent.batch.images().len());
            self.batch.clear();
        }
    }

    /// Tells the images of the batch, in parts where they are too many for one message.
    fn exchange(&mut self, id: i32, count: impl FnOnce(&Self) -> usize) {
        if process::id() != self.process {
            return;
        }
        let _blocked = signals::block();
        self.monitors.look();
        if !self.monitors.has_live() {
            return;
        }
        let timestamp = process::now();
        let count = count(self);
        if count == 0 {
            // No message is too long that has nothing in it.
            let _ = self.tell(id, timestamp, 0..0);
        } else {
            in_parts(count, &mut |part| self.tell(id, timestamp, part));
        }
    }

    /// Tells a part of the batch, and waits for the replies.
    fn tell(&mut self, id: i32, timestamp: u64, part: Range<usize>) -> Result<(), TooLong> {
        let begun = match part.start {
            0 => timestamp,
            // The parts before it have been waited for.
            _ => process::now(),
        };
        self.monitors.sequence = self.monitors.sequence.wrapping_add(1);
        let stamp = Stamp {
            timestamp,
            sequence: self.monitors.sequence,
            monitor: 0,
        };
        let images = self.batch.images().get(part).unwrap_or_default();
        let program = match images.iter().any(Mapped::is_program) {
            true => process::program(&mut self.program),
            false => &[],
        };
        let known = &self.known;
        let images = images
            .iter()
            .map(|mapped| -> Image<'_> { mapped.image(known, program) });
        let body = self.packet.get_mut(packet::HEAD..).ok_or(TooLong)?;
        let len = encode(body, stamp, images)?;
        let len = packet::message(&mut self.packet, id, len, None).ok_or(TooLong)?;
        let packet = self.packet.get_mut(..len).ok_or(TooLong)?;
        let waiting = self.monitors.send(packet);
        self.monitors.wait(waiting, begun);
        Ok(())
    }
}

/// The monitors that have not replied, each with a bit.
#[derive(Clone, Copy)]
struct Waiting(u32);

impl Waiting {
    fn has(self, number: usize) -> bool {
        self.0 >> number & 1 != 0
    }

    fn set(&mut self, number: usize, on: bool) {
        let bit = 1 << number;
        self.0 = if on { self.0 | bit } else { self.0 & !bit };
    }
}

impl Monitors {
    fn begin(&mut self, number: usize, way: &Way) {
        self.attach(number, way.number, way.deadline_ms);
    }

    fn attach(&mut self, number: usize, end: u32, deadline_ms: u32) {
        if let Some(place) = self.links.get_mut(number)
            && let Some(link) = Link::begin(end, number as u32, deadline_ms)
        {
            *place = link;
        }
    }

    fn has_live(&self) -> bool {
        self.links.iter().any(Link::is_live)
    }

    /// Before anything is sent: who is still there, and what monitors have said unasked.
    fn look(&mut self) {
        for link in &mut self.links {
            link.check();
        }
        let mut nobody = Waiting(0);
        for number in 0..MAX_MONITORS {
            self.read(number, &mut nobody);
        }
    }

    /// Sends to all that are to be told: those that are to reply.
    fn send(&mut self, packet: &mut [u8]) -> Waiting {
        let mut waiting = Waiting(0);
        for (number, link) in self.links.iter_mut().enumerate() {
            if link.is_live() {
                if let Some(body) = packet.get_mut(packet::HEAD..) {
                    readdress(body, number as u32);
                }
                waiting.set(number, link.send(packet));
            }
        }
        waiting
    }

    /// Waits until each has replied, has gone, or is late.
    fn wait(&mut self, mut waiting: Waiting, begun: u64) {
        let mut passed = 0;
        while waiting.0 != 0 {
            let patience = |link: &Link| {
                let deadline = u64::from(link.deadline_ms).wrapping_mul(1_000_000);
                deadline.saturating_sub(passed)
            };
            // Only as many as there are, for the kernel takes no more than the program may have descriptors.
            let mut polls = [[Poll::NOTHING; 2]; MAX_MONITORS];
            let mut numbers = [MAX_MONITORS; MAX_MONITORS];
            let mut shortest = u64::MAX;
            let mut count = 0_usize;
            let places = polls.iter_mut().zip(&mut numbers);
            let asked = (0..)
                .zip(&self.links)
                .filter(|(number, _)| waiting.has(*number));
            for ((number, link), (polls, place)) in asked.zip(places) {
                *polls = link.polls();
                *place = number;
                shortest = shortest.min(patience(link));
                count = count.saturating_add(1);
            }
            let Some(polls) = polls.get_mut(..count) else {
                return;
            };
            // What came in time is seen here first, however late this process looks because it was stopped meanwhile.
            let waited = socket::wait(polls.as_flattened_mut(), shortest);
            let is_late = |link: &Link| match waited {
                Waited::Ready => patience(link) == 0,
                Waited::Over => patience(link) == shortest,
                Waited::Refused => true,
            };
            for (number, [from, to]) in numbers.iter().copied().zip(polls) {
                if from.is_ready() {
                    self.read(number, &mut waiting);
                }
                let Some(link) = self.links.get_mut(number).filter(|_| waiting.has(number)) else {
                    continue;
                };
                if !link.is_live() {
                    // It was given up to make room.
                    waiting.set(number, false);
                } else if to.has_ended() {
                    link.end();
                    waiting.set(number, false);
                } else if is_late(link) {
                    link.is_late();
                    waiting.set(number, false);
                }
            }
            if waiting.0 != 0 {
                passed = process::now().wrapping_sub(begun);
            }
        }
    }

    /// Reads what a monitor has sent, as far as the reply that is waited for. One that sends faster than is read here keeps nobody
    /// from anything but its own reply.
    fn read(&mut self, number: usize, waiting: &mut Waiting) {
        for _ in 0..AT_ONCE {
            let Some(link) = self.links.get_mut(number).filter(|link| !link.is_free()) else {
                return;
            };
            match link.receive() {
                Received::Reply(reply) => {
                    let is_it = reply.sequence == self.sequence && reply.monitor as usize == number;
                    if is_it && waiting.has(number) {
                        waiting.set(number, false);
                        // What else there is has time until the next message.
                        return;
                    }
                }
                Received::Attach(end, deadline_ms) => match self.free() {
                    Some(place) => {
                        self.attach(place, end, deadline_ms);
                        waiting.set(place, false);
                    }
                    None => descriptor::close(end),
                },
                Received::Other => {}
                Received::Nothing => return,
                Received::End => {
                    link.end();
                    waiting.set(number, false);
                    return;
                }
            }
        }
    }

    /// A place for a further monitor. Those that have gone give theirs.
    fn free(&mut self) -> Option<usize> {
        for link in self.links.iter_mut().filter(|link| !link.is_free()) {
            let mut polls = link.polls();
            // Where that is refused none has gone.
            let _ = socket::wait(&mut polls, 0);
            let [_, to] = polls;
            if to.has_ended() {
                link.end();
            }
        }
        self.links.iter().position(Link::is_free)
    }
}
