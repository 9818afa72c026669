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
use crate::kernel::ports::ids::{BackKey, LinkKey, PortKey, SetKey, key as key_of};
use crate::kernel::ports::right::Right;
use crate::sys::place::Place;
use crate::sys::room;
use crate::sys::watch::{Keys, Watch};
use crate::wire::layout::{HEADER, Header};
use crate::wire::plain::{self, Plain};

/// From what room on a body is read to where it goes: a shorter one is copied in less time than the kernel below takes for
/// one more place.
const LONG: usize = 1024;

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
        let room = request.room();
        let (read, ready) = match (source, seen) {
            (Source::Port(port, _), Seen::Read(way, place, got)) => {
                (self.take_read(way, port, room, place, got), None)
            }
            (Source::Port(port, _), seen) => {
                let ready = seen.ready().or_else(|| self.look(source));
                let read = match self.only_source(port, ready.as_ref()) {
                    Some(way) => self.read_plain(way, port, &request),
                    None => Read::Other,
                };
                (read, ready)
            }
            (Source::Set(set), seen) => return self.receive_from_set(set, seen.ready(), request),
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

    /// As [`Kernel::receive_now`], of a set: the members that a look has shown are received from one after the other, one
    /// message each, before the next look.
    fn receive_from_set(
        &mut self,
        set: SetKey,
        seen: Option<Keys>,
        request: ReceiveRequest,
    ) -> Option<Received> {
        let mut looked = seen.is_some();
        if let Some(seen) = seen {
            self.give_turns(set, seen);
        }
        loop {
            let next = self.sets.get_mut(set)?.turn.pop_front();
            match next {
                Some(member) => {
                    let received = self.receive_from_member(set, member, request);
                    if received.is_some() {
                        return received;
                    }
                }
                None if looked => return None,
                None => {
                    looked = true;
                    let ready = self.look(Source::Set(set)).unwrap_or_else(Keys::none);
                    self.give_turns(set, ready);
                }
            }
        }
    }

    /// Gives those members of a set a turn that have messages, and those that a look has shown.
    fn give_turns(&mut self, set: SetKey, seen: Keys) {
        if let Some(set) = self.sets.get_mut(set) {
            let queued: Vec<_> = set.ready.iter().copied().collect();
            let shown = seen.filter(|&key| key != Watch::WAKE).map(key_of);
            set.give_turns(queued.into_iter().chain(shown));
        }
    }

    /// Receives the first message of a member, if there is one now.
    fn receive_from_member(
        &mut self,
        set: SetKey,
        member: PortKey,
        request: ReceiveRequest,
    ) -> Option<Received> {
        let source = Source::Set(set);
        let waits = |kernel: &Self| {
            kernel
                .local(member)
                .is_some_and(|local| !local.queue.is_empty())
        };
        if waits(self) {
            return Some(self.take_message(source, member, request));
        }
        let local = self.local(member)?;
        // One that is a member no more, or has moved, has nothing here.
        if !local.sets.contains(&set) {
            return None;
        }
        // Who has connected to a name is taken up by a look at all that the port has.
        let may_be_only = local.services.is_empty();
        match self.only_source(member, None).filter(|_| may_be_only) {
            Some(way) => match self.read_plain(way, member, &request) {
                Read::Plain(message, right) => {
                    return Some(self.hand_over(member, message, right, request));
                }
                Read::Nothing => return None,
                Read::Other => {}
            },
            None => self.pump(member),
        }
        waits(self).then(|| self.take_message(source, member, request))
    }

    /// Reads the next packet of a way, as [`Kernel::take_read`] says.
    #[inline]
    fn read_plain(&mut self, way: Way, port: PortKey, request: &ReceiveRequest) -> Read {
        let mut place = self.place_for(request);
        let got = self.read_way(way, &mut place);
        self.take_read(way, port, request.room(), place, got)
    }

    /// Room for a packet. The body of a message goes where its receiver wants it, if it may be a long one.
    #[inline]
    pub(super) fn place_for(&mut self, request: &ReceiveRequest) -> Place {
        let (own, room) = (self.packet_buffer(), request.room());
        if request.buffer == 0 || room < LONG {
            return Place::new(own);
        }
        // SAFETY: whoever asks has promised that as many bytes can be written, and waits for them.
        unsafe { Place::with_body(own, plain::HEAD, request.buffer + HEADER, room) }
    }

    /// What a port's next message comes by, if it is certain that it is the next and that nobody but its receiver has
    /// anything to do with it.
    #[inline]
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
    #[inline]
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

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;
    use crate::headers::message::{MACH_RCV_TIMED_OUT, MACH_RCV_TIMEOUT};
    use crate::headers::port::{
        MACH_PORT_RIGHT_PORT_SET, MACH_PORT_RIGHT_RECEIVE, mach_port_name_t,
    };
    use crate::kernel::messages::kmsg::Kmsg;
    use crate::kernel::messages::receive::receive;
    use crate::kernel::task;
    use crate::sys::foreign::Foreign;
    use crate::sys::socket::link_pair;

    struct Member {
        name: mach_port_name_t,
        way: Foreign,
    }

    impl Member {
        /// A port in a set, and the way to it from elsewhere.
        fn of(set: mach_port_name_t) -> Self {
            let mut kernel = task::lock();
            let name = kernel.allocate(MACH_PORT_RIGHT_RECEIVE, None).unwrap();
            let port = kernel.receive_right(name).unwrap();
            let (receiving, way) = link_pair().unwrap();
            kernel.add_link(port, receiving, 1, false).unwrap();
            kernel.insert_member(name, set).unwrap();
            Self { name, way }
        }

        fn sent(self, messages: usize) -> Self {
            let header = Header {
                bits: 0,
                size: 0,
                remote: 1,
                local: 0,
                voucher: 0,
                id: 5,
            };
            for _ in 0..messages {
                plain::send(self.way.as_fd(), &header, &[0; 8], None).unwrap();
            }
            self
        }

        /// Messages of this task itself, in the port's queue.
        fn queued(self, messages: usize) -> Self {
            let mut kernel = task::lock();
            let port = kernel.receive_right(self.name).unwrap();
            for _ in 0..messages {
                let right = kernel.make_send(port);
                kernel.enqueue_own(port, Kmsg::simple(5, right, Vec::new(), Sender::default()));
            }
            drop(kernel);
            self
        }
    }

    fn set() -> mach_port_name_t {
        task::lock()
            .allocate(MACH_PORT_RIGHT_PORT_SET, None)
            .unwrap()
    }

    /// The port that the next message has come to.
    fn next(from: mach_port_name_t) -> Option<mach_port_name_t> {
        match receive(ReceiveRequest {
            name: from,
            option: MACH_RCV_TIMEOUT,
            buffer: 0,
            limit: 4096,
            timeout: 0,
            waits_since: u64::MAX,
        }) {
            Received::Message { header, .. } => Some(header.local),
            Received::Nothing(MACH_RCV_TIMED_OUT) => None,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn members_take_turns_whoever_sends_and_however_much() {
        let set = set();
        let members = [
            Member::of(set).sent(20),
            Member::of(set).sent(3),
            Member::of(set).queued(20),
            Member::of(set).queued(1).sent(2),
        ];
        for _ in 0..3 {
            let mut turn = [(); 4].map(|()| next(set).unwrap());
            turn.sort_unstable();
            let mut all = members.each_ref().map(|member| member.name);
            all.sort_unstable();
            assert_eq!(turn, all);
        }
        let left = std::iter::from_fn(|| next(set)).count();
        assert_eq!(left, 2 * 17);
    }

    #[test]
    fn more_members_than_one_look_shows_have_their_turns() {
        let set = set();
        let count = 2 * Watch::AT_ONCE + 5;
        let members: Vec<_> = (0..count).map(|_| Member::of(set).sent(4)).collect();
        let mut taken = std::collections::HashMap::<_, usize>::new();
        for _ in 0..2 * count {
            *taken.entry(next(set).unwrap()).or_default() += 1;
        }
        let all = members.iter().map(|member| taken[&member.name]);
        assert!(
            all.clone().all(|taken| (1..=3).contains(&taken)),
            "{taken:?}"
        );
        assert_eq!(std::iter::from_fn(|| next(set)).count(), 2 * count);
    }

    #[test]
    fn what_has_left_a_set_is_not_received_from_it() {
        let set = set();
        let members = [Member::of(set).sent(2), Member::of(set).sent(2)];
        let first = next(set).unwrap();
        let other = members.iter().find(|member| member.name != first).unwrap();
        task::lock().extract_member(other.name, set).unwrap();
        assert_eq!(next(set), Some(first));
        assert_eq!(next(set), None);
        assert_eq!(next(other.name), Some(other.name));
    }
}
