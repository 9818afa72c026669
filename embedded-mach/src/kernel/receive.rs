//! Receiving.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use nix::poll::PollFlags;

use super::copyout::Delivered;
use super::ids::{PortKey, SetKey, key as key_of};
use super::kmsg::{Kmsg, Sender};
use super::layout::{HEADER, Header};
use super::space::Object;
use super::{Kernel, task};
use crate::message::{
    MACH_MSG_IPC_SPACE, MACH_MSG_SUCCESS, MACH_MSG_VM_SPACE, MACH_MSGH_BITS_COMPLEX,
    MACH_RCV_BODY_ERROR, MACH_RCV_INTERRUPT, MACH_RCV_INTERRUPTED, MACH_RCV_INVALID_NAME,
    MACH_RCV_LARGE, MACH_RCV_PORT_CHANGED, MACH_RCV_TIMED_OUT, MACH_RCV_TIMEOUT,
    MACH_RCV_TOO_LARGE, mach_msg_option_t, mach_msg_return_t,
};
use crate::port::{MACH_PORT_NULL, MACH_PORT_TYPE_RECEIVE, mach_port_name_t};
use crate::sys::parker::{Parker, Waitable, Woken};

thread_local! {
    static PARKER: RefCell<Option<Parker>> = const { RefCell::new(None) };
}

/// The means to wake this thread.
pub(super) fn parker() -> Result<Parker, nix::errno::Errno> {
    PARKER.with(|slot| {
        let mut slot = slot.borrow_mut();
        match &*slot {
            Some(parker) => Ok(parker.clone()),
            None => {
                let parker = Parker::new()?;
                *slot = Some(parker.clone());
                Ok(parker)
            }
        }
    })
}

/// After `fork`: the descriptor belongs to the parent's thread as well.
pub(super) fn forget_parker() {
    PARKER.with(|slot| *slot.borrow_mut() = None);
}

/// What a thread receives from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// A port, and how often its receive right had moved when the thread began to wait.
    Port(PortKey, u32),
    Set(SetKey),
}

/// What a receive asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReceiveRequest {
    pub(crate) name: mach_port_name_t,
    pub(crate) option: mach_msg_option_t,
    /// The address of the buffer, and how many bytes it has.
    pub(crate) buffer: usize,
    pub(crate) limit: usize,
    /// Milliseconds; counts only with its option.
    pub(crate) timeout: u32,
}

/// How a receive ended.
#[derive(Debug)]
pub(crate) enum Received {
    /// A message and its trailer, perhaps with an error code for what could not be delivered.
    Message {
        code: mach_msg_return_t,
        header: Header,
        body: Vec<u8>,
        trailer: Trailer,
    },
    /// `MACH_RCV_LARGE`: the message stays; its size, and the member that has it.
    Larger { size: u32, member: mach_port_name_t },
    /// Nothing.
    Nothing(mach_msg_return_t),
}

/// A trailer's bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trailer {
    words: [u32; 17],
    len: usize,
}

impl Trailer {
    /// How many bytes the trailer that `option` asks for has (fact 39).
    pub(crate) fn size(option: mach_msg_option_t) -> usize {
        match option as u32 >> 24 & 0xf {
            0 => 8,
            1 => 12,
            2 => 20,
            3 => 52,
            4 => 60,
            _ => 68,
        }
    }

    pub(super) fn new(option: mach_msg_option_t, seqno: u32, sender: Sender, context: u64) -> Self {
        let len = Self::size(option);
        let mut words = [0; 17];
        words[1] = len as u32;
        words[2] = seqno;
        words[3..5].copy_from_slice(&sender.security_token());
        words[5..13].copy_from_slice(&sender.audit_token());
        words[13] = context as u32;
        words[14] = (context >> 32) as u32;
        Self { words, len }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &zerocopy::IntoBytes::as_bytes(&self.words)[..self.len]
    }
}

/// Receives a message, waiting as long as the request says.
pub(crate) fn receive(request: ReceiveRequest) -> Received {
    loop {
        let deadline = (request.option & MACH_RCV_TIMEOUT != 0)
            .then(|| Instant::now() + Duration::from_millis(u64::from(request.timeout)));
        match receive_once(request, deadline) {
            // As `mach_msg` has it: after a signal the receive begins anew, with the whole timeout.
            Received::Nothing(MACH_RCV_INTERRUPTED) if request.option & MACH_RCV_INTERRUPT == 0 => {
            }
            other => return other,
        }
    }
}

fn receive_once(request: ReceiveRequest, deadline: Option<Instant>) -> Received {
    let mut kernel = task::lock();
    let source = match kernel.source(request.name) {
        Ok(source) => source,
        Err(code) => return Received::Nothing(code),
    };
    if let Some(port) = kernel.find_message(source) {
        return kernel.take_message(source, port, request);
    }
    if deadline.is_some() && request.timeout == 0 {
        return Received::Nothing(MACH_RCV_TIMED_OUT);
    }
    let Ok(parker) = parker() else {
        return Received::Nothing(crate::kern_return::KERN_RESOURCE_SHORTAGE);
    };
    loop {
        let watched = kernel.begin_wait(source, &parker);
        drop(kernel);
        let woken = parker.wait(&watched, deadline);
        kernel = task::lock();
        kernel.end_wait(source, &parker);
        if !kernel.still_there(source) {
            return Received::Nothing(MACH_RCV_PORT_CHANGED);
        }
        if let Some(port) = kernel.find_message(source) {
            return kernel.take_message(source, port, request);
        }
        match woken {
            Woken::Again => {}
            Woken::TimedOut => return Received::Nothing(MACH_RCV_TIMED_OUT),
            Woken::Interrupted => return Received::Nothing(MACH_RCV_INTERRUPTED),
        }
    }
}

impl Kernel {
    fn source(&self, name: mach_port_name_t) -> Result<Source, mach_msg_return_t> {
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

    fn still_there(&self, source: Source) -> bool {
        match source {
            Source::Port(key, moves) => self.local(key).is_some_and(|local| local.moves == moves),
            Source::Set(set) => self.sets.contains_key(set),
        }
    }

    fn begin_wait(&mut self, source: Source, parker: &Parker) -> Vec<(Waitable, PollFlags)> {
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

    fn end_wait(&mut self, source: Source, parker: &Parker) {
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
    fn find_message(&mut self, source: Source) -> Option<PortKey> {
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

    fn take_message(&mut self, source: Source, port: PortKey, request: ReceiveRequest) -> Received {
        if let Source::Set(set) = source {
            self.rotate(set, port);
        }
        let trailer_size = Trailer::size(request.option);
        let member = self.port(port).and_then(|port| port.name);
        let Some(local) = self.local_mut(port) else {
            return Received::Nothing(MACH_RCV_PORT_CHANGED);
        };
        let Some(size) = local.queue.front().map(Kmsg::size) else {
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
        let Some(message) = local.queue.pop_front() else {
            return Received::Nothing(MACH_RCV_TIMED_OUT);
        };
        let seqno = local.seqno;
        local.seqno = seqno.wrapping_add(1);
        let context = local.context;
        if let Some(link) = message.link.and_then(|link| self.links.get_mut(link)) {
            link.in_hand = link.in_hand.saturating_sub(1);
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
        let Delivered {
            header,
            body,
            failed,
        } = self.copyout(message, request.option, request.buffer);
        Received::Message {
            code: code_of(failed),
            header,
            body,
            trailer,
        }
    }

    /// A message that does not fit: its header without rights, as from the kernel; the rest is destroyed.
    fn cut_down(&mut self, mut message: Kmsg, trailer: Trailer) -> Received {
        let (id, voucher, reply) = (
            message.id,
            message.voucher,
            u32::from(message.local_disposition),
        );
        let complex = if message.complex {
            MACH_MSGH_BITS_COMPLEX
        } else {
            0
        };
        let remote = message.remote.take();
        let bits = complex | reply | remote.disposition() << 8;
        let local = remote
            .port()
            .and_then(|key| self.port(key))
            .and_then(|port| port.name)
            .unwrap_or(MACH_PORT_NULL);
        self.release_destination(remote);
        self.destroy_message(message);
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
            body: Vec::new(),
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
