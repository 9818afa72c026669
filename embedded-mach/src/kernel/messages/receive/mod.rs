//! Receiving.

mod taking;
mod trailer;
mod waiting;

use std::time::{Duration, Instant};

use super::parking;
use crate::headers::message::{
    MACH_RCV_INTERRUPT, MACH_RCV_INTERRUPTED, MACH_RCV_PORT_CHANGED, MACH_RCV_TIMED_OUT,
    MACH_RCV_TIMEOUT, mach_msg_option_t, mach_msg_return_t,
};
use crate::headers::port::mach_port_name_t;
use crate::kernel::task;
use crate::sys::parker::Woken;
use crate::wire::layout::Header;

pub(crate) use trailer::Trailer;

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
    let Ok(parker) = parking::parker() else {
        return Received::Nothing(crate::headers::kern_return::KERN_RESOURCE_SHORTAGE);
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
