//! `mach_host`: calls on the host (`mach/mach_host.defs`).

use super::reply::Reply;
use super::{Answer, Receiver, Routine};
use crate::headers::message::MACH_MSG_TYPE_PORT_SEND;
use crate::kernel::time::clocks::clock_with_id;
use crate::sys::memory::page_size;

/// The id of the first routine.
pub(super) const BASE: i32 = 200;

const fn of(words: usize, answer: Answer) -> Option<Routine> {
    Some(Routine::by(Receiver::Host, words, answer))
}

#[rustfmt::skip]
pub(super) static ROUTINES: [Option<Routine>; 7] = [
    /* info */ None,
    /* kernel_version */ None,
    /* page_size */ of(0, |_, _| Ok(Reply::long(page_size() as u64))),
    /* mach_memory_object_memory_entry */ None,
    /* processor_info */ None,
    /* get_io_main */ None,
    /* get_clock_service */ of(1, |k, r| clock_with_id(r.signed()).map(|clock| Reply::right(k.clock_right(clock), MACH_MSG_TYPE_PORT_SEND))),
];
