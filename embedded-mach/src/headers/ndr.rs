//! How numbers are written in MIG messages: `mach/ndr.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::c_uchar;

/// How the sender of a message writes numbers and text.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct NDR_record_t {
    pub(crate) mig_vers: c_uchar,
    pub(crate) if_vers: c_uchar,
    pub(crate) reserved1: c_uchar,
    pub(crate) mig_encoding: c_uchar,
    pub(crate) int_rep: c_uchar,
    pub(crate) char_rep: c_uchar,
    pub(crate) float_rep: c_uchar,
    pub(crate) reserved32: c_uchar,
}

impl NDR_record_t {
    /// This machine's ways: integers little endian, text ASCII, IEEE floating point.
    pub const NATIVE: Self = Self {
        mig_vers: 0,
        if_vers: 0,
        reserved1: 0,
        mig_encoding: 0,
        int_rep: cfg!(target_endian = "little") as c_uchar,
        char_rep: 0,
        float_rep: 0,
        reserved32: 0,
    };

    /// The record as it stands in a message.
    pub(crate) const fn to_bytes(self) -> [u8; 8] {
        [
            self.mig_vers,
            self.if_vers,
            self.reserved1,
            self.mig_encoding,
            self.int_rep,
            self.char_rep,
            self.float_rep,
            self.reserved32,
        ]
    }
}

/// This machine's record.
#[allow(non_upper_case_globals, reason = "the name is that of the C header")]
pub static NDR_record: NDR_record_t = NDR_record_t::NATIVE;

const _: () = assert!(size_of::<NDR_record_t>() == 8 && align_of::<NDR_record_t>() == 1);
