//! Messages that are received: at once, soon, or not at all.

use mach_ports::ffi::message::{
    MACH_MSG_SUCCESS, MACH_RCV_MSG, MACH_RCV_TIMED_OUT, MACH_RCV_TIMEOUT, mach_msg_option_t,
    mach_msg_return_t,
};
use mach_ports::ffi::port::mach_port_name_t;

use super::{Buffer, SOON};

/// Receives a message into 4 KiB, for at most `timeout` milliseconds.
pub fn receive_with(
    from: mach_port_name_t,
    option: mach_msg_option_t,
    timeout: u32,
) -> Result<Buffer, mach_msg_return_t> {
    let mut buffer = Buffer::new(4096);
    let len = buffer.len();
    match buffer.mach_msg(
        MACH_RCV_MSG | MACH_RCV_TIMEOUT | option,
        0,
        len,
        from,
        timeout,
    ) {
        MACH_MSG_SUCCESS => Ok(buffer),
        code => Err(code),
    }
}

/// Receives a message that is there or must soon come.
#[track_caller]
#[must_use]
pub fn receive(from: mach_port_name_t) -> Buffer {
    match receive_with(from, 0, SOON) {
        Ok(buffer) => buffer,
        Err(code) => panic!("a receive: {code:#x}"),
    }
}

/// Receives a message if there is one now.
#[track_caller]
#[must_use]
pub fn poll(from: mach_port_name_t) -> Option<Buffer> {
    match receive_with(from, 0, 0) {
        Ok(buffer) => Some(buffer),
        Err(MACH_RCV_TIMED_OUT) => None,
        Err(code) => panic!("a receive: {code:#x}"),
    }
}

/// The ids of all messages that are there now.
#[track_caller]
#[must_use]
pub fn drain(from: mach_port_name_t) -> Vec<i32> {
    std::iter::from_fn(|| poll(from))
        .map(|mail| mail.id())
        .collect()
}
