//! Receiving.

mod plain;
mod taking;
mod trailer;
mod waiting;

pub(crate) use plain::Way;
use std::time::{Duration, Instant};

use crate::headers::message::{
    MACH_RCV_INTERRUPT, MACH_RCV_INTERRUPTED, MACH_RCV_PORT_CHANGED, MACH_RCV_TIMED_OUT,
    MACH_RCV_TIMEOUT, mach_msg_option_t, mach_msg_return_t,
};
use crate::headers::port::mach_port_name_t;
use crate::kernel::task;
use crate::sys::clock;
use crate::sys::parker::Woken;
use crate::wire::layout::{HEADER, Header};
use crate::wire::plain::Body;

pub(crate) use trailer::Trailer;
use waiting::Seen;

/// What a receive asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReceiveRequest {
    pub(crate) name: mach_port_name_t,
    pub(crate) option: mach_msg_option_t,
    /// The address of the buffer, 0 for none, and how many bytes it has: whoever asks promises that they can be written.
    pub(crate) buffer: usize,
    pub(crate) limit: usize,
    /// Milliseconds; counts only with its option.
    pub(crate) timeout: u32,
    /// Since when it waits; the end of time as long as it does not.
    pub(crate) waits_since: u64,
}

impl ReceiveRequest {
    /// How many bytes a message may have behind its header.
    pub(crate) fn room(&self) -> usize {
        let around = HEADER + Trailer::size(self.option);
        self.limit.saturating_sub(around)
    }
}

/// How a receive ended.
#[derive(Debug)]
pub(crate) enum Received {
    /// A message and its trailer, perhaps with an error code for what could not be delivered.
    Message {
        code: mach_msg_return_t,
        header: Header,
        body: Body,
        trailer: Trailer,
    },
    /// `MACH_RCV_LARGE`: the message stays; its size, and the member that has it.
    Larger { size: u32, member: mach_port_name_t },
    /// Nothing.
    Nothing(mach_msg_return_t),
}

/// From how many milliseconds on the kernel's ticks are too short to matter.
const LONG: u32 = 100;

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

fn receive_once(mut request: ReceiveRequest, deadline: Option<Instant>) -> Received {
    let mut kernel = task::lock();
    let source = match kernel.source(request.name) {
        Ok(source) => source,
        Err(code) => return Received::Nothing(code),
    };
    let waits = deadline.is_none() || request.timeout > 0;
    if !waits || !kernel.spares_a_look(source) {
        let received = kernel.receive_now(source, Seen::Nothing, request);
        kernel.looked(source, received.is_some());
        match received {
            Some(received) => return received,
            None if waits => {}
            None => return Received::Nothing(MACH_RCV_TIMED_OUT),
        }
    }
    // The first wait of a receive has all its time before it. A read says less exactly than other waits when that is over,
    // and without a limit it does not tell of all signals.
    let mut alone = match deadline {
        Some(_) => Some(request.timeout).filter(|&limit| limit >= LONG),
        None => Some(0).filter(|_| request.option & MACH_RCV_INTERRUPT == 0),
    };
    loop {
        if kernel.arrivals.take_want() {
            // What could not be read shows at once, and would for ever: a deadline holds all the same.
            if deadline.is_some_and(|at| at <= Instant::now()) {
                return Received::Nothing(MACH_RCV_TIMED_OUT);
            }
            kernel = super::parking::pause(kernel);
            if !kernel.still_there(source) {
                return Received::Nothing(MACH_RCV_PORT_CHANGED);
            }
        }
        let Ok(mut wait) = kernel.begin_wait(source, alone.take(), &request) else {
            // Without a descriptor nobody can wake this thread: it looks again and again.
            if deadline.is_some_and(|at| at <= Instant::now()) {
                return Received::Nothing(MACH_RCV_TIMED_OUT);
            }
            kernel = super::parking::pause(kernel);
            if !kernel.still_there(source) {
                return Received::Nothing(MACH_RCV_PORT_CHANGED);
            }
            match kernel.receive_now(source, Seen::Nothing, request) {
                Some(received) => return received,
                None => continue,
            }
        };
        if request.waits_since == u64::MAX && kernel.has_claims() {
            request.waits_since = clock::now_stamp();
        }
        let plan = kernel.plan_wait(source, request.option & MACH_RCV_INTERRUPT == 0);
        drop(kernel);
        let (woken, seen, pace) = wait.wait(deadline, plan);
        kernel = task::lock();
        kernel.end_wait(source, &wait, pace);
        if !kernel.still_there(source) {
            return Received::Nothing(MACH_RCV_PORT_CHANGED);
        }
        if let Some(received) = kernel.receive_now(source, seen, request) {
            return received;
        }
        match woken {
            Woken::Again => {}
            Woken::TimedOut => return Received::Nothing(MACH_RCV_TIMED_OUT),
            Woken::Interrupted => return Received::Nothing(MACH_RCV_INTERRUPTED),
        }
    }
}
