//! A task, its peer, and what each can do next.

use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

use arbitrary::{Result, Unstructured};
use embedded_mach::linux::port_for_child;
use mach_ports::{AnyRight, Message, ReceiveError, ReceiveOptions, ReceiveRight, SendOptions};
use nix::fcntl::SealFlag;
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, Shutdown, SockType, recvmsg, sendmsg, shutdown,
};

use super::packet::{BULK, CARRIER, Packet, packet};
use super::palette;

/// Descriptors that one side has at a time, and rights that the other has.
const MANY: usize = 64;
/// Of an honest message.
const HONEST: i32 = 0x0123_4567;

/// Both sides.
pub(super) struct Stage {
    port: ReceiveRight,
    /// What the task has been sent, as far as it has kept it.
    rights: Vec<AnyRight>,
    /// The peer's sockets: its links to the task, and the other ends of what it has sent.
    ends: Vec<OwnedFd>,
    /// Slots that the peer has read of, or would like to be there.
    slots: Vec<(u16, u32)>,
}

impl Stage {
    pub(super) fn new() -> Self {
        let port = ReceiveRight::new().expect("a receive right");
        let mut stage = Self {
            port,
            rights: Vec::new(),
            ends: Vec::new(),
            slots: vec![(1, 1), (2, 1)],
        };
        stage.add_link();
        stage
    }

    /// One more way to the task, as a child has it.
    fn add_link(&mut self) {
        let link = port_for_child(self.port.name(), 3);
        self.keep(link.expect("a link for a child").0);
    }

    fn keep(&mut self, end: OwnedFd) {
        if self.ends.len() < MANY {
            self.ends.push(end);
        }
    }

    pub(super) fn act(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        match input.int_in_range(0..=15u8)? {
            0..=5 => self.write(input)?,
            6..=8 => self.receive(input)?,
            9 | 10 => self.send(input)?,
            11 => self.read(),
            12 => self.end_one(input)?,
            13 => self.look(input)?,
            14 => {
                if let Ok(index) = input.choose_index(self.rights.len()) {
                    drop(self.rights.swap_remove(index));
                }
            }
            _ => self.add_link(),
        }
        Ok(())
    }

    /// The peer sends a packet.
    fn write(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let packet = packet(input, &self.slots)?;
        let mut descriptors = Vec::new();
        for _ in 0..packet.descriptors.min(200) {
            let (fd, other) = palette::one(input, &self.ends)?;
            descriptors.push(fd);
            if let Some(other) = other {
                self.keep(other);
            }
        }
        if let Ok(index) = input.choose_index(self.ends.len()) {
            transmit(&self.ends[index], packet, descriptors);
        }
        Ok(())
    }

    /// The task receives, and keeps what it is given or not.
    fn receive(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let mut options = ReceiveOptions::new().timeout(Duration::ZERO);
        if input.ratio(1, 8)? {
            options = options.max_size(input.int_in_range(0..=200)?);
        }
        let kept = self.rights.iter().filter_map(|right| match right {
            AnyRight::Receive(port) => Some(port),
            _ => None,
        });
        let ports: Vec<_> = std::iter::once(&self.port).chain(kept).collect();
        let Ok(mut message) = ports[input.choose_index(ports.len())?].receive(&options) else {
            return Ok(());
        };
        if input.ratio(3, 4)? && self.rights.len() < MANY {
            let count = message.descriptor_count().min(MANY);
            let taken = (0..count).filter_map(|index| message.take_right(index));
            self.rights.extend(taken.collect::<Vec<_>>());
            if let Some(reply) = message.take_reply() {
                self.rights.push(match reply {
                    mach_ports::ReplyRight::Send(right) => right.into(),
                    mach_ports::ReplyRight::SendOnce(right) => right.into(),
                });
            }
        }
        Ok(())
    }

    /// The task sends by a right that it was sent, and asks for a reply.
    fn send(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let Ok(index) = input.choose_index(self.rights.len()) else {
            return Ok(());
        };
        let at_once = SendOptions::new().timeout(Duration::ZERO);
        let mut message = Message::new(5);
        if input.ratio(3, 4)? {
            message = message.reply_to_make_send_once(&self.port);
        }
        if input.ratio(1, 8)? {
            message = message.bytes(&[1; 40_000]);
        }
        if input.ratio(1, 4)? {
            message = message.make_send(&self.port);
        }
        let to = self.rights.swap_remove(index);
        if input.ratio(1, 4)?
            && let Ok(other) = input.choose_index(self.rights.len())
        {
            message = message.move_right(self.rights.swap_remove(other));
        }
        // Whether it goes is the peer's doing.
        match to {
            AnyRight::Send(right) => {
                let _ = message.send(&right, &at_once);
                self.rights.push(right.into());
            }
            AnyRight::SendOnce(right) => drop(message.send_once(right, &at_once)),
            AnyRight::Receive(port) => {
                if let Ok(right) = port.make_send() {
                    let _ = message.send(&right, &at_once);
                }
                self.rights.push(port.into());
            }
        }
        Ok(())
    }

    /// The peer reads all that it can.
    fn read(&mut self) {
        let mut found = Vec::new();
        for end in &self.ends {
            while let Some((bytes, descriptors)) = take(end) {
                found.extend(descriptors);
                if let (Some(index), Some(generation)) = (bytes.get(6..8), bytes.get(16..20)) {
                    let index = u16::from_ne_bytes([index[0], index[1]]);
                    let generation = generation.try_into().map(u32::from_ne_bytes);
                    self.slots.push((index, generation.unwrap_or_default()));
                }
            }
        }
        found.into_iter().for_each(|end| self.keep(end));
        let old = self.slots.len().saturating_sub(8);
        self.slots.drain(..old);
    }

    /// The peer closes a socket, or shuts it down.
    fn end_one(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let Ok(index) = input.choose_index(self.ends.len()) else {
            return Ok(());
        };
        let how = [Shutdown::Read, Shutdown::Write, Shutdown::Both];
        match input.int_in_range(0..=5usize)? {
            part @ 0..=2 => drop(shutdown(self.ends[index].as_raw_fd(), how[part])),
            _ => drop(self.ends.swap_remove(index)),
        }
        Ok(())
    }

    /// The task asks what has become of its rights.
    fn look(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let _ = self.port.status();
        let Ok(right) = input.choose(&self.rights) else {
            return Ok(());
        };
        match right {
            // Without a request, whose notification would come with a reference to a dead name.
            AnyRight::Send(right) => drop((right.is_dead(), right.references())),
            AnyRight::SendOnce(right) => drop(right.is_dead()),
            AnyRight::Receive(port) => drop(port.status()),
        }
        Ok(())
    }

    /// Whatever has happened, the task hears who keeps to the rules.
    pub(super) fn end(mut self) {
        self.ends.clear();
        self.add_link();
        let mut payload = Vec::from(HONEST.to_ne_bytes());
        payload.resize(28 + 40, 0);
        let mut prefix = [0; 20];
        prefix[..4].copy_from_slice(&u32::from_be_bytes(*b"EM\x00\x03").to_ne_bytes());
        prefix[4] = 1;
        prefix[8..12].copy_from_slice(&(payload.len() as u32).to_ne_bytes());
        let honest = Packet {
            prefix,
            payload,
            descriptors: 0,
            flags: 0,
        };
        transmit(&self.ends[0], honest, Vec::new());
        let options = ReceiveOptions::new().timeout(crate::letter::DEADLINE);
        loop {
            match self.port.receive(&options) {
                Ok(message) if message.id() == HONEST => break,
                Ok(_) => {}
                Err(ReceiveError::TimedOut) => panic!("an honest message was not heard"),
                Err(_) => {}
            }
        }
    }
}

/// Sends a packet, its payload and descriptors in the way that its flags say. The peer does not care whether it went.
fn transmit(to: &OwnedFd, packet: Packet, mut descriptors: Vec<OwnedFd>) {
    let mut bytes = Vec::from(packet.prefix);
    if packet.flags & CARRIER != 0 {
        let (receiving, sending) = palette::pair(SockType::SeqPacket);
        for batch in descriptors.chunks(100) {
            put(&sending, &[0], batch);
        }
        descriptors = vec![receiving];
    }
    if packet.flags & BULK != 0 {
        let all = SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_WRITE;
        let len = packet.payload.len() as u32;
        descriptors.insert(0, palette::memory(&packet.payload, len, all));
    } else {
        bytes.extend(packet.payload);
    }
    put(to, &bytes, &descriptors);
}

fn put(to: &OwnedFd, bytes: &[u8], descriptors: &[OwnedFd]) {
    let raw: Vec<RawFd> = descriptors.iter().map(AsRawFd::as_raw_fd).collect();
    let rights = [ControlMessage::ScmRights(&raw)];
    let attached = if raw.is_empty() { &[][..] } else { &rights[..] };
    let flags = MsgFlags::MSG_NOSIGNAL | MsgFlags::MSG_DONTWAIT;
    let bytes = [IoSlice::new(bytes)];
    let _ = sendmsg::<()>(to.as_raw_fd(), &bytes, attached, flags, None);
}

/// A packet that is there, and its descriptors.
fn take(from: &OwnedFd) -> Option<(Vec<u8>, Vec<OwnedFd>)> {
    let mut bytes = vec![0; 1 << 16];
    let mut room = nix::cmsg_space!([RawFd; 253]);
    let mut buffers = [IoSliceMut::new(&mut bytes)];
    let flags = MsgFlags::MSG_CMSG_CLOEXEC | MsgFlags::MSG_DONTWAIT;
    let got = recvmsg::<()>(
        from.as_fd().as_raw_fd(),
        &mut buffers,
        Some(&mut room),
        flags,
    );
    let got = got.ok().filter(|got| got.bytes > 0)?;
    let mut descriptors = Vec::new();
    for message in got.cmsgs().ok()? {
        if let ControlMessageOwned::ScmRights(raw) = message {
            // SAFETY: the kernel has just made these numbers for this process; nothing else owns them.
            let owned = raw
                .into_iter()
                .map(|fd| unsafe { OwnedFd::from_raw_fd(fd) });
            descriptors.extend(owned);
        }
    }
    let len = got.bytes;
    bytes.truncate(len);
    Some((bytes, descriptors))
}
