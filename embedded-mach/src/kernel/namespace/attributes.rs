//! A port's attributes: limit, status, counts and context.

use crate::headers::boolean::boolean_t;
use crate::headers::kern_return::{KERN_FAILURE, KERN_INVALID_RIGHT, KERN_INVALID_VALUE};
use crate::headers::message::{MACH_RCV_TRAILER_AUDIT, mach_msg_id_t, mach_msg_option_t};
use crate::headers::port::{
    MACH_PORT_QLIMIT_MAX, MACH_PORT_STATUS_FLAG_GUARD_IMMOVABLE_RECEIVE,
    MACH_PORT_STATUS_FLAG_GUARDED, MACH_PORT_STATUS_FLAG_IMP_DONATION,
    MACH_PORT_STATUS_FLAG_STRICT_GUARD, MACH_PORT_STATUS_FLAG_TEMPOWNER, MACH_PORT_VALID,
    mach_port_name_t, mach_port_status_t,
};
use crate::kernel::messages::receive::Trailer;
use crate::kernel::other_tasks::link::Link;
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::port::{Guard, Local};
use crate::kernel::{Kernel, Result};

/// What is told of a message that stays where it is.
#[derive(Debug)]
pub(crate) struct Peeked {
    pub(crate) seqno: u32,
    pub(crate) size: u32,
    pub(crate) id: mach_msg_id_t,
    pub(crate) trailer: Trailer,
}

impl Kernel {
    /// The port of a receive right whose attributes are asked for.
    pub(crate) fn attributed(&mut self, name: mach_port_name_t) -> Result<(PortKey, &mut Local)> {
        if !MACH_PORT_VALID(name) {
            return Err(KERN_INVALID_RIGHT);
        }
        let key = self.receive_right(name)?;
        let local = self.local_mut(key).ok_or(KERN_INVALID_RIGHT)?;
        Ok((key, local))
    }

    /// `MACH_PORT_RECEIVE_STATUS`.
    pub(crate) fn status(&mut self, name: mach_port_name_t) -> Result<mach_port_status_t> {
        let (key, _) = self.attributed(name)?;
        self.pump_all(key);
        let senders = self.has_senders(key);
        let sorights = self.send_once_rights(key);
        let (_, local) = self.attributed(name)?;
        Ok(mach_port_status_t {
            mps_pset: u32::from(!local.sets.is_empty()),
            mps_seqno: local.seqno,
            mps_mscount: local.mscount,
            mps_qlimit: local.qlimit,
            mps_msgcount: local.queue.len() as u32,
            mps_sorights: sorights,
            mps_srights: boolean_t::from(senders),
            mps_pdrequest: boolean_t::from(local.port_destroyed.is_some()),
            mps_nsrequest: boolean_t::from(local.no_senders.is_some()),
            mps_flags: flags(local),
        })
    }

    /// Send-once rights to a port, in this task and in others.
    fn send_once_rights(&self, key: PortKey) -> u32 {
        let own = self.port(key).map_or(0, |port| port.sorights);
        let linked = self.local(key).map_or(0, |local| {
            local
                .links
                .iter()
                .filter(|&&link| self.links.get(link).is_some_and(|link| link.once))
                .count()
                + local
                    .backs
                    .iter()
                    .filter_map(|&back| self.backs.get(back))
                    .map(|back| back.open_for(key))
                    .sum::<usize>()
        });
        own + linked as u32
    }

    /// `mach_port_get_srights`: send rights to a port, one for each task or message that has any.
    ///
    /// Unlike all other calls on attributes it only looks for the name, which null and dead are not.
    pub(crate) fn send_rights(&mut self, name: mach_port_name_t) -> Result<u32> {
        let key = self.receive_right(name)?;
        self.pump_all(key);
        let own = self.port(key).map_or(0, |port| port.srights);
        let linked = self.local(key).map_or(0, |local| {
            let links = local
                .links
                .iter()
                .filter(|&&link| self.links.get(link).is_some_and(Link::is_sender))
                .count();
            links + local.services.len()
        });
        Ok(own + linked as u32)
    }

    /// Sets the queue limit. A lower one drops nothing, a higher one lets waiting senders on.
    pub(crate) fn set_limit(&mut self, name: mach_port_name_t, limit: u32) -> Result<()> {
        if limit > MACH_PORT_QLIMIT_MAX {
            return Err(KERN_INVALID_VALUE);
        }
        let (key, local) = self.attributed(name)?;
        local.qlimit = limit;
        if !local.is_full() {
            local.senders.wake_all();
        }
        self.say_limit(key);
        Ok(())
    }

    pub(crate) fn set_make_send_count(&mut self, name: mach_port_name_t, count: u32) -> Result<()> {
        self.attributed(name)?.1.mscount = count;
        Ok(())
    }

    pub(crate) fn set_sequence_number(&mut self, name: mach_port_name_t, seqno: u32) -> Result<()> {
        self.attributed(name)?.1.seqno = seqno;
        Ok(())
    }

    /// The context; a strict guard does not show.
    pub(crate) fn context(&mut self, name: mach_port_name_t) -> Result<u64> {
        let local = self.attributed(name)?.1;
        Ok(match local.guard {
            Guard::Set { strict: true } => 0,
            _ => local.context,
        })
    }

    /// `mach_port_peek`: the message with a sequence number, or with 0 the first, and a trailer that `room` bytes are
    /// there for.
    pub(crate) fn peek(
        &mut self,
        name: mach_port_name_t,
        seqno: u32,
        trailer: mach_msg_option_t,
        room: usize,
    ) -> Result<Peeked> {
        if !MACH_PORT_VALID(name) {
            return Err(KERN_INVALID_RIGHT);
        }
        // What comes after the audit token is the receiver's business only.
        let most = Trailer::size((MACH_RCV_TRAILER_AUDIT << 24) as mach_msg_option_t);
        if Trailer::size(trailer) > most.min(room) {
            return Err(KERN_INVALID_VALUE);
        }
        let (key, _) = self.attributed(name)?;
        self.pump_all(key);
        let (_, local) = self.attributed(name)?;
        let seqno = if seqno == 0 { local.seqno } else { seqno };
        let ahead = seqno.checked_sub(local.seqno).ok_or(KERN_FAILURE)?;
        let at = if ahead == 0 {
            local.next_at()
        } else {
            ahead as usize
        };
        let message = local.queue.get(at).ok_or(KERN_FAILURE)?;
        Ok(Peeked {
            seqno,
            // With the least trailer, which a message has from its send on.
            size: (message.size() + Trailer::size(0)) as u32,
            id: message.id,
            trailer: Trailer::new(trailer, seqno, message.sender, 0),
        })
    }
}

/// `mps_flags`.
fn flags(local: &Local) -> u32 {
    let mut flags = 0;
    if local.importance_receiver {
        flags |= MACH_PORT_STATUS_FLAG_IMP_DONATION;
        if local.temp_owner {
            flags |= MACH_PORT_STATUS_FLAG_TEMPOWNER;
        }
    }
    if let Guard::Set { strict } = local.guard {
        flags |= MACH_PORT_STATUS_FLAG_GUARDED;
        if strict {
            flags |= MACH_PORT_STATUS_FLAG_STRICT_GUARD;
        }
        if local.immovable {
            flags |= MACH_PORT_STATUS_FLAG_GUARD_IMMOVABLE_RECEIVE;
        }
    }
    flags
}
