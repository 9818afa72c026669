//! The short way of a message that carries nothing but bytes: from the link to its receiver.

use super::trailer::Trailer;
use super::waiting::{Seen, Source};
use super::{ReceiveRequest, Received};
use crate::headers::message::{
    MACH_MSG_IPC_SPACE, MACH_MSG_SUCCESS, MACH_MSG_TYPE_PORT_SEND, MACH_MSG_TYPE_PORT_SEND_ONCE,
    MACH_RCV_BODY_ERROR,
};
use crate::headers::port::MACH_PORT_NULL;
use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::Sender;
use crate::kernel::other_tasks::link::Read;
use crate::kernel::other_tasks::slots::BACK;
use crate::kernel::ports::ids::{BackKey, LinkKey, PortKey, key as key_of};
use crate::kernel::ports::right::Right;
use crate::sys::room;
use crate::sys::watch::Keys;
use crate::wire::layout::{HEADER, Header};
use crate::wire::plain::Plain;

/// What a port's next message comes by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    Link(LinkKey),
    Back(BackKey),
}

impl Kernel {
    /// Receives the first message of a source, if there is one now. `seen`: what is known of what is there.
    pub(super) fn receive_now(
        &mut self,
        source: Source,
        seen: Seen,
        request: ReceiveRequest,
    ) -> Option<Received> {
        let room = request
            .limit
            .saturating_sub(HEADER + Trailer::size(request.option));
        let (read, ready) = match (source, seen) {
            (Source::Port(port, _), Seen::Read(way, buffer, got)) => {
                (self.take_read(way, port, room, buffer, got), None)
            }
            (Source::Port(port, _), seen) => {
                let ready = seen.ready().or_else(|| self.look(source));
                let read = match self.only_source(port, ready.as_ref()) {
                    Some(way) => self.read_plain(way, port, room),
                    None => Read::Other,
                };
                (read, ready)
            }
            (Source::Set(_), seen) => (Read::Other, seen.ready()),
        };
        match (source, read) {
            (Source::Port(port, _), Read::Plain(message, right)) => {
                return Some(self.hand_over(port, message, right, request));
            }
            (_, Read::Nothing) => return None,
            _ => {}
        }
        let port = self.find_message(source, ready)?;
        Some(self.take_message(source, port, request))
    }

    /// What a port's next message comes by, if it is certain that it is the next and that nobody but its receiver has
    /// anything to do with it.
    pub(super) fn only_source(&self, port: PortKey, ready: Option<&Keys>) -> Option<Way> {
        let asked = self.port(port)?;
        let local = asked.local()?;
        if !local.queue.is_empty() || !asked.requests.is_empty() || self.arrivals.is_busy() {
            return None;
        }
        let way = match (ready, local.links.as_slice(), local.backs.as_slice()) {
            (Some(ready), ..) => match ready.only()? {
                back if back & BACK != 0 => Way::Back(key_of(back & !BACK)),
                link => Way::Link(key_of(link)),
            },
            (None, &[link], []) => Way::Link(link),
            (None, [], &[back]) => Way::Back(back),
            _ => return None,
        };
        let is_steady = match way {
            Way::Link(link) => self.links.get(link)?.is_steady(),
            Way::Back(_) => true,
        };
        // What finds no number for a descriptor may be held up in the read.
        (is_steady && !room::is_short()).then_some(way)
    }

    /// A message that was never in its port's queue, as its receiver sees it.
    fn hand_over(
        &mut self,
        port: PortKey,
        message: Plain,
        right: Right,
        request: ReceiveRequest,
    ) -> Received {
        let name = self.port(port).and_then(|port| port.name);
        let (mut seqno, mut context) = (0, 0);
        if let Some(local) = self.local_mut(port) {
            (seqno, context) = (local.seqno, local.context);
            local.seqno = seqno.wrapping_add(1);
        }
        let through = match (message.slot, &right) {
            // What came back.
            (Some(_), Right::Null) => MACH_MSG_TYPE_PORT_SEND_ONCE,
            _ => MACH_MSG_TYPE_PORT_SEND,
        };
        let disposition = match right {
            Right::Null => 0,
            _ => MACH_MSG_TYPE_PORT_SEND_ONCE,
        };
        self.look_at_reply_right(&right, message.sent, request.waits_since);
        let (reply, code) = match self.copyout_right(right) {
            Ok(name) => (name, MACH_MSG_SUCCESS),
            Err(_) => (MACH_PORT_NULL, MACH_RCV_BODY_ERROR | MACH_MSG_IPC_SPACE),
        };
        let sender = Sender::from_credentials(message.credentials);
        Received::Message {
            code,
            header: Header {
                bits: disposition | through << 8,
                size: (HEADER + message.body.len()) as u32,
                remote: reply,
                local: name.unwrap_or(MACH_PORT_NULL),
                voucher: message.voucher,
                id: message.id,
            },
            body: message.body,
            trailer: Trailer::new(request.option, seqno, sender, context),
        }
    }
}
