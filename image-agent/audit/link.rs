//! The way to one monitor, and the way back.

use image_protocol::{ATTACH, Attach, HELLO, Hello, REPLY, Reply, packet};

use crate::sys::descriptor::Socket;
use crate::sys::socket::{self, Arrival, Poll, Unsent};
use crate::sys::{descriptor, process};

/// What a monitor may send is not longer.
const RECEIVED: usize = 256;

#[derive(Clone, Copy, PartialEq)]
enum State {
    Free,
    Live,
    /// It was late, and is told nothing. Its place is free when it goes.
    Zombie,
}

/// A place for a monitor.
#[derive(Clone, Copy)]
pub(crate) struct Link {
    state: State,
    to: Socket,
    from: Socket,
    pub(crate) deadline_ms: u32,
}

impl Link {
    pub(crate) const FREE: Self = Self {
        state: State::Free,
        to: Socket::NONE,
        from: Socket::NONE,
        deadline_ms: 0,
    };

    /// Takes over a sending end, and greets the monitor. `None` if it is not there.
    pub(crate) fn begin(end: u32, number: u32, deadline_ms: u32) -> Option<Self> {
        let to = Socket::take(end)?;
        match Self::greet(to, number, deadline_ms) {
            Some(from) => Some(Self {
                state: State::Live,
                to,
                from,
                deadline_ms,
            }),
            None => {
                to.close();
                None
            }
        }
    }

    /// Sends the first message, with the sending end of a pair that is made for the replies: the receiving end.
    fn greet(to: Socket, number: u32, deadline_ms: u32) -> Option<Socket> {
        let [receiving, sending] = socket::pair()?;
        let Some(from) = Socket::take(receiving) else {
            descriptor::close(sending);
            return None;
        };
        let hello = Hello {
            monitor: number,
            pid: process::id(),
            deadline_ms,
            timestamp: process::now(),
        };
        let mut bytes = [0; packet::HEAD + Hello::LEN];
        for (place, byte) in bytes.iter_mut().skip(packet::HEAD).zip(hello.bytes()) {
            *place = byte;
        }
        let sent = packet::message(&mut bytes, HELLO, Hello::LEN, Some(from.cookie))
            .and_then(|_| socket::send_with(to.number, &bytes, sending).ok());
        descriptor::close(sending);
        if sent.is_none() {
            from.close();
        }
        sent.map(|()| from)
    }

    pub(crate) fn is_free(&self) -> bool {
        self.state == State::Free
    }

    pub(crate) fn is_live(&self) -> bool {
        self.state == State::Live
    }

    /// Both descriptors are still this monitor's. Where they are not, it has no place any more.
    pub(crate) fn check(&mut self) {
        if self.is_free() {
            return;
        }
        let is_there = self.to.is_there() && self.from.is_there();
        if !is_there {
            self.end();
        }
    }

    /// Sends a packet: whether a reply is to be waited for.
    pub(crate) fn send(&mut self, packet: &[u8]) -> bool {
        match socket::send(self.to.number, packet) {
            Ok(()) => true,
            Err(Unsent::Full) => {
                self.is_late();
                false
            }
            Err(Unsent::Dead) => {
                self.end();
                false
            }
        }
    }

    pub(crate) fn is_late(&mut self) {
        self.state = State::Zombie;
    }

    /// Gives the place free.
    pub(crate) fn end(&mut self) {
        self.to.close();
        self.from.close();
        *self = Self::FREE;
    }

    /// What shows that there is something to be read, or that the monitor has gone.
    pub(crate) fn polls(&self) -> [Poll; 2] {
        [Poll::readable(self.from.number), Poll::end(self.to.number)]
    }

    /// Reads the next message of the monitor's.
    pub(crate) fn receive(&mut self) -> Received {
        let mut bytes = [0; RECEIVED];
        let (len, end) = match socket::receive(self.from.number, &mut bytes) {
            Arrival::Packet(len, end) => (len, end),
            Arrival::Nothing => return Received::Nothing,
            Arrival::End => return Received::End,
        };
        let message = bytes.get(..len).and_then(packet::open);
        match (message, end) {
            (Some(message), None) if message.id == REPLY && !message.right => {
                Reply::read(message.body).map_or(Received::Other, Received::Reply)
            }
            (Some(message), Some(end)) if message.id == ATTACH && message.right => {
                match Attach::read(message.body) {
                    Ok(attach) => Received::Attach(end, attach.deadline_ms),
                    Err(_) => {
                        descriptor::close(end);
                        Received::Other
                    }
                }
            }
            (_, end) => {
                if let Some(end) = end {
                    descriptor::close(end);
                }
                Received::Other
            }
        }
    }
}

/// What came from a monitor.
pub(crate) enum Received {
    Reply(Reply),
    /// The sending end of the way to a further monitor, and its deadline.
    Attach(u32, u32),
    /// Something that means nothing here.
    Other,
    Nothing,
    End,
}
