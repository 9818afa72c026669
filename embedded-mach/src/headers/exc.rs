//! Messages of exceptions, as MIG lays them out: `mach/exc.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]
#![allow(non_snake_case, reason = "the names are those of MIG")]

use core::ffi::c_uint;

use crate::headers::exception_types::exception_type_t;
use crate::headers::kern_return::kern_return_t;
use crate::headers::message::{
    mach_msg_body_t, mach_msg_header_t, mach_msg_port_descriptor_t, mach_msg_type_number_t,
};
use crate::headers::ndr::NDR_record_t;
use crate::headers::vm_types::integer_t;

numbered! {
    c_uint, "Of exceptions:";
    exc_MSG_COUNT = 3,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__exception_raise_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        thread: mach_msg_port_descriptor_t,
        task: mach_msg_port_descriptor_t,
        NDR: NDR_record_t,
        exception: exception_type_t,
        codeCnt: mach_msg_type_number_t,
        code: [integer_t; 2],
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Reply__exception_raise_t {
        Head: mach_msg_header_t,
        NDR: NDR_record_t,
        RetCode: kern_return_t,
    }
}
