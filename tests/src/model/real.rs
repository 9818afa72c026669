//! Calls as they are really made.

use std::time::{Duration, Instant};

use mach_ports::ffi::extra::{
    mk_timer_arm, mk_timer_cancel, mk_timer_create, mk_timer_destroy, vm_deallocate,
};
use mach_ports::ffi::kern_return::{KERN_RESOURCE_SHORTAGE, KERN_SUCCESS};
use mach_ports::ffi::message::{
    MACH_MSG_SUCCESS, MACH_RCV_MSG, MACH_RCV_TIMEOUT, MACH_RCV_TOO_LARGE, MACH_SEND_NOTIFY,
    MACH_SEND_TIMED_OUT, MACH_SEND_TIMEOUT,
};
use mach_ports::ffi::notify::{
    MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_NO_SENDERS, MACH_NOTIFY_PORT_DELETED,
    MACH_NOTIFY_SEND_POSSIBLE,
};
use mach_ports::ffi::port::{
    MACH_PORT_NULL, MACH_PORT_RIGHT_DEAD_NAME, MACH_PORT_TYPE_DEAD_NAME, MACH_PORT_TYPE_DNREQUEST,
    MACH_PORT_TYPE_PORT_SET, MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND, MACH_PORT_TYPE_SEND_ONCE,
};

use super::call::{Arrived, Call, Item, Letter, Outcome, Told};
use crate::letter::{self, Buffer, HEADER};
use crate::raw::{self, Given};

/// What is compared of a type: which kind of request stands on a name has bits of its own that not every version has.
const COMPARED: u32 = MACH_PORT_TYPE_SEND
    | MACH_PORT_TYPE_RECEIVE
    | MACH_PORT_TYPE_SEND_ONCE
    | MACH_PORT_TYPE_PORT_SET
    | MACH_PORT_TYPE_DEAD_NAME
    | MACH_PORT_TYPE_DNREQUEST;
/// Of `mach_port_options_t`; `mach2` lacks it.
const MPO_REPLY_PORT: u32 = 0x1000;
/// A default trailer.
const TRAILER: usize = 8;
/// More than any message of the model's needs.
const ROOM: usize = 512;

/// Ids of messages that the kernel writes, with a number at 32.
const WITH_NUMBER: [i32; 4] = [
    MACH_NOTIFY_PORT_DELETED,
    MACH_NOTIFY_SEND_POSSIBLE,
    MACH_NOTIFY_NO_SENDERS,
    MACH_NOTIFY_DEAD_NAME,
];

/// Makes a call.
#[must_use]
pub fn run(call: &Call) -> Outcome {
    match *call {
        Call::Allocate { right } => give(raw::allocate(right), Outcome::Name),
        Call::InsertRight {
            name,
            poly,
            disposition,
        } => Outcome::Code(raw::insert_right(name, poly, disposition)),
        Call::ExtractRight { name, disposition } => {
            let right = raw::extract_right(name, disposition);
            give(right, |(name, disposition)| {
                Outcome::Right(name, disposition)
            })
        }
        Call::ModRefs { name, right, delta } => Outcome::Code(raw::mod_refs(name, right, delta)),
        Call::Deallocate { name } => Outcome::Code(raw::deallocate(name)),
        Call::Destroy { name } => Outcome::Code(raw::destroy(name)),
        Call::Destruct { name, delta } => Outcome::Code(raw::destruct(name, delta, 0)),
        Call::GetRefs { name, right } => give(raw::refs(name, right), Outcome::Value),
        Call::Type { name } => give(raw::type_of(name), |bits| Outcome::Value(bits & COMPARED)),
        Call::Status { name } => give(raw::status(name), |status| {
            Outcome::Status([
                status.pset,
                status.seqno,
                status.mscount,
                status.qlimit,
                status.msgcount,
                status.sorights,
                status.srights,
                status.pdrequest,
                status.nsrequest,
            ])
        }),
        Call::SendRights { name } => give(raw::srights(name), Outcome::Value),
        Call::SetMakeSends { name, count } => Outcome::Code(raw::set_mscount(name, count)),
        Call::SetLimit { name, limit } => Outcome::Code(raw::set_limit(name, limit)),
        Call::Request {
            name,
            id,
            sync,
            notify,
            disposition,
        } => give(
            raw::request_notification(name, id, sync, notify, disposition),
            Outcome::Name,
        ),
        Call::InsertMember { member, set } => Outcome::Code(raw::insert_member(member, set)),
        Call::ExtractMember { member, set } => Outcome::Code(raw::extract_member(member, set)),
        Call::MoveMember { member, after } => Outcome::Code(raw::move_member(member, after)),
        Call::Members { set } => give(raw::members(set), Outcome::Members),
        Call::Send(ref letter) => send(letter),
        Call::Receive {
            name,
            small,
            timeout,
        } => receive(name, small, timeout),
        Call::Give { .. } => panic!("it takes two tasks"),
        Call::CreateReplyPort => give(raw::construct(MPO_REPLY_PORT, 0, 0), Outcome::Name),
        Call::CreateTimer => {
            // SAFETY: takes nothing.
            match unsafe { mk_timer_create() } {
                MACH_PORT_NULL => Outcome::Code(KERN_RESOURCE_SHORTAGE),
                name => Outcome::Name(name),
            }
        }
        Call::ArmTimer { name, past } => arm(name, past),
        Call::CancelTimer { name } => {
            let mut armed = 0;
            // SAFETY: `armed` can be written.
            match unsafe { mk_timer_cancel(name, &raw mut armed) } {
                KERN_SUCCESS => Outcome::Value(u32::from(armed != 0)),
                code => Outcome::Code(code),
            }
        }
        // SAFETY: takes a name.
        Call::DestroyTimer { name } => Outcome::Code(unsafe { mk_timer_destroy(name) }),
        Call::FreeName => free_name(),
        Call::Census => give(raw::names(), |names| {
            let names = names
                .into_iter()
                .map(|(name, bits)| (name, bits & COMPARED, references(name, bits)));
            Outcome::Census(names.collect())
        }),
    }
}

fn give<T>(given: Given<T>, outcome: impl FnOnce(T) -> Outcome) -> Outcome {
    given.map_or_else(Outcome::Code, outcome)
}

/// The references that a name has, whatever they are of.
fn references(name: u32, bits: u32) -> u32 {
    let counted = [
        (MACH_PORT_TYPE_SEND, 0),
        (MACH_PORT_TYPE_SEND_ONCE, 2),
        (MACH_PORT_TYPE_DEAD_NAME, 4),
    ];
    let right = counted.iter().find(|(bit, _)| bits & bit != 0);
    right.map_or(1, |&(_, right)| raw::refs(name, right).unwrap_or(0))
}

/// Arms a timer, and waits for a message that comes at once: on macOS another thread sends it.
fn arm(name: u32, past: bool) -> Outcome {
    let waiting = || raw::status(name).map_or(0, |status| status.msgcount);
    let before = waiting();
    // SAFETY: takes numbers.
    let code = unsafe { mk_timer_arm(name, if past { 0 } else { u64::MAX / 2 }) };
    let deadline = Instant::now() + Duration::from_secs(20);
    while past && code == KERN_SUCCESS && waiting() == before {
        assert!(
            Instant::now() < deadline,
            "no message of a timer that is due"
        );
        std::thread::yield_now();
    }
    Outcome::Code(code)
}

/// A number that was a name a moment ago, and can be one again.
fn free_name() -> Outcome {
    let name = raw::allocate(MACH_PORT_RIGHT_DEAD_NAME);
    give(name, |name| {
        assert_eq!(raw::deallocate(name), KERN_SUCCESS);
        Outcome::Name(name)
    })
}

fn send(letter: &Letter) -> Outcome {
    let mut message = letter::Letter::to(letter.to, letter.to_disposition)
        .reply(letter.reply, letter.reply_disposition)
        .id(letter.id);
    for item in &letter.items {
        message = match item {
            &Item::Port(name, disposition) => message.port(name, disposition),
            Item::Ports(names, disposition) => {
                let region = letter::Region {
                    address: names.as_ptr() as usize,
                    deallocate: 0,
                    copy: 0,
                    size: names.len() as u32,
                };
                message.ports(region, *disposition)
            }
        };
    }
    let notify = if letter.notify { MACH_SEND_NOTIFY } else { 0 };
    let (code, buffer) = message.send_with(MACH_SEND_TIMEOUT | notify, 0);
    match code {
        MACH_SEND_TIMED_OUT => Outcome::Message(code, arrived(&buffer, false)),
        code => Outcome::Code(code),
    }
}

fn receive(name: u32, small: bool, timeout: u32) -> Outcome {
    let room = if small { HEADER + TRAILER } else { ROOM };
    let mut buffer = Buffer::new(room);
    let code = buffer.mach_msg(MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, room, name, timeout);
    match code {
        MACH_MSG_SUCCESS => Outcome::Message(code, arrived(&buffer, true)),
        MACH_RCV_TOO_LARGE => Outcome::Message(code, cut_down(&buffer)),
        code => Outcome::Code(code),
    }
}

/// A message in a buffer. Arrays are taken over and freed.
fn arrived(buffer: &Buffer, received: bool) -> Arrived {
    let items = buffer.items().into_iter().map(|item| match item {
        letter::Item::Port { name, disposition } => Item::Port(name, disposition),
        letter::Item::Ports(region, disposition) => Item::Ports(take_array(region), disposition),
        other => panic!("not a descriptor of the model's: {other:?}"),
    });
    let mut arrived = Arrived {
        remote: buffer.remote(),
        remote_disposition: buffer.remote_disposition(),
        local: buffer.local(),
        local_disposition: buffer.local_disposition(),
        id: buffer.id(),
        items: items.collect(),
        told: Told::Nothing,
    };
    if received && WITH_NUMBER.contains(&arrived.id) {
        arrived.told = Told::Count(buffer.u32_at(32));
    }
    arrived
}

/// The header of a message that was too large.
fn cut_down(buffer: &Buffer) -> Arrived {
    Arrived {
        remote: MACH_PORT_NULL,
        remote_disposition: 0,
        local: buffer.local(),
        local_disposition: buffer.local_disposition(),
        id: buffer.id(),
        items: Vec::new(),
        told: Told::Nothing,
    }
}

fn take_array(region: letter::Region) -> Vec<u32> {
    if region.size == 0 {
        return Vec::new();
    }
    let count = region.size as usize;
    // SAFETY: the array came with the message: as many names are there, and they are this task's.
    let names = unsafe { std::slice::from_raw_parts(region.address as *const u32, count) }.to_vec();
    // SAFETY: nothing refers to it any more.
    let code = unsafe { vm_deallocate(raw::task(), region.address, count * 4) };
    assert_eq!(code, KERN_SUCCESS, "an array that arrived is freed");
    names
}
