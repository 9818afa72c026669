//! Scheduling policies, as `task_info` reports them: `mach/policy.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::c_int;

use crate::headers::boolean::boolean_t;
use crate::headers::message::mach_msg_type_number_t;
use crate::headers::vm_types::integer_t;

/// A scheduling policy.
pub type policy_t = c_int;

/// None.
pub const POLICY_NULL: policy_t = 0;
/// Shares of time, priorities decay.
pub const POLICY_TIMESHARE: policy_t = 1;
/// Fixed priority, round robin.
pub const POLICY_RR: policy_t = 2;
/// Fixed priority, first in first out.
pub const POLICY_FIFO: policy_t = 4;

aliases! {
    policy_info_t = *mut integer_t,
    policy_base_t = *mut integer_t,
    policy_limit_t = *mut integer_t,
}

numbered! {
    policy_t, "Of scheduling:";
    POLICYCLASS_FIXEDPRI = POLICY_RR | POLICY_FIFO,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    policy_timeshare_base {
        base_priority: integer_t,
    }
}

aliases! {
    policy_timeshare_base_t = *mut policy_timeshare_base,
    policy_timeshare_base_data_t = policy_timeshare_base,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    policy_timeshare_limit {
        max_priority: integer_t,
    }
}

aliases! {
    policy_timeshare_limit_t = *mut policy_timeshare_limit,
    policy_timeshare_limit_data_t = policy_timeshare_limit,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    policy_timeshare_info {
        max_priority: integer_t,
        base_priority: integer_t,
        cur_priority: integer_t,
        depressed: boolean_t,
        depress_priority: integer_t,
    }
}

aliases! {
    policy_timeshare_info_t = *mut policy_timeshare_info,
    policy_timeshare_info_data_t = policy_timeshare_info,
}

numbered! {
    mach_msg_type_number_t, "Of scheduling:";
    POLICY_TIMESHARE_BASE_COUNT = (size_of::<policy_timeshare_base_data_t>() / size_of::<integer_t>()) as mach_msg_type_number_t,
    POLICY_TIMESHARE_LIMIT_COUNT = (size_of::<policy_timeshare_limit_data_t>() / size_of::<integer_t>()) as mach_msg_type_number_t,
    POLICY_TIMESHARE_INFO_COUNT = (size_of::<policy_timeshare_info_data_t>() / size_of::<integer_t>()) as mach_msg_type_number_t,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    policy_rr_base {
        base_priority: integer_t,
        quantum: integer_t,
    }
}

aliases! {
    policy_rr_base_t = *mut policy_rr_base,
    policy_rr_base_data_t = policy_rr_base,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    policy_rr_limit {
        max_priority: integer_t,
    }
}

aliases! {
    policy_rr_limit_t = *mut policy_rr_limit,
    policy_rr_limit_data_t = policy_rr_limit,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    policy_rr_info {
        max_priority: integer_t,
        base_priority: integer_t,
        quantum: integer_t,
        depressed: boolean_t,
        depress_priority: integer_t,
    }
}

aliases! {
    policy_rr_info_t = *mut policy_rr_info,
    policy_rr_info_data_t = policy_rr_info,
}

numbered! {
    mach_msg_type_number_t, "Of scheduling:";
    POLICY_RR_BASE_COUNT = (size_of::<policy_rr_base_data_t>() / size_of::<integer_t>()) as mach_msg_type_number_t,
    POLICY_RR_LIMIT_COUNT = (size_of::<policy_rr_limit_data_t>() / size_of::<integer_t>()) as mach_msg_type_number_t,
    POLICY_RR_INFO_COUNT = (size_of::<policy_rr_info_data_t>() / size_of::<integer_t>()) as mach_msg_type_number_t,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    policy_fifo_base {
        base_priority: integer_t,
    }
}

aliases! {
    policy_fifo_base_t = *mut policy_fifo_base,
    policy_fifo_base_data_t = policy_fifo_base,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    policy_fifo_limit {
        max_priority: integer_t,
    }
}

aliases! {
    policy_fifo_limit_t = *mut policy_fifo_limit,
    policy_fifo_limit_data_t = policy_fifo_limit,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    policy_fifo_info {
        max_priority: integer_t,
        base_priority: integer_t,
        depressed: boolean_t,
        depress_priority: integer_t,
    }
}

aliases! {
    policy_fifo_info_t = *mut policy_fifo_info,
    policy_fifo_info_data_t = policy_fifo_info,
}

numbered! {
    mach_msg_type_number_t, "Of scheduling:";
    POLICY_FIFO_BASE_COUNT = (size_of::<policy_fifo_base_data_t>() / size_of::<integer_t>()) as mach_msg_type_number_t,
    POLICY_FIFO_LIMIT_COUNT = (size_of::<policy_fifo_limit_data_t>() / size_of::<integer_t>()) as mach_msg_type_number_t,
    POLICY_FIFO_INFO_COUNT = (size_of::<policy_fifo_info_data_t>() / size_of::<integer_t>()) as mach_msg_type_number_t,
}

/// Whether a policy is none of those that there are.
#[inline]
pub const fn invalid_policy(policy: policy_t) -> bool {
    policy != POLICY_TIMESHARE && policy != POLICY_RR && policy != POLICY_FIFO
}
