//! Mach fact 66: the calls on names as messages to the task's port, in MIG's form.

mod calls;
mod others;
mod refused;
mod rights;
mod whole;

use mach_ports::ffi::extra::vm_deallocate;
use mach_ports::ffi::kern_return::{KERN_SUCCESS, kern_return_t};
use mach_ports::ffi::message::*;
use mach_ports::ffi::port::{
    MACH_PORT_NULL, MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND, mach_port_type_t,
};
use rendezvous_tests::letter::{Buffer, Item, Letter, Region, receive};
use rendezvous_tests::raw::{made, task};

// What mach2 does not name.
const MIG_TYPE_ERROR: kern_return_t = -300;
const MIG_BAD_ID: kern_return_t = -303;
const MIG_BAD_ARGUMENTS: kern_return_t = -304;
const BOTH: mach_port_type_t = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE;

const NDR: [u8; 8] = [0, 0, 0, 0, 1, 0, 0, 0];

/// Words as they stand in a message: behind the record that says how they are written, if there are any.
fn inline(words: &[u32]) -> Vec<u8> {
    let mut bytes = if words.is_empty() {
        Vec::new()
    } else {
        NDR.to_vec()
    };
    bytes.extend(words.iter().flat_map(|word| word.to_ne_bytes()));
    bytes
}

/// A request to this task.
fn request(id: i32, words: &[u32]) -> Letter {
    Letter::to(task(), MACH_MSG_TYPE_COPY_SEND)
        .id(id)
        .inline(&inline(words))
}

/// Sends a request; its reply, whose header is that of every reply.
#[track_caller]
fn reply(letter: Letter) -> Buffer {
    let port = made::port();
    let id = letter.buffer(0).id();
    letter.reply(port, MACH_MSG_TYPE_MAKE_SEND_ONCE).send();
    let reply = receive(port);
    assert_eq!(reply.id(), id + 100);
    let complex = reply.bits() & MACH_MSGH_BITS_COMPLEX;
    assert_eq!(reply.bits(), complex | MACH_MSG_TYPE_MOVE_SEND_ONCE << 8);
    assert_eq!((reply.remote(), reply.local()), (MACH_PORT_NULL, port));
    made::kill(port);
    reply
}

/// Sends a request for a simple reply; the words of that, or its code.
#[track_caller]
fn call(letter: Letter) -> Result<Vec<u32>, kern_return_t> {
    let reply = reply(letter);
    assert!(!reply.is_complex());
    assert_eq!(reply.at::<8>(24), NDR);
    let code = reply.u32_at(32) as i32;
    let words: Vec<u32> = (36..reply.size())
        .step_by(4)
        .map(|at| reply.u32_at(at))
        .collect();
    if code == KERN_SUCCESS {
        Ok(words)
    } else {
        assert!(words.is_empty());
        Err(code)
    }
}

#[track_caller]
fn simple(id: i32, words: &[u32]) -> Result<Vec<u32>, kern_return_t> {
    call(request(id, words))
}

const DONE: Result<Vec<u32>, kern_return_t> = Ok(Vec::new());

/// The words of memory that came with a message, which is freed.
fn take(item: Item) -> Vec<u32> {
    let Item::Memory(Region {
        address,
        deallocate: 1,
        copy: 1,
        size,
    }) = item
    else {
        panic!("no memory that is the receiver's: {item:?}");
    };
    let size = size as usize;
    if size == 0 {
        assert_eq!(address, 0);
        return Vec::new();
    }
    // SAFETY: the memory came with the message, is as long as it says, and is freed once.
    unsafe {
        let words = std::slice::from_raw_parts(address as *const u32, size / 4).to_vec();
        assert_eq!(vm_deallocate(task(), address, size), KERN_SUCCESS);
        words
    }
}
