//! Event links, of which there are none: `mach/mach_eventlink.h`.

pub use super::extra::{
    mach_eventlink_associate, mach_eventlink_create, mach_eventlink_destroy,
    mach_eventlink_disassociate, mach_eventlink_signal, mach_eventlink_signal_wait_until,
    mach_eventlink_wait_until,
};
pub use crate::headers::mach_eventlink_types::*;
