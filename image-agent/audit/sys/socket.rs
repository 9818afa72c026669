//! Packets, and waiting for them.

use super::descriptor::close;
use super::{number, result, syscall};

const MSG_DONTWAIT: usize = 0x40;
const MSG_NOSIGNAL: usize = 0x4000;
const MSG_CMSG_CLOEXEC: usize = 0x4000_0000;
const SOL_SOCKET: u32 = 1;
const SCM_RIGHTS: u32 = 1;

const EINTR: i32 = 4;
const EAGAIN: i32 = 11;
const ENOMEM: i32 = 12;
const ENOBUFS: i32 = 105;

/// Why a packet was not sent.
pub(crate) enum Unsent {
    /// There was no room for it.
    Full,
    /// Nobody is to receive it.
    Dead,
}

fn unsent(error: i32) -> Unsent {
    match error {
        EINTR | EAGAIN | ENOMEM | ENOBUFS => Unsent::Full,
        _ => Unsent::Dead,
    }
}

/// Sends a packet without waiting.
pub(crate) fn send(to: u32, packet: &[u8]) -> Result<(), Unsent> {
    let flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    let arguments = [
        to as usize,
        packet.as_ptr() as usize,
        packet.len(),
        flags,
        0,
        0,
    ];
    // SAFETY: the bytes are there.
    let answer = result(unsafe { syscall(number::SENDTO, arguments) });
    answer.map(|_| ()).map_err(unsent)
}

#[repr(C)]
struct Header {
    name: usize,
    name_len: u32,
    vector: *const [usize; 2],
    vector_len: usize,
    control: *mut Control,
    control_len: usize,
    flags: u32,
}

/// Room for one descriptor.
#[repr(C, align(8))]
struct Control {
    len: usize,
    level: u32,
    kind: u32,
    descriptor: u32,
}

const CONTROL: usize = 24;
const CONTROL_USED: usize = 20;

fn header(vector: &[usize; 2], control: &mut Control) -> Header {
    Header {
        name: 0,
        name_len: 0,
        vector,
        vector_len: 1,
        control,
        control_len: CONTROL,
        flags: 0,
    }
}

/// Sends a packet with a descriptor, without waiting.
pub(crate) fn send_with(to: u32, packet: &[u8], descriptor: u32) -> Result<(), Unsent> {
    let mut control = Control {
        len: CONTROL_USED,
        level: SOL_SOCKET,
        kind: SCM_RIGHTS,
        descriptor,
    };
    let vector = [packet.as_ptr() as usize, packet.len()];
    let header: *const Header = &header(&vector, &mut control);
    let flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    // SAFETY: the header, and what it points to, is there.
    let answer = result(unsafe {
        syscall(
            number::SENDMSG,
            [to as usize, header as usize, flags, 0, 0, 0],
        )
    });
    answer.map(|_| ()).map_err(unsent)
}

/// What was there to be read.
pub(crate) enum Arrival {
    /// A packet of so many bytes, and its descriptor.
    Packet(usize, Option<u32>),
    Nothing,
    /// There never will be anything.
    End,
}

/// Reads a packet without waiting. Of descriptors one at most is taken; the kernel drops the others.
pub(crate) fn receive(from: u32, room: &mut [u8]) -> Arrival {
    let mut control = Control {
        len: 0,
        level: 0,
        kind: 0,
        descriptor: 0,
    };
    let vector = [room.as_mut_ptr() as usize, room.len()];
    let mut header = header(&vector, &mut control);
    let at: *mut Header = &mut header;
    let flags = MSG_DONTWAIT | MSG_CMSG_CLOEXEC;
    // SAFETY: the header, and what it points to, is there to be written.
    let answer = result(unsafe {
        syscall(
            number::RECVMSG,
            [from as usize, at as usize, flags, 0, 0, 0],
        )
    });
    let came = header.control_len >= CONTROL_USED
        && (control.level, control.kind) == (SOL_SOCKET, SCM_RIGHTS)
        && control.len == CONTROL_USED;
    match answer {
        Ok(0) => {
            if came {
                close(control.descriptor);
            }
            Arrival::End
        }
        Ok(len) => Arrival::Packet(len, came.then_some(control.descriptor)),
        Err(EINTR | EAGAIN) => Arrival::Nothing,
        Err(_) => Arrival::End,
    }
}

/// Two ends that are each other's.
pub(crate) fn pair() -> Option<[u32; 2]> {
    const AF_UNIX: usize = 1;
    const SEQPACKET_CLOEXEC: usize = 5 | 0o2_000_000;
    let mut ends = [0_u32; 2];
    let arguments = [
        AF_UNIX,
        SEQPACKET_CLOEXEC,
        0,
        ends.as_mut_ptr() as usize,
        0,
        0,
    ];
    // SAFETY: room for two numbers.
    result(unsafe { syscall(number::SOCKETPAIR, arguments) })
        .ok()
        .map(|_| ends)
}

/// What to wait for: the kernel's `struct pollfd`.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Poll {
    descriptor: u32,
    events: u16,
    shown: u16,
}

impl Poll {
    const IN: u16 = 1;
    const ENDED: u16 = 8 | 16 | 32;

    pub(crate) const NOTHING: Self = Self {
        descriptor: u32::MAX,
        events: 0,
        shown: 0,
    };

    /// Wait for something to be read, or for the end.
    pub(crate) fn readable(descriptor: u32) -> Self {
        Self {
            descriptor,
            events: Self::IN,
            shown: 0,
        }
    }

    /// Wait for the end.
    pub(crate) fn end(descriptor: u32) -> Self {
        Self {
            descriptor,
            events: 0,
            shown: 0,
        }
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.shown != 0
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.shown & Self::ENDED != 0
    }
}

/// How a wait ended.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Waited {
    /// One is ready, perhaps.
    Ready,
    /// The time is over, and none is ready.
    Over,
    /// The system does not wait.
    Refused,
}

/// Waits until one is ready, or for so many nanoseconds.
pub(crate) fn wait(polls: &mut [Poll], patience: u64) -> Waited {
    let mut time = [patience / 1_000_000_000, patience % 1_000_000_000];
    let arguments = [
        polls.as_mut_ptr() as usize,
        polls.len(),
        time.as_mut_ptr() as usize,
        0,
        8,
        0,
    ];
    // SAFETY: the array and the time are there to be written.
    match result(unsafe { syscall(number::PPOLL, arguments) }) {
        Ok(0) => Waited::Over,
        Ok(_) | Err(EINTR) => Waited::Ready,
        Err(_) => Waited::Refused,
    }
}
