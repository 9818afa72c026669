//! What `mach/mach_time.h` declares beside its calls.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

/// A ratio: ticks times `numer` divided by `denom` are nanoseconds.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_timebase_info {
    /// Multiply by this.
    pub numer: u32,
    /// Divide by this.
    pub denom: u32,
}
/// Where the ratio is put.
pub type mach_timebase_info_t = *mut mach_timebase_info;
/// The ratio itself.
pub type mach_timebase_info_data_t = mach_timebase_info;

const _: () = assert!(size_of::<mach_timebase_info>() == 8);
