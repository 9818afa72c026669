//! Port sets.

use mach_ports::ffi::kern_return::{
    KERN_ALREADY_IN_SET, KERN_INVALID_NAME, KERN_INVALID_RIGHT, KERN_NOT_IN_SET,
};
use mach_ports::ffi::port::{MACH_PORT_NULL, MACH_PORT_TYPE_RECEIVE};

use super::call::Outcome;
use super::copyin::valid;
use super::names::Done;
use super::space::Object;
use super::world::{PortId, SetId, TaskId, World};

impl World {
    fn set_right(&self, task: TaskId, name: u32) -> Result<SetId, i32> {
        match self.entry(task, name).ok_or(KERN_INVALID_NAME)?.object {
            Object::Set(set) => Ok(set),
            _ => Err(KERN_INVALID_RIGHT),
        }
    }

    /// A receive right and a set: both must be names before either's kind is looked at.
    fn two(&self, task: TaskId, member: u32, set: u32) -> Result<(PortId, SetId), i32> {
        if !valid(member) || !valid(set) {
            return Err(KERN_INVALID_RIGHT);
        }
        if self.entry(task, set).is_none() {
            return Err(KERN_INVALID_NAME);
        }
        Ok((
            self.receive_right(task, member)?,
            self.set_right(task, set)?,
        ))
    }

    fn join(&mut self, port: PortId, set: SetId) -> Done {
        if self.ports[port].sets.contains(&set) {
            return Err(KERN_ALREADY_IN_SET);
        }
        self.ports[port].sets.push(set);
        self.sets[set].push(port);
        Ok(())
    }

    fn leave(&mut self, port: PortId, set: SetId) {
        self.ports[port].sets.retain(|&other| other != set);
        self.sets[set].retain(|&other| other != port);
    }

    pub(super) fn insert_member(&mut self, task: TaskId, member: u32, set: u32) -> Done {
        let (port, set) = self.two(task, member, set)?;
        self.join(port, set)
    }

    pub(super) fn extract_member(&mut self, task: TaskId, member: u32, set: u32) -> Done {
        let (port, set) = self.two(task, member, set)?;
        if !self.ports[port].sets.contains(&set) {
            return Err(KERN_NOT_IN_SET);
        }
        self.leave(port, set);
        Ok(())
    }

    pub(super) fn move_member(&mut self, task: TaskId, member: u32, after: u32) -> Done {
        let none = after == MACH_PORT_NULL;
        if !valid(member) || !(none || valid(after)) {
            return Err(KERN_INVALID_RIGHT);
        }
        let set = if none {
            None
        } else {
            Some(self.set_right(task, after)?)
        };
        let port = self.receive_right(task, member)?;
        let before = self.ports[port].sets.clone();
        if none && before.is_empty() {
            return Err(KERN_NOT_IN_SET);
        }
        for other in before {
            self.leave(port, other);
        }
        set.map_or(Ok(()), |set| self.join(port, set))
    }

    pub(super) fn members(&self, task: TaskId, set: u32) -> Outcome {
        if !valid(set) {
            return Outcome::Code(KERN_INVALID_RIGHT);
        }
        let names = self.set_right(task, set).map(|set| {
            let home = &self.tasks[task].home;
            self.sets[set].iter().map(|member| home[member]).collect()
        });
        match names {
            Ok(names) => Outcome::Members(names),
            Err(code) => Outcome::Code(code),
        }
    }

    /// The receive rights of a task.
    pub(super) fn receive_rights(&self, task: TaskId) -> Vec<u32> {
        let names = self.tasks[task].names.iter();
        let receive = names.filter(|(_, entry)| entry.has(MACH_PORT_TYPE_RECEIVE));
        receive.map(|(name, _)| *name).collect()
    }

    /// Whether a message waits for a receive right.
    pub(super) fn has_message(&self, task: TaskId, name: u32) -> bool {
        let port = self.receive_right(task, name);
        port.is_ok_and(|port| !self.ports[port].queue.is_empty())
    }

    /// The ports that a receive right or set is received from by.
    pub(super) fn sources(&self, task: TaskId, name: u32) -> Option<Vec<PortId>> {
        let entry = self.entry(task, name)?;
        match entry.object {
            Object::Set(set) => Some(self.sets[set].clone()),
            Object::Port(port) if entry.has(MACH_PORT_TYPE_RECEIVE) => Some(vec![port]),
            _ => None,
        }
    }
}
