//! The short way of a message that carries nothing but bytes: from the link to its receiver.

use super::trailer::Trailer;
use super::waiting::{Seen, Source};
use super::{ReceiveRequest, Received};
use crate::headers::message::{MACH_MSG_SUCCESS, MACH_MSG_TYPE_PORT_SEND};
use crate::headers::port::MACH_PORT_NULL;
use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::Sender;
use crate::kernel::other_tasks::link::Read;
use crate::kernel::ports::ids::{LinkKey, PortKey, key as key_of};
use crate::sys::watch::Keys;
use crate::wire::layout::{HEADER, Header};
use crate::wire::plain::Plain;

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
            (_, Seen::Read(link, buffer, got)) => (self.take_read(link, room, buffer, got), None),
            (Source::Port(port, _), seen) => {
                let ready = seen.ready().or_else(|| self.look(source));
                let read = match self.only_source(port, ready.as_ref()) {
                    Some(link) => self.read_plain(link, room),
                    None => Read::Other,
                };
                (read, ready)
            }
            (Source::Set(_), seen) => (Read::Other, seen.ready()),
        };
        match (source, read) {
            (Source::Port(port, _), Read::Plain(message)) => {
                return Some(self.hand_over(port, message, request));
            }
            (_, Read::Nothing) => return None,
            _ => {}
        }
        let port = self.find_message(source, ready)?;
        Some(self.take_message(source, port, request))
    }

    /// The link from which a port's next message comes, if it is certain that it is the next and that nobody but its
    /// receiver has anything to do with it.
    pub(super) fn only_source(&self, port: PortKey, ready: Option<&Keys>) -> Option<LinkKey> {
        let asked = self.port(port)?;
        let local = asked.local()?;
        if !local.queue.is_empty() || !asked.requests.is_empty() || self.arrivals.is_busy() {
            return None;
        }
        let link = match ready {
            Some(ready) => key_of(ready.only()?),
            None => *local.links.first()?,
        };
        self.links.get(link)?.is_steady().then_some(link)
    }

    /// A message that was never in its port's queue, as its receiver sees it.
    fn hand_over(&mut self, port: PortKey, message: Plain, request: ReceiveRequest) -> Received {
        let name = self.port(port).and_then(|port| port.name);
        let (mut seqno, mut context) = (0, 0);
        if let Some(local) = self.local_mut(port) {
            (seqno, context) = (local.seqno, local.context);
            local.seqno = seqno.wrapping_add(1);
        }
        let sender = Sender::from_credentials(message.credentials);
        Received::Message {
            code: MACH_MSG_SUCCESS,
            header: Header {
                bits: MACH_MSG_TYPE_PORT_SEND << 8,
                size: (HEADER + message.body.len()) as u32,
                remote: MACH_PORT_NULL,
                local: name.unwrap_or(MACH_PORT_NULL),
                voucher: message.voucher,
                id: message.id,
            },
            body: message.body,
            trailer: Trailer::new(request.option, seqno, sender, context),
        }
    }
}
