//! Ports that get a message when it is time: `mach/mk_timer.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use crate::headers::message::mach_msg_header_t;

/// Flag: an ordinary timer.
pub const MK_TIMER_NORMAL: u64 = 0;
/// Flag: the message is not to be late, as here none is.
pub const MK_TIMER_CRITICAL: u64 = 1;
/// Flag: the time is one of `mach_continuous_time`.
pub const MK_TIMER_CONTINUOUS: u64 = 2;

/// What a timer gets: id 0, and nothing that counts behind the header.
#[repr(C, packed(4))]
#[derive(Copy, Clone, Debug, Default)]
pub struct mk_timer_expire_msg {
    /// Bits, size, the timer as local port, and the id 0.
    pub header: mach_msg_header_t,
    /// All 0.
    pub unused: [u64; 3],
}
/// What a timer gets.
pub type mk_timer_expire_msg_t = mk_timer_expire_msg;

const _: () = assert!(size_of::<mk_timer_expire_msg>() == 48);
