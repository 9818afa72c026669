//! Sending.

use std::time::{Duration, Instant};

use nix::poll::PollFlags;
use zerocopy::FromBytes;

use super::copyin::{Refusal, arrival, is_send_disposition};
use super::copyout::Delivered;
use super::ids::PortKey;
use super::kmsg::{Descriptor, Kmsg, Memory, Sender};
use super::layout::{
    self, GuardedDescriptor, HEADER, Header, MAX_MESSAGE, RawDescriptor, RegionDescriptor,
};
use super::names::is_valid;
use super::port::{Guard, Holder, Home, Port};
use super::right::Right;
use super::transfer::Why;
use super::{Kernel, task};
use crate::message::{
    MACH_MSG_GUARD_FLAGS_UNGUARDED_ON_SEND, MACH_MSG_OOL_VOLATILE_DESCRIPTOR,
    MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE,
    MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_MSG_VIRTUAL_COPY,
    MACH_SEND_INTERRUPT, MACH_SEND_INTERRUPTED, MACH_SEND_INVALID_DEST, MACH_SEND_INVALID_HEADER,
    MACH_SEND_INVALID_MEMORY, MACH_SEND_INVALID_REPLY, MACH_SEND_INVALID_RIGHT,
    MACH_SEND_INVALID_VOUCHER, MACH_SEND_MSG_TOO_SMALL, MACH_SEND_NO_BUFFER, MACH_SEND_NOTIFY,
    MACH_SEND_TIMED_OUT, MACH_SEND_TIMEOUT, MACH_SEND_TOO_LARGE, mach_msg_option_t,
    mach_msg_return_t,
};
use crate::port::{
    MACH_PORT_DEAD, MACH_PORT_NULL, MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND,
    MACH_PORT_TYPE_SEND_ONCE, mach_port_name_t,
};
use crate::sys::parker::{Parker, Waitable, Woken};
use crate::sys::{memory, user};

/// Out-of-line memory up to this many bytes travels in the packet.
const SMALL_MEMORY: usize = 16 << 10;

/// How a send failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: mach_msg_return_t,
    /// The message as the sender gets it back, if it was taken in before it failed.
    pub(crate) returned: Option<Delivered>,
}

impl From<mach_msg_return_t> for Failure {
    fn from(code: mach_msg_return_t) -> Self {
        Self {
            code,
            returned: None,
        }
    }
}

/// A message that has been found to be well formed.
struct Checked {
    header: Header,
    body: Vec<u8>,
    descriptors: Vec<RawDescriptor>,
}

/// Memory that the sender asked to give up with its message: address and length in bytes.
pub(crate) type GivenUp = Vec<(usize, usize)>;

/// Sends the message in `bytes`. Once it is taken in, the memory in `given_up` is no longer the sender's, whether the
/// send succeeds or not: a message that comes back brings memory of its own.
pub(crate) fn send(
    bytes: &[u8],
    option: mach_msg_option_t,
    timeout: u32,
    given_up: &mut GivenUp,
) -> Result<(), Failure> {
    let checked = check(bytes)?;
    let mut kernel = task::lock();
    let to = checked.header.remote;
    let mut message = kernel.copyin_message(checked, given_up)?;
    let deadline = |option: mach_msg_option_t| {
        (option & MACH_SEND_TIMEOUT != 0)
            .then(|| Instant::now() + Duration::from_millis(u64::from(timeout)))
    };
    let mut until = deadline(option);
    let mut waiting: Option<Parker> = None;
    loop {
        message = match kernel.deliver_message(message) {
            Ok(()) => return Ok(()),
            Err((Why::Full, message)) => message,
            Err((_, message)) => {
                let returned = Some(kernel.copyout_pseudo(message, bytes.as_ptr() as usize));
                return Err(Failure {
                    code: MACH_SEND_NO_BUFFER,
                    returned,
                });
            }
        };
        let give_up = |kernel: &mut Kernel, message, code| Failure {
            code,
            returned: Some(kernel.copyout_pseudo(message, bytes.as_ptr() as usize)),
        };
        if option & MACH_SEND_NOTIFY != 0 {
            kernel.arm_send_possible(to);
        }
        if until.is_some() && timeout == 0 {
            return Err(give_up(&mut kernel, message, MACH_SEND_TIMED_OUT));
        }
        let parker = match &waiting {
            Some(parker) => parker.clone(),
            None => match super::receive::parker() {
                Ok(parker) => waiting.insert(parker).clone(),
                Err(_) => return Err(give_up(&mut kernel, message, MACH_SEND_NO_BUFFER)),
            },
        };
        let Some(port) = message.remote.port() else {
            kernel.destroy_message(message);
            return Ok(());
        };
        let watched = kernel.begin_send_wait(port, &parker);
        drop(kernel);
        let woken = parker.wait(&watched, until);
        kernel = task::lock();
        kernel.end_send_wait(port, &parker);
        let code = match woken {
            Woken::Again => continue,
            Woken::TimedOut => MACH_SEND_TIMED_OUT,
            Woken::Interrupted if option & MACH_SEND_INTERRUPT == 0 => {
                // As `mach_msg` has it: after a signal the whole send is repeated.
                until = deadline(option);
                continue;
            }
            Woken::Interrupted => MACH_SEND_INTERRUPTED,
        };
        // Room that came with the last wake is still used.
        return match kernel.deliver_message(message) {
            Ok(()) => Ok(()),
            Err((_, message)) => Err(give_up(&mut kernel, message, code)),
        };
    }
}

/// Checks a message's size, before anybody looks at as many bytes.
pub(crate) fn check_size(len: usize) -> Result<(), mach_msg_return_t> {
    if len < HEADER || !len.is_multiple_of(4) {
        return Err(MACH_SEND_MSG_TOO_SMALL);
    }
    if len > MAX_MESSAGE {
        return Err(MACH_SEND_TOO_LARGE);
    }
    Ok(())
}

/// Checks what depends on the bytes alone (facts 24 and 27): nothing is touched.
fn check(bytes: &[u8]) -> Result<Checked, Failure> {
    let (header, body) = Header::read_from_prefix(bytes).map_err(|_| MACH_SEND_MSG_TOO_SMALL)?;
    let descriptors = if header.is_complex() {
        layout::descriptors(body)?
    } else {
        Vec::new()
    };
    check_dispositions(&header)?;
    Ok(Checked {
        header,
        body: body.to_vec(),
        descriptors,
    })
}

/// Checks what the header says of its rights, in XNU's order: reply, voucher, destination.
fn check_dispositions(header: &Header) -> Result<(), mach_msg_return_t> {
    let (to, reply) = (header.remote_disposition(), header.local_disposition());
    let reply_is_bad = if reply == 0 {
        header.local != MACH_PORT_NULL
    } else {
        !is_send_disposition(reply)
    };
    if reply_is_bad {
        return Err(MACH_SEND_INVALID_HEADER);
    }
    let voucher = header.voucher_disposition();
    if !matches!(
        voucher,
        0 | MACH_MSG_TYPE_MOVE_SEND | MACH_MSG_TYPE_COPY_SEND
    ) || voucher != 0 && header.voucher == MACH_PORT_DEAD
    {
        return Err(MACH_SEND_INVALID_VOUCHER);
    }
    if !is_send_disposition(to) {
        return Err(MACH_SEND_INVALID_HEADER);
    }
    let same = header.remote == header.local;
    if !is_valid(header.remote) || same && [to, reply].contains(&MACH_MSG_TYPE_MOVE_SEND_ONCE) {
        return Err(MACH_SEND_INVALID_DEST);
    }
    // There are no vouchers here, so no name can be one.
    if voucher != 0 && header.voucher != MACH_PORT_NULL {
        return Err(MACH_SEND_INVALID_VOUCHER);
    }
    Ok(())
}

impl Kernel {
    /// Takes a message's rights and memory from its sender.
    fn copyin_message(
        &mut self,
        checked: Checked,
        given_up: &mut GivenUp,
    ) -> Result<Kmsg, Failure> {
        let Checked {
            header,
            body,
            descriptors,
        } = checked;
        self.check_header(&header)?;
        let (remote, local) = self.take_header_rights(&header);
        let mut message = Kmsg {
            id: header.id,
            complex: header.is_complex(),
            remote,
            local,
            local_disposition: arrival(header.local_disposition()) as u8,
            voucher: header.voucher,
            body,
            descriptors: Vec::with_capacity(descriptors.len()),
            sender: Sender::default(),
            stamp: 0,
            link: None,
            rights_lost: false,
        };
        for raw in descriptors {
            match self.copyin_descriptor(raw, message.remote.port(), given_up) {
                Ok(descriptor) => message.descriptors.push(descriptor),
                Err(code) => {
                    // What was taken in goes; this descriptor and the later ones stay with the sender (fact 29).
                    self.destroy_message(message);
                    return Err(code.into());
                }
            }
        }
        Ok(message)
    }

    pub(crate) fn as_sender(&self) -> Sender {
        Sender {
            pid: self.pid,
            uid: nix::unistd::getuid().as_raw(),
            gid: nix::unistd::getgid().as_raw(),
        }
    }

    /// Checks that the header's rights can be taken, both of them (facts 25, 26 and 31): first that there is a
    /// destination, then the reply right, then the destination's right.
    fn check_header(&mut self, header: &Header) -> Result<(), mach_msg_return_t> {
        let (to, reply) = (header.remote_disposition(), header.local_disposition());
        if !self.holds_port_right(header.remote) {
            return Err(MACH_SEND_INVALID_DEST);
        }
        if is_valid(header.local) {
            self.check_reply(header.local, reply)?;
        }
        let dying = to == MACH_MSG_TYPE_MOVE_SEND_ONCE && self.is_unasked_send_once(header.remote);
        if !dying {
            self.check_copyin(header.remote, to, false)
                .map_err(|_| MACH_SEND_INVALID_DEST)?;
        }
        let both = to == MACH_MSG_TYPE_MOVE_SEND && reply == MACH_MSG_TYPE_MOVE_SEND;
        if both && header.remote == header.local {
            let refs = self.space.get(header.local).map_or(0, |entry| entry.urefs);
            if refs < 2 {
                return Err(MACH_SEND_INVALID_DEST);
            }
        }
        Ok(())
    }

    /// Whether a name is a port's and is not known to be dead.
    fn holds_port_right(&self, name: mach_port_name_t) -> bool {
        let rights = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_SEND_ONCE;
        self.space.get(name).is_some_and(|entry| entry.has(rights))
    }

    /// A send-once right that nobody asked to hear the end of is not looked at for death when it is a destination: a
    /// message to a dying port is destroyed with it.
    fn is_unasked_send_once(&self, name: mach_port_name_t) -> bool {
        self.space
            .get(name)
            .is_some_and(|entry| entry.has(MACH_PORT_TYPE_SEND_ONCE) && !entry.fired)
    }

    /// A dead name is no reply right. The right to a port that has died unnoticed still is one, and arrives dead.
    fn check_reply(
        &self,
        name: mach_port_name_t,
        disposition: u32,
    ) -> Result<(), mach_msg_return_t> {
        let entry = self.space.get(name).ok_or(MACH_SEND_INVALID_REPLY)?;
        let dead = entry
            .port()
            .is_none_or(|key| self.port(key).is_none_or(Port::is_dead));
        let needed = match disposition {
            MACH_MSG_TYPE_MAKE_SEND | MACH_MSG_TYPE_MAKE_SEND_ONCE => MACH_PORT_TYPE_RECEIVE,
            _ if dead => MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_SEND_ONCE,
            MACH_MSG_TYPE_MOVE_SEND_ONCE => MACH_PORT_TYPE_SEND_ONCE,
            _ => MACH_PORT_TYPE_SEND,
        };
        if entry.has(needed) {
            Ok(())
        } else {
            Err(MACH_SEND_INVALID_REPLY)
        }
    }

    /// Takes the destination and the reply right. Of one name a reference is moved last, after it was copied.
    fn take_header_rights(&mut self, header: &Header) -> (Right, Right) {
        let (to, reply) = (header.remote_disposition(), header.local_disposition());
        if reply == 0 {
            return (self.take_right(header.remote, to), Right::Null);
        }
        if header.remote == header.local && to == MACH_MSG_TYPE_MOVE_SEND {
            let local = self.take_named(header.local, reply);
            (self.take_right(header.remote, to), local)
        } else {
            let remote = self.take_right(header.remote, to);
            (remote, self.take_named(header.local, reply))
        }
    }

    /// As `take_right`, but `MACH_PORT_NULL` and `MACH_PORT_DEAD` stand for themselves.
    fn take_named(&mut self, name: mach_port_name_t, disposition: u32) -> Right {
        match name {
            MACH_PORT_NULL => Right::Null,
            MACH_PORT_DEAD => Right::Dead,
            _ => {
                self.refresh(name);
                self.take_right(name, disposition)
            }
        }
    }

    fn copyin_descriptor(
        &mut self,
        raw: RawDescriptor,
        to: Option<PortKey>,
        given_up: &mut GivenUp,
    ) -> Result<Descriptor, mach_msg_return_t> {
        match raw {
            RawDescriptor::Port(port) => {
                let disposition = u32::from(port.disposition);
                Ok(Descriptor::Port {
                    right: self.copyin_body_right(port.name, disposition, to)?,
                    disposition: arrival(disposition),
                    guard: None,
                })
            }
            RawDescriptor::Guarded(port) => {
                let disposition = u32::from(port.disposition);
                let flags = self.check_guarded(&port)?;
                Ok(Descriptor::Port {
                    right: self.copyin_body_right(port.name, disposition, to)?,
                    disposition: arrival(disposition),
                    guard: Some((port.context(), flags)),
                })
            }
            RawDescriptor::Memory(region) => copyin_memory(region, given_up),
            RawDescriptor::Ports(region) => self.copyin_ports(region, to, given_up),
        }
    }

    fn copyin_body_right(
        &mut self,
        name: mach_port_name_t,
        disposition: u32,
        to: Option<PortKey>,
    ) -> Result<Right, mach_msg_return_t> {
        let right = match name {
            MACH_PORT_NULL => Right::Null,
            MACH_PORT_DEAD => Right::Dead,
            _ => self
                .copyin_right(name, disposition, true)
                .map_err(|_: Refusal| MACH_SEND_INVALID_RIGHT)?,
        };
        if let Right::Receive(key) = right
            && let Some(local) = self.local_mut(key)
        {
            local.holder = Holder::Transit(to);
        }
        Ok(right)
    }

    /// A guarded descriptor moves a receive right that is guarded as it says, or, as it says, not guarded. Its flags
    /// while it is on its way.
    fn check_guarded(&self, port: &GuardedDescriptor) -> Result<u16, mach_msg_return_t> {
        let unguarded = MACH_MSG_GUARD_FLAGS_UNGUARDED_ON_SEND as u16;
        let Some(local) = self
            .receive_right(port.name)
            .ok()
            .and_then(|key| self.local(key))
        else {
            // What is wrong with the name is found when it is taken in.
            return Ok(port.flags);
        };
        let fits = match local.guard {
            Guard::None => port.flags & unguarded != 0,
            Guard::Set { .. } => local.context == port.context(),
        };
        if fits {
            Ok(port.flags | unguarded)
        } else {
            Err(MACH_SEND_INVALID_RIGHT)
        }
    }

    fn copyin_ports(
        &mut self,
        region: RegionDescriptor,
        to: Option<PortKey>,
        given_up: &mut GivenUp,
    ) -> Result<Descriptor, mach_msg_return_t> {
        let disposition = u32::from(region.disposition);
        let bytes = region.size as usize * size_of::<mach_port_name_t>();
        let names = user::read(region.address(), bytes).map_err(|_| MACH_SEND_INVALID_MEMORY)?;
        if region.deallocate != 0 && bytes > 0 {
            given_up.push((region.address(), bytes));
        }
        let mut rights = Vec::with_capacity(region.size as usize);
        for name in names.as_chunks::<4>().0 {
            match self.copyin_body_right(u32::from_ne_bytes(*name), disposition, to) {
                Ok(right) => rights.push(right),
                Err(code) => {
                    for right in rights {
                        self.release(right);
                    }
                    return Err(code);
                }
            }
        }
        Ok(Descriptor::Ports {
            rights,
            disposition: arrival(disposition),
        })
    }

    /// Puts a message into its port's queue, or onto its way there. Without room it comes back.
    fn deliver_message(&mut self, mut message: Kmsg) -> Result<(), (Why, Kmsg)> {
        let Some(key) = message.remote.port() else {
            self.destroy_message(message);
            return Ok(());
        };
        let once = matches!(message.remote, Right::SendOnce(_));
        match self.port(key).map(|port| &port.home) {
            Some(Home::Local(local)) => {
                if !once && local.is_full() {
                    return Err((Why::Full, message));
                }
                if self.closes_a_circle(key, &message) {
                    self.destroy_message(message);
                } else {
                    // On the way to another task the kernel below says it.
                    message.sender = self.as_sender();
                    self.enqueue(key, message);
                }
                Ok(())
            }
            Some(Home::Remote(_)) => {
                if !once && self.is_full(key) {
                    return Err((Why::Full, message));
                }
                match self.send_away(key, message) {
                    Ok(()) => Ok(()),
                    Err(unsent) if unsent.why == Why::Dead => {
                        self.destroy_message(unsent.message);
                        Ok(())
                    }
                    Err(unsent) => Err((unsent.why, unsent.message)),
                }
            }
            Some(Home::Kernel(_)) => {
                self.answer_for_kernel(message);
                Ok(())
            }
            Some(Home::Dead) | None => {
                self.destroy_message(message);
                Ok(())
            }
        }
    }

    /// Whether a message would put a receive right, at last, into its own queue, where nobody could get at it.
    fn closes_a_circle(&self, to: PortKey, message: &Kmsg) -> bool {
        let carried: Vec<PortKey> = message
            .descriptors
            .iter()
            .flat_map(|descriptor| match descriptor {
                Descriptor::Port { right, .. } => std::slice::from_ref(right),
                Descriptor::Ports { rights, .. } => rights,
                Descriptor::Memory { .. } => &[],
            })
            .filter_map(|right| match right {
                Right::Receive(key) => Some(*key),
                _ => None,
            })
            .collect();
        if carried.is_empty() {
            return false;
        }
        let mut at = Some(to);
        while let Some(key) = at {
            if carried.contains(&key) {
                return true;
            }
            at = match self.local(key).map(|local| local.holder) {
                Some(Holder::Transit(next)) => next,
                _ => None,
            };
        }
        false
    }

    /// The embedded Mach has no calls that come as messages: whoever asks is told so.
    fn answer_for_kernel(&mut self, mut message: Kmsg) {
        let id = message.id;
        let reply = message.local.take();
        self.destroy_message(message);
        if matches!(reply, Right::Send(_) | Right::SendOnce(_)) {
            let mut body = crate::ndr::NDR_record_t::NATIVE.to_bytes().to_vec();
            body.extend_from_slice(&crate::mig::MIG_BAD_ID.to_ne_bytes());
            self.post(Kmsg::simple(
                id.wrapping_add(100),
                reply,
                body,
                Sender::default(),
            ));
        } else {
            self.release(reply);
        }
    }

    fn begin_send_wait(&mut self, port: PortKey, parker: &Parker) -> Vec<(Waitable, PollFlags)> {
        match self.port_mut(port).map(|port| &mut port.home) {
            Some(Home::Local(local)) => {
                local.senders.join(parker);
                Vec::new()
            }
            Some(Home::Remote(remote)) => remote
                .send
                .iter()
                .map(|end| (end.fd.clone() as Waitable, PollFlags::POLLOUT))
                .collect(),
            // It changed its home in between: the next look decides.
            _ => {
                parker.wake();
                Vec::new()
            }
        }
    }

    fn end_send_wait(&mut self, port: PortKey, parker: &Parker) {
        if let Some(local) = self.local_mut(port) {
            local.senders.leave(parker);
        }
    }
}

fn copyin_memory(
    region: RegionDescriptor,
    given_up: &mut GivenUp,
) -> Result<Descriptor, mach_msg_return_t> {
    let (address, len) = (region.address(), region.size as usize);
    let taken = if len <= SMALL_MEMORY {
        user::read(address, len).map(Memory::Bytes)
    } else {
        memory::sealed_copy_of_user(address, len).map(|fd| Memory::Sealed(fd, len))
    };
    let memory = taken.map_err(|errno| match errno {
        nix::errno::Errno::EFAULT => MACH_SEND_INVALID_MEMORY,
        _ => MACH_SEND_NO_BUFFER,
    })?;
    if region.deallocate != 0 && len > 0 {
        given_up.push((address, len));
    }
    Ok(Descriptor::Memory {
        memory,
        virtual_copy: u32::from(region.copy) == MACH_MSG_VIRTUAL_COPY,
        volatile: u32::from(region.kind) == MACH_MSG_OOL_VOLATILE_DESCRIPTOR,
    })
}
