//! `mach/ndr.h`: how numbers are written.

use mach::ndr::NDR_record_t;

#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "the name is that of the C header")]
static NDR_record: NDR_record_t = NDR_record_t::NATIVE;
