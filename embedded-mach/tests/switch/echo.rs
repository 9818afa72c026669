//! A server that sends back, in capitals and through the port that came along, the memory that a client sent.

#[cfg(target_os = "linux")]
use embedded_mach as mach;
#[cfg(target_vendor = "apple")]
use mach2 as mach;

use std::ffi::CString;
use std::mem::{self, MaybeUninit};
use std::{ptr, slice, thread};

use mach::bootstrap::{bootstrap_check_in, bootstrap_look_up, bootstrap_port};
use mach::kern_return::KERN_SUCCESS;
use mach::mach_port::{
    mach_port_allocate, mach_port_deallocate, mach_port_insert_right, mach_port_mod_refs,
};
use mach::message::{
    MACH_MSG_SUCCESS, MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_PORT_SEND,
    MACH_MSG_VIRTUAL_COPY, MACH_MSGH_BITS, MACH_MSGH_BITS_COMPLEX, MACH_RCV_MSG, MACH_RCV_TIMEOUT,
    MACH_SEND_MSG, MACH_SEND_TIMEOUT, mach_msg, mach_msg_body_t, mach_msg_destroy,
    mach_msg_header_t, mach_msg_ool_descriptor_t, mach_msg_port_descriptor_t,
};
use mach::port::{MACH_PORT_NULL, MACH_PORT_RIGHT_RECEIVE, mach_port_t};
use mach::traps::mach_task_self;
use mach::vm::mach_vm_allocate;
use mach::vm_statistics::VM_FLAGS_ANYWHERE;

const PATIENCE_MS: u32 = 10_000;

/// A right, and memory. The header and the count end at a multiple of 4 only, hence the packing.
#[repr(C, packed(4))]
struct Message {
    header: mach_msg_header_t,
    body: mach_msg_body_t,
    right: mach_msg_port_descriptor_t,
    memory: mach_msg_ool_descriptor_t,
}

#[repr(C)]
struct Received {
    message: Message,
    trailer: [u32; 32],
}

pub(crate) fn run(name: &str) {
    let name = CString::new(name).unwrap();
    let mut service = MACH_PORT_NULL;
    // SAFETY: the name is a string, and `service` valid to write.
    let code = unsafe { bootstrap_check_in(bootstrap_port, name.as_ptr(), &mut service) };
    assert_eq!(code, KERN_SUCCESS);

    let server = thread::spawn(move || serve(service));
    let mut found = MACH_PORT_NULL;
    // SAFETY: as above.
    let code = unsafe { bootstrap_look_up(bootstrap_port, name.as_ptr(), &mut found) };
    assert_eq!(code, KERN_SUCCESS);
    assert_eq!(ask(found, b"memory that travels"), b"MEMORY THAT TRAVELS");
    server.join().unwrap();
    // SAFETY: one reference was found, and the right was checked in.
    unsafe {
        assert_eq!(mach_port_deallocate(mach_task_self(), found), KERN_SUCCESS);
        release_receive(service);
    }
}

fn serve(service: mach_port_t) {
    let mut request = receive(service);
    let right = request.message.right;
    assert_eq!(u32::from(right.disposition), MACH_MSG_TYPE_PORT_SEND);
    let capitals = text_of(request.message.memory).to_ascii_uppercase();
    send(right.name, MACH_PORT_NULL, &capitals);
    // SAFETY: a message as it was received: its right and its memory go.
    unsafe { mach_msg_destroy(&raw mut request.message.header) };
}

fn ask(service: mach_port_t, text: &[u8]) -> Vec<u8> {
    let mut reply = MACH_PORT_NULL;
    // SAFETY: `reply` is valid to write, and then names a receive right.
    unsafe {
        let task = mach_task_self();
        let code = mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE, &mut reply);
        assert_eq!(code, KERN_SUCCESS);
        let code = mach_port_insert_right(task, reply, reply, MACH_MSG_TYPE_MAKE_SEND);
        assert_eq!(code, KERN_SUCCESS);
    }
    send(service, reply, text);
    let mut answer = receive(reply);
    let text = text_of(answer.message.memory);
    // SAFETY: as in `serve`; the reply port has one reference to a send right, and the receive right.
    unsafe {
        mach_msg_destroy(&raw mut answer.message.header);
        assert_eq!(mach_port_deallocate(mach_task_self(), reply), KERN_SUCCESS);
        release_receive(reply);
    }
    text
}

/// Sends a copy of `text`, and of a send right unless there is none.
fn send(to: mach_port_t, right: mach_port_t, text: &[u8]) {
    let mut address = 0;
    let len = text.len();
    // SAFETY: fresh pages for the text, which go with the message.
    unsafe {
        let code = mach_vm_allocate(
            mach_task_self(),
            &mut address,
            len as u64,
            VM_FLAGS_ANYWHERE,
        );
        assert_eq!(code, KERN_SUCCESS);
        ptr::copy_nonoverlapping(text.as_ptr(), address as *mut u8, len);
    }
    let size = mem::size_of::<Message>() as u32;
    let mut message = Message {
        header: mach_msg_header_t {
            msgh_bits: MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | MACH_MSGH_BITS_COMPLEX,
            msgh_size: size,
            msgh_remote_port: to,
            msgh_local_port: MACH_PORT_NULL,
            msgh_voucher_port: MACH_PORT_NULL,
            msgh_id: 1,
        },
        body: mach_msg_body_t {
            msgh_descriptor_count: 2,
        },
        right: mach_msg_port_descriptor_t::new(right, MACH_MSG_TYPE_COPY_SEND),
        memory: mach_msg_ool_descriptor_t::new(
            address as *mut _,
            true,
            MACH_MSG_VIRTUAL_COPY,
            len as u32,
        ),
    };
    let option = MACH_SEND_MSG | MACH_SEND_TIMEOUT;
    // SAFETY: the message is as long as it says.
    let code = unsafe {
        let header = &raw mut message.header;
        mach_msg(
            header,
            option,
            size,
            0,
            MACH_PORT_NULL,
            PATIENCE_MS,
            MACH_PORT_NULL,
        )
    };
    assert_eq!(code, MACH_MSG_SUCCESS);
}

fn receive(port: mach_port_t) -> Received {
    let mut received = MaybeUninit::<Received>::zeroed();
    let (option, room) = (
        MACH_RCV_MSG | MACH_RCV_TIMEOUT,
        mem::size_of::<Received>() as u32,
    );
    // SAFETY: there is as much room as said; any bytes are a `Received`.
    let (code, received) = unsafe {
        let header = received.as_mut_ptr().cast();
        let code = mach_msg(header, option, 0, room, port, PATIENCE_MS, MACH_PORT_NULL);
        (code, received.assume_init())
    };
    assert_eq!(code, MACH_MSG_SUCCESS);
    assert_eq!(
        received.message.header.msgh_size as usize,
        mem::size_of::<Message>()
    );
    received
}

/// The text of a received message.
fn text_of(memory: mach_msg_ool_descriptor_t) -> Vec<u8> {
    // SAFETY: the memory is this task's until the message is destroyed.
    let bytes = unsafe { slice::from_raw_parts(memory.address.cast(), memory.size as usize) };
    bytes.to_vec()
}

/// # Safety
/// The name is a receive right that is not used any more.
unsafe fn release_receive(port: mach_port_t) {
    // SAFETY: the caller's promise.
    let code = unsafe { mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1) };
    assert_eq!(code, KERN_SUCCESS);
}
