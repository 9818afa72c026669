//! Options of event links, of which there are none: `mach/mach_eventlink_types.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

/// How an event link is made.
pub type mach_eventlink_create_option_t = u32;
/// Option: nothing particular.
pub const MELC_OPTION_NONE: mach_eventlink_create_option_t = 0;
/// Option: an event link that does not copy in.
pub const MELC_OPTION_NO_COPYIN: mach_eventlink_create_option_t = 1;
/// Option: an event link that does.
pub const MELC_OPTION_WITH_COPYIN: mach_eventlink_create_option_t = 2;

/// How a thread becomes an end of an event link.
pub type mach_eventlink_associate_option_t = u32;
/// Option: the thread that is named.
pub const MELA_OPTION_NONE: mach_eventlink_associate_option_t = 0;
/// Option: the first that waits.
pub const MELA_OPTION_ASSOCIATE_ON_WAIT: mach_eventlink_associate_option_t = 1;

/// How a thread ceases to be an end of an event link.
pub type mach_eventlink_disassociate_option_t = u32;
/// Option: nothing particular.
pub const MELD_OPTION_NONE: mach_eventlink_disassociate_option_t = 0;

/// How a thread waits.
pub type mach_eventlink_signal_wait_option_t = u32;
/// Option: nothing particular.
pub const MELSW_OPTION_NONE: mach_eventlink_signal_wait_option_t = 0;
/// Option: it only looks.
pub const MELSW_OPTION_NO_WAIT: mach_eventlink_signal_wait_option_t = 1;

/// By which clock a thread waits.
pub type kern_clock_id_t = u32;
/// Clock: `mach_absolute_time`.
pub const KERN_CLOCK_MACH_ABSOLUTE_TIME: kern_clock_id_t = 1;
