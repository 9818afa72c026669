//! Taking a message out of a queue.

use super::trailer::Trailer;
use super::waiting::Source;
use super::{ReceiveRequest, Received};
use crate::headers::message::{
    MACH_MSG_IPC_SPACE, MACH_MSG_SUCCESS, MACH_MSG_VM_SPACE, MACH_RCV_BODY_ERROR, MACH_RCV_LARGE,
    MACH_RCV_PORT_CHANGED, MACH_RCV_TIMED_OUT, MACH_RCV_TOO_LARGE, mach_msg_return_t,
};
use crate::headers::port::MACH_PORT_NULL;
use crate::kernel::Kernel;
use crate::kernel::messages::copyout::Delivered;
use crate::kernel::messages::kmsg::{Kmsg, Sender};
use crate::kernel::ports::ids::{PortKey, SetKey};
use crate::kernel::ports::right::Right;
use crate::wire::layout::{HEADER, Header};
use crate::wire::plain::Body;

impl Kernel {
    pub(super) fn take_message(
        &mut self,
        source: Source,
        port: PortKey,
        request: ReceiveRequest,
    ) -> Received {
        if let Source::Set(set) = source {
            self.rotate(set, port);
        }
        let trailer_size = Trailer::size(request.option);
        let member = self.port(port).and_then(|port| port.name);
        let Some(local) = self.local_mut(port) else {
            return Received::Nothing(MACH_RCV_PORT_CHANGED);
        };
        let Some(size) = local.next().map(Kmsg::size) else {
            return Received::Nothing(MACH_RCV_TIMED_OUT);
        };
        let too_large = size + trailer_size > request.limit;
        if too_large && request.option & MACH_RCV_LARGE != 0 {
            // Another thread may have more room.
            self.wake_receiver(port);
            return Received::Larger {
                size: size as u32,
                member: member.unwrap_or(MACH_PORT_NULL),
            };
        }
        let Some(message) = local.take_next() else {
            return Received::Nothing(MACH_RCV_TIMED_OUT);
        };
        let seqno = local.seqno;
        local.seqno = seqno.wrapping_add(1);
        let context = local.context;
        if let Some(link) = message.link.and_then(|link| self.links.get_mut(link)) {
            link.in_hand = link.in_hand.saturating_sub(1);
            link.unreceived.take_first();
        }
        self.queue_shrank(port);
        let sender = if too_large {
            Sender::default()
        } else {
            message.sender
        };
        let trailer = Trailer::new(request.option, seqno, sender, context);
        if too_large {
            return self.cut_down(message, trailer);
        }
        self.look_at_reply_right(&message.local, message.stamp, request.waits_since);
        let Delivered {
            header,
            body,
            failed,
        } = self.copyout(message, request.option, request.buffer);
        Received::Message {
            code: code_of(failed),
            header,
            body: Body::Here(body),
            trailer,
        }
    }

    /// Slot rule 24: whether the port of a reply right has died shows behind its message, unless that was waited for.
    pub(super) fn look_at_reply_right(&mut self, right: &Right, sent: u64, waits_since: u64) {
        if let Right::SendOnce(key) = *right
            && sent < waits_since
            && self.slot_of(key).is_some()
        {
            self.check_alive(key);
        }
    }

    /// A message that does not fit: its header without rights, as from the kernel; the rest is destroyed.
    fn cut_down(&mut self, mut message: Kmsg, trailer: Trailer) -> Received {
        let (id, voucher, reply) = (
            message.id,
            message.voucher,
            u32::from(message.local_disposition),
        );
        let complex = message.complex_bit();
        let remote = message.remote.take();
        let bits = complex | reply | remote.disposition() << 8;
        let local = remote
            .port()
            .and_then(|key| self.port(key))
            .and_then(|port| port.name)
            .unwrap_or(MACH_PORT_NULL);
        self.release_destination(remote);
        self.destroy_now(message);
        Received::Message {
            code: MACH_RCV_TOO_LARGE,
            header: Header {
                bits,
                size: HEADER as u32,
                remote: MACH_PORT_NULL,
                local,
                voucher,
                id,
            },
            body: Body::Here(Vec::new()),
            trailer,
        }
    }

    /// One message each: a member that is looked at goes behind the others, whether its message fits or not.
    fn rotate(&mut self, set: SetKey, member: PortKey) {
        if let Some(set) = self.sets.get_mut(set) {
            set.ready.retain(|&m| m != member);
            set.ready.push_back(member);
        }
    }
}

fn code_of(failed: mach_msg_return_t) -> mach_msg_return_t {
    match failed & (MACH_MSG_IPC_SPACE | MACH_MSG_VM_SPACE) {
        0 => MACH_MSG_SUCCESS,
        bits => MACH_RCV_BODY_ERROR | bits,
    }
}
