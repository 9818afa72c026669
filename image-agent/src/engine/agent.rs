//! The places, and the exchange with all who are in them.

use std::time::{Duration, Instant};

use image_protocol::{
    ATTACH, Attach, Hello, Image, MAX_BODY, MAX_MONITORS, REPLY, Reply, Stamp, TooLong, encode,
    in_parts, readdress,
};
use mach_ports::{Error, Message, PortSet, ReceiveOptions, ReceivedMessage, SendRight};

use super::slot::{Sent, Slot};

/// What a process knows of its monitors.
#[derive(Debug)]
pub(crate) struct Agent {
    slots: [Option<Slot>; MAX_MONITORS],
    /// The ports on which replies come.
    set: PortSet,
    sequence: u32,
    /// A process that this one forks has the memory but not the ports: it does not speak.
    process: u32,
    /// The time on the messages.
    clock: fn() -> u64,
    buffer: Vec<u8>,
}

/// How many messages are read before anything is told, so that none who sends faster than is read here keeps it from that.
const AT_ONCE: usize = 256;

/// The monitors that have not replied.
type Waiting = [bool; MAX_MONITORS];

impl Agent {
    /// An agent without monitors.
    ///
    /// # Errors
    ///
    /// The kernel is out of names or memory.
    pub(crate) fn new(clock: fn() -> u64) -> Result<Self, Error> {
        Ok(Self {
            slots: [const { None }; MAX_MONITORS],
            set: PortSet::new()?,
            sequence: 0,
            process: std::process::id(),
            clock,
            buffer: vec![0; MAX_BODY],
        })
    }

    /// Greets a monitor, and tells it what happens from then on. It is not told anything if it is gone or all places are taken.
    pub(crate) fn attach(&mut self, to: SendRight, deadline_ms: u32) {
        let mut places = (0..).zip(&mut self.slots);
        if let Some((monitor, place)) = places.find(|(_, slot)| slot.is_none()) {
            let hello = Hello {
                monitor,
                pid: self.process,
                deadline_ms,
                timestamp: (self.clock)(),
            };
            *place = Slot::begin(to, hello, &self.set);
        }
    }

    pub(crate) fn has_monitors(&self) -> bool {
        self.slots.iter().flatten().any(|slot| !slot.late)
    }

    /// Tells images, in parts where they are too many for one message, and waits for the replies to each.
    pub(crate) fn tell(&mut self, id: i32, images: &[Image<'_>]) {
        if std::process::id() != self.process {
            return;
        }
        self.look();
        if !self.has_monitors() {
            return;
        }
        let timestamp = (self.clock)();
        in_parts(images.len(), &mut |part| {
            let images = images.get(part).unwrap_or_default();
            self.tell_part(id, timestamp, images)
        });
    }

    fn tell_part(&mut self, id: i32, timestamp: u64, images: &[Image<'_>]) -> Result<(), TooLong> {
        let stamp = Stamp {
            timestamp,
            sequence: self.sequence.wrapping_add(1),
            monitor: 0,
        };
        let len = encode(&mut self.buffer, stamp, images.iter().copied())?;
        self.sequence = stamp.sequence;
        let body = self.buffer.get_mut(..len).ok_or(TooLong)?;
        let mut waiting = [false; MAX_MONITORS];
        for ((number, place), waiting) in (0..).zip(&mut self.slots).zip(&mut waiting) {
            let Some(slot) = place.as_mut().filter(|slot| !slot.late) else {
                continue;
            };
            readdress(body, number);
            match slot.send(Message::new(id).bytes(body)) {
                Sent::Taken => *waiting = true,
                Sent::Full => slot.late = true,
                Sent::Dead => *place = None,
            }
        }
        self.wait(waiting);
        Ok(())
    }

    /// What came unasked: further monitors, and who has gone.
    fn look(&mut self) {
        for _ in 0..AT_ONCE {
            let Some(message) = self.receive(Duration::ZERO) else {
                return;
            };
            self.take(message, &mut [false; MAX_MONITORS]);
        }
    }

    /// Waits until each has replied, has gone, or is late.
    fn wait(&mut self, mut waiting: Waiting) {
        let begun = Instant::now();
        loop {
            let passed = begun.elapsed();
            let asked = || self.slots.iter().zip(&waiting).filter(|(_, waits)| **waits);
            let patience = |slot: &Slot| slot.deadline.saturating_sub(passed);
            let Some(shortest) = asked().flat_map(|(slot, _)| slot).map(patience).min() else {
                return;
            };
            // What came in time is seen first, however late this process looks because it was stopped meanwhile.
            let message = self.receive(shortest);
            let is_over = message.is_none() || shortest.is_zero();
            if let Some(message) = message {
                self.take(message, &mut waiting);
            }
            if is_over {
                for (place, waits) in self.slots.iter_mut().zip(&mut waiting) {
                    if let Some(slot) = place
                        && *waits
                        && slot.deadline.saturating_sub(passed) == shortest
                    {
                        slot.late = true;
                        *waits = false;
                    }
                }
            }
        }
    }

    fn receive(&self, patience: Duration) -> Option<ReceivedMessage> {
        let options = ReceiveOptions::new().timeout(patience);
        self.set.receive(&options).ok()
    }

    /// Reads a message of a monitor's, or of the kernel's about one.
    fn take(&mut self, mut message: ReceivedMessage, waiting: &mut Waiting) {
        let port = message.port();
        let mut slots = self.slots.iter_mut().zip(waiting);
        let is_its = |place: &Option<Slot>| {
            let slot = place.as_ref();
            slot.is_some_and(|slot| slot.replies.name() == port)
        };
        let Some((number, (place, waits))) =
            (0..).zip(&mut slots).find(|(_, (place, _))| is_its(place))
        else {
            return;
        };
        if message.notification().is_some() {
            // Its port is dead, or it has given up its right to reply.
            *place = None;
            *waits = false;
            return;
        }
        match message.id() {
            REPLY => {
                let expected = Reply {
                    monitor: number,
                    sequence: self.sequence,
                };
                if Reply::read(message.body()) == Ok(expected) {
                    *waits = false;
                }
            }
            ATTACH => {
                if let Ok(attach) = Attach::read(message.body())
                    && let Ok(Some(right)) = message.take_send(0)
                {
                    self.attach(right, attach.deadline_ms);
                }
            }
            _ => {}
        }
    }
}
