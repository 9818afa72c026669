//! Ports that get a message when it is time: `mach/mk_timer.h`.

pub use super::extra::{
    mk_timer_arm, mk_timer_arm_leeway, mk_timer_cancel, mk_timer_create, mk_timer_destroy,
};
pub use crate::headers::mk_timer::*;
