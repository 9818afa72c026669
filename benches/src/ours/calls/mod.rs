//! `mach_msg`, called directly.

pub(crate) mod echo;
pub(crate) mod hand_over;
pub(crate) mod rights;
pub(crate) mod stream;
