//! What a thread receives from, and how it waits for that.

use nix::poll::PollFlags;

use crate::headers::message::{MACH_RCV_INVALID_NAME, mach_msg_return_t};
use crate::headers::port::{MACH_PORT_TYPE_RECEIVE, mach_port_name_t};
use crate::kernel::Kernel;
use crate::kernel::namespace::space::Object;
use crate::kernel::ports::ids::{PortKey, SetKey, key as key_of};
use crate::sys::parker::{Parker, Waitable};

/// What a thread receives from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A port, and how often its receive right had moved when the thread began to wait.
    Port(PortKey, u32),
    Set(SetKey),
}

impl Kernel {
    pub(super) fn source(&self, name: mach_port_name_t) -> Result<Source, mach_msg_return_t> {
        let entry = self.space.get(name).ok_or(MACH_RCV_INVALID_NAME)?;
        match entry.object {
            Object::Set(set) => Ok(Source::Set(set)),
            Object::Port(key) if entry.has(MACH_PORT_TYPE_RECEIVE) => {
                let moves = self.local(key).map_or(0, |local| local.moves);
                Ok(Source::Port(key, moves))
            }
            _ => Err(MACH_RCV_INVALID_NAME),
        }
    }

    pub(super) fn still_there(&self, source: Source) -> bool {
        match source {
            Source::Port(key, moves) => self.local(key).is_some_and(|local| local.moves == moves),
            Source::Set(set) => self.sets.contains_key(set),
        }
    }

    pub(super) fn begin_wait(
        &mut self,
        source: Source,
        parker: &Parker,
    ) -> Vec<(Waitable, PollFlags)> {
        let mut watched = Vec::new();
        match source {
            Source::Port(key, _) => {
                let Some(local) = self.local_mut(key) else {
                    return watched;
                };
                local.receivers.join(parker);
                match (&local.watch, local.links.first().copied()) {
                    (Some(watch), _) => {
                        watched.push((watch.descriptor(), PollFlags::POLLIN));
                    }
                    (None, Some(only)) => {
                        if let Some(link) = self.links.get(only) {
                            watched.push((link.fd.clone(), PollFlags::POLLIN));
                        }
                    }
                    (None, None) => {}
                }
            }
            Source::Set(set) => {
                if let Some(set) = self.sets.get_mut(set) {
                    set.receivers.join(parker);
                    if let Some(watch) = &set.watch {
                        watched.push((watch.descriptor(), PollFlags::POLLIN));
                    }
                }
            }
        }
        watched
    }

    pub(super) fn end_wait(&mut self, source: Source, parker: &Parker) {
        match source {
            Source::Port(key, _) => {
                if let Some(local) = self.local_mut(key) {
                    local.receivers.leave(parker);
                }
            }
            Source::Set(set) => {
                if let Some(set) = self.sets.get_mut(set) {
                    set.receivers.leave(parker);
                }
            }
        }
    }

    /// The port whose first message is next, if there is one.
    pub(super) fn find_message(&mut self, source: Source) -> Option<PortKey> {
        match source {
            Source::Port(key, _) => {
                self.pump(key);
                self.local(key)
                    .is_some_and(|local| !local.queue.is_empty())
                    .then_some(key)
            }
            Source::Set(set) => {
                self.pump_set(set);
                let members = self.sets.get(set)?;
                members
                    .ready
                    .iter()
                    .copied()
                    .find(|&m| self.local(m).is_some_and(|local| !local.queue.is_empty()))
            }
        }
    }

    /// Takes what has arrived by the links of a set's members into their queues.
    pub(crate) fn pump_set(&mut self, set: SetKey) {
        let ready = match self.sets.get(set).and_then(|set| set.watch.as_ref()) {
            Some(watch) => watch.ready(),
            None => return,
        };
        for member in ready {
            self.pump(key_of(member));
        }
    }

    /// Whether a receive would find a message now.
    pub(crate) fn has_message(&mut self, name: mach_port_name_t) -> bool {
        self.source(name)
            .is_ok_and(|source| self.find_message(source).is_some())
    }
}
