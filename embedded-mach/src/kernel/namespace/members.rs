//! Port sets and their members; and who is told when a message is there.

use std::os::fd::AsFd;

use crate::headers::kern_return::{
    KERN_ALREADY_IN_SET, KERN_INVALID_NAME, KERN_INVALID_RIGHT, KERN_NOT_IN_SET,
};
use crate::headers::port::{MACH_PORT_NULL, MACH_PORT_VALID, mach_port_name_t};
use crate::kernel::ports::ids::{PortKey, SetKey, number};
use crate::kernel::{Kernel, Result};
use crate::sys::watch::Watch;

impl Kernel {
    fn set_of(&self, name: mach_port_name_t) -> Result<SetKey> {
        let entry = self.space.get(name).ok_or(KERN_INVALID_NAME)?;
        entry.set().ok_or(KERN_INVALID_RIGHT)
    }

    /// A receive right and a set. That there are such names comes before what they are.
    fn member_and_set(
        &self,
        member: mach_port_name_t,
        set: mach_port_name_t,
    ) -> Result<(PortKey, SetKey)> {
        if !MACH_PORT_VALID(member) || !MACH_PORT_VALID(set) {
            return Err(KERN_INVALID_RIGHT);
        }
        match (self.receive_right(member), self.set_of(set)) {
            (Err(KERN_INVALID_NAME), _) | (_, Err(KERN_INVALID_NAME)) => Err(KERN_INVALID_NAME),
            (port, set) => Ok((port?, set?)),
        }
    }

    /// `mach_port_insert_member`.
    pub(crate) fn insert_member(
        &mut self,
        member: mach_port_name_t,
        set: mach_port_name_t,
    ) -> Result<()> {
        let (port, set) = self.member_and_set(member, set)?;
        self.join_set(port, set)
    }

    fn join_set(&mut self, port: PortKey, set: SetKey) -> Result<()> {
        let Some(local) = self.local_mut(port) else {
            return Err(KERN_INVALID_RIGHT);
        };
        if local.sets.contains(&set) {
            return Err(KERN_ALREADY_IN_SET);
        }
        local.sets.push(set);
        let queued = !local.queue.is_empty();
        let linked =
            !local.links.is_empty() || !local.services.is_empty() || !local.backs.is_empty();
        if let Some(set) = self.sets.get_mut(set) {
            set.members.push(port);
            if queued {
                set.mark_ready(port);
            }
        }
        if linked {
            self.ensure_watch(port);
            self.watch_member(set, port);
        }
        if let Some(set) = self.sets.get_mut(set) {
            set.receivers.wake_all();
        }
        self.show_set(set);
        Ok(())
    }

    /// `mach_port_extract_member`.
    pub(crate) fn extract_member(
        &mut self,
        member: mach_port_name_t,
        set: mach_port_name_t,
    ) -> Result<()> {
        let (port, set) = self.member_and_set(member, set)?;
        if !self
            .local(port)
            .is_some_and(|local| local.sets.contains(&set))
        {
            return Err(KERN_NOT_IN_SET);
        }
        self.leave_set(port, set);
        Ok(())
    }

    /// `mach_port_move_member`: out of every set, and into one unless `after` is null.
    pub(crate) fn move_member(
        &mut self,
        member: mach_port_name_t,
        after: mach_port_name_t,
    ) -> Result<()> {
        if after == MACH_PORT_NULL {
            let (port, _) = self.attributed(member)?;
            if self.local(port).is_none_or(|local| local.sets.is_empty()) {
                return Err(KERN_NOT_IN_SET);
            }
            self.leave_sets(port);
            return Ok(());
        }
        let (port, set) = self.member_and_set(member, after)?;
        let others: Vec<_> = self
            .local(port)
            .map(|local| local.sets.iter().copied().filter(|&s| s != set).collect())
            .unwrap_or_default();
        for other in others {
            self.leave_set(port, other);
        }
        match self.join_set(port, set) {
            Err(KERN_ALREADY_IN_SET) => Ok(()),
            other => other,
        }
    }

    fn leave_set(&mut self, port: PortKey, set: SetKey) {
        if let Some(local) = self.local_mut(port) {
            local.sets.retain(|&s| s != set);
        }
        let ports = &self.ports;
        if let Some(left) = self.sets.get_mut(set) {
            left.members.retain(|&m| m != port);
            left.ready.retain(|&m| m != port);
            left.turn.retain(|&m| m != port);
            if let (Some(watch), Some(member)) = (
                &left.watch,
                ports
                    .get(port)
                    .and_then(crate::kernel::ports::port::Port::local)
                    .and_then(|local| local.watch.as_ref()),
            ) {
                watch.remove(member.as_fd());
            }
        }
        self.show_set(set);
    }

    /// Takes a port out of every set.
    pub(crate) fn leave_sets(&mut self, port: PortKey) {
        let sets = self
            .local(port)
            .map(|local| local.sets.clone())
            .unwrap_or_default();
        for set in sets {
            self.leave_set(port, set);
        }
    }

    /// Destroys a set; its members and their messages stay.
    pub(crate) fn destroy_set(&mut self, name: mach_port_name_t) {
        let Some(set) = self.remove_name(name).and_then(|entry| entry.set()) else {
            return;
        };
        let members = self
            .sets
            .get(set)
            .map(|set| set.members.clone())
            .unwrap_or_default();
        for member in members {
            self.leave_set(member, set);
        }
        if let Some(mut set) = self.sets.remove(set) {
            set.receivers.wake_all();
            if let Some(signal) = set.signal {
                signal.end();
            }
        }
    }

    /// `mach_port_get_set_status`: the members' names, ascending.
    pub(crate) fn set_status(&self, name: mach_port_name_t) -> Result<Vec<mach_port_name_t>> {
        if !MACH_PORT_VALID(name) {
            return Err(KERN_INVALID_RIGHT);
        }
        let set = self.set_of(name)?;
        let mut names: Vec<_> = self
            .sets
            .get(set)
            .map(|set| set.members.as_slice())
            .unwrap_or_default()
            .iter()
            .filter_map(|&member| self.port(member)?.name)
            .collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Has a set show what comes by a member's links.
    pub(crate) fn watch_member(&mut self, set: SetKey, port: PortKey) {
        let Some(set) = self.sets.get_mut(set) else {
            return;
        };
        if set.watch.is_none() {
            set.watch = Watch::new().ok();
        }
        if let (Some(watch), Some(member)) = (
            &set.watch,
            self.ports
                .get(port)
                .and_then(crate::kernel::ports::port::Port::local)
                .and_then(|local| local.watch.as_ref()),
        ) {
            let _ = watch.add(member.as_fd(), number(port));
        }
    }

    /// A message has come into a port's queue: wakes one thread that can receive it.
    pub(crate) fn message_arrived(&mut self, port: PortKey) {
        let Some(local) = self.local_mut(port) else {
            return;
        };
        if let Some(signal) = &mut local.signal {
            signal.show(true);
        }
        for set in local.sets.clone() {
            if let Some(set) = self.sets.get_mut(set) {
                set.mark_ready(port);
                if let Some(signal) = &mut set.signal {
                    signal.show(true);
                }
            }
        }
        self.wake_receiver(port);
    }

    /// Wakes one thread that waits for a port's messages: one on the port itself before one on a set.
    pub(crate) fn wake_receiver(&mut self, port: PortKey) {
        let Some(local) = self.local_mut(port) else {
            return;
        };
        if !local.receivers.is_empty() {
            local.receivers.wake_one();
            return;
        }
        let sets = local.sets.clone();
        let waited_on = sets.into_iter().find(|&set| {
            self.sets
                .get(set)
                .is_some_and(|set| !set.receivers.is_empty())
        });
        if let Some(set) = waited_on.and_then(|set| self.sets.get_mut(set)) {
            set.receivers.wake_one();
        }
    }

    /// Messages have gone from a port's queue: shows what is left, and passes the word on to whoever else waits.
    pub(crate) fn queue_shrank(&mut self, port: PortKey) {
        let Some(local) = self.local_mut(port) else {
            return;
        };
        let left = !local.queue.is_empty();
        if let Some(signal) = &mut local.signal {
            signal.show(left);
        }
        if left {
            local.receivers.wake_one();
        }
        if !local.is_full() {
            local.senders.wake_all();
        }
        for set in local.sets.clone() {
            if !left && let Some(set) = self.sets.get_mut(set) {
                set.ready.retain(|&m| m != port);
            }
            self.show_set(set);
        }
        self.fire_send_possible(port);
    }

    /// Shows whether a set has messages, and passes the word on.
    pub(crate) fn show_set(&mut self, set: SetKey) {
        if let Some(set) = self.sets.get_mut(set) {
            let ready = !set.ready.is_empty();
            if let Some(signal) = &mut set.signal {
                signal.show(ready);
            }
            if ready {
                set.receivers.wake_one();
            }
        }
    }

    /// Has the threads that wait on a port, alone or in a set, look again at what there is to wait for.
    pub(crate) fn poke_receivers(&mut self, port: PortKey) {
        let Some(local) = self.local_mut(port) else {
            return;
        };
        local.receivers.wake_all();
        let sets = local.sets.clone();
        if !sets.is_empty() {
            self.ensure_watch(port);
        }
        for set in sets {
            if let Some(set) = self.sets.get_mut(set) {
                set.receivers.wake_all();
            }
        }
    }
}
