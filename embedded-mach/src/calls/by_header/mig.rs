//! What code made by the Mach interface generator needs: `mach/mig.h` and `mach/mig_errors.h`.

pub use super::extra::mig_reply_setup;
pub use crate::calls::mig::{
    mig_allocate, mig_dealloc_reply_port, mig_dealloc_special_reply_port, mig_deallocate,
    mig_get_reply_port, mig_get_special_reply_port, mig_put_reply_port, mig_strncpy,
    mig_strncpy_zerofill,
};
pub use crate::headers::mig::*;
