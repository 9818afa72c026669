//! Messages of the calls on tasks, as MIG lays them out: `mach/task.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]
#![allow(non_snake_case, reason = "the names are those of MIG")]

use core::ffi::{c_int, c_uint};

use crate::headers::boolean::boolean_t;
use crate::headers::exception_types::*;
use crate::headers::kern_return::kern_return_t;
use crate::headers::message::*;
use crate::headers::ndr::NDR_record_t;
use crate::headers::policy::policy_t;
use crate::headers::task_info::task_flavor_t;
use crate::headers::task_special_ports::task_special_port_t;
use crate::headers::thread_status::thread_state_flavor_t;
use crate::headers::vm_types::*;

numbered! {
    c_uint, "Of calls on tasks:";
    task_MSG_COUNT = 66,
}

aliases! {
    task_policy_flavor_t = natural_t,
    task_policy_t = *mut integer_t,
    emulation_vector_t = *mut integer_t,
}

laid_out! {
    #[repr(C, packed(4))]
    #[derive(Copy, Clone, Debug)]
    __Request__task_create_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        ledgers: mach_msg_ool_ports_descriptor_t,
        NDR: NDR_record_t,
        ledgersCnt: mach_msg_type_number_t,
        inherit_memory: boolean_t,
    }
}

laid_out! {
    #[repr(C, packed(4))]
    #[derive(Copy, Clone, Debug)]
    __Request__mach_ports_register_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        init_port_set: mach_msg_ool_ports_descriptor_t,
        NDR: NDR_record_t,
        init_port_setCnt: mach_msg_type_number_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__task_info_t {
        Head: mach_msg_header_t,
        NDR: NDR_record_t,
        flavor: task_flavor_t,
        task_info_outCnt: mach_msg_type_number_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__task_set_info_t {
        Head: mach_msg_header_t,
        NDR: NDR_record_t,
        flavor: task_flavor_t,
        task_info_inCnt: mach_msg_type_number_t,
        task_info_in: [integer_t; 94],
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__task_get_special_port_t {
        Head: mach_msg_header_t,
        NDR: NDR_record_t,
        which_port: task_special_port_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__task_set_special_port_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        special_port: mach_msg_port_descriptor_t,
        NDR: NDR_record_t,
        which_port: task_special_port_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__thread_create_running_t {
        Head: mach_msg_header_t,
        NDR: NDR_record_t,
        flavor: thread_state_flavor_t,
        new_stateCnt: mach_msg_type_number_t,
        new_state: [natural_t; 1296],
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__task_set_exception_ports_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        new_port: mach_msg_port_descriptor_t,
        NDR: NDR_record_t,
        exception_mask: exception_mask_t,
        behavior: exception_behavior_t,
        new_flavor: thread_state_flavor_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__task_get_exception_ports_t {
        Head: mach_msg_header_t,
        NDR: NDR_record_t,
        exception_mask: exception_mask_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__task_swap_exception_ports_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        new_port: mach_msg_port_descriptor_t,
        NDR: NDR_record_t,
        exception_mask: exception_mask_t,
        behavior: exception_behavior_t,
        new_flavor: thread_state_flavor_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__lock_set_create_t {
        Head: mach_msg_header_t,
        NDR: NDR_record_t,
        n_ulocks: c_int,
        policy: c_int,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__lock_set_destroy_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        lock_set: mach_msg_port_descriptor_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__semaphore_create_t {
        Head: mach_msg_header_t,
        NDR: NDR_record_t,
        policy: c_int,
        value: c_int,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__task_policy_set_t {
        Head: mach_msg_header_t,
        NDR: NDR_record_t,
        flavor: task_policy_flavor_t,
        policy_infoCnt: mach_msg_type_number_t,
        policy_info: [integer_t; 16],
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__task_policy_get_t {
        Head: mach_msg_header_t,
        NDR: NDR_record_t,
        flavor: task_policy_flavor_t,
        policy_infoCnt: mach_msg_type_number_t,
        get_default: boolean_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__task_sample_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        reply: mach_msg_port_descriptor_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__task_policy_t {
        Head: mach_msg_header_t,
        NDR: NDR_record_t,
        policy: policy_t,
        baseCnt: mach_msg_type_number_t,
        base: [integer_t; 5],
        set_limit: boolean_t,
        change: boolean_t,
    }
}

laid_out! {
    #[repr(C, packed(4))]
    #[derive(Copy, Clone, Debug)]
    __Request__task_set_emulation_t {
        Head: mach_msg_header_t,
        NDR: NDR_record_t,
        routine_entry_pt: vm_address_t,
        routine_number: c_int,
    }
}

laid_out! {
    #[repr(C, packed(4))]
    #[derive(Copy, Clone, Debug)]
    __Request__task_set_emulation_vector_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        emulation_vector: mach_msg_ool_descriptor_t,
        NDR: NDR_record_t,
        vector_start: c_int,
        emulation_vectorCnt: mach_msg_type_number_t,
    }
}

laid_out! {
    #[repr(C, packed(4))]
    #[derive(Copy, Clone, Debug)]
    __Request__task_set_ras_pc_t {
        Head: mach_msg_header_t,
        NDR: NDR_record_t,
        basepc: vm_address_t,
        boundspc: vm_address_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__task_assign_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        new_set: mach_msg_port_descriptor_t,
        NDR: NDR_record_t,
        assign_threads: boolean_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__task_assign_default_t {
        Head: mach_msg_header_t,
        NDR: NDR_record_t,
        assign_threads: boolean_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__task_set_policy_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        pset: mach_msg_port_descriptor_t,
        NDR: NDR_record_t,
        policy: policy_t,
        baseCnt: mach_msg_type_number_t,
        base: [integer_t; 5],
        limitCnt: mach_msg_type_number_t,
        limit: [integer_t; 1],
        change: boolean_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__task_get_state_t {
        Head: mach_msg_header_t,
        NDR: NDR_record_t,
        flavor: thread_state_flavor_t,
        old_stateCnt: mach_msg_type_number_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Request__task_set_state_t {
        Head: mach_msg_header_t,
        NDR: NDR_record_t,
        flavor: thread_state_flavor_t,
        new_stateCnt: mach_msg_type_number_t,
        new_state: [natural_t; 1296],
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Reply__task_create_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        child_task: mach_msg_port_descriptor_t,
    }
}

laid_out! {
    #[repr(C, packed(4))]
    #[derive(Copy, Clone, Debug)]
    __Reply__task_threads_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        act_list: mach_msg_ool_ports_descriptor_t,
        NDR: NDR_record_t,
        act_listCnt: mach_msg_type_number_t,
    }
}

laid_out! {
    #[repr(C, packed(4))]
    #[derive(Copy, Clone, Debug)]
    __Reply__mach_ports_lookup_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        init_port_set: mach_msg_ool_ports_descriptor_t,
        NDR: NDR_record_t,
        init_port_setCnt: mach_msg_type_number_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Reply__task_info_t {
        Head: mach_msg_header_t,
        NDR: NDR_record_t,
        RetCode: kern_return_t,
        task_info_outCnt: mach_msg_type_number_t,
        task_info_out: [integer_t; 94],
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Reply__task_get_special_port_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        special_port: mach_msg_port_descriptor_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Reply__thread_create_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        child_act: mach_msg_port_descriptor_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Reply__thread_create_running_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        child_act: mach_msg_port_descriptor_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Reply__task_get_exception_ports_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        old_handlers: [mach_msg_port_descriptor_t; 32],
        NDR: NDR_record_t,
        masksCnt: mach_msg_type_number_t,
        masks: [exception_mask_t; 32],
        old_behaviors: [exception_behavior_t; 32],
        old_flavors: [thread_state_flavor_t; 32],
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Reply__task_swap_exception_ports_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        old_handlers: [mach_msg_port_descriptor_t; 32],
        NDR: NDR_record_t,
        masksCnt: mach_msg_type_number_t,
        masks: [exception_mask_t; 32],
        old_behaviors: [exception_behavior_t; 32],
        old_flavors: [thread_state_flavor_t; 32],
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Reply__lock_set_create_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        new_lock_set: mach_msg_port_descriptor_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Reply__semaphore_create_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        semaphore: mach_msg_port_descriptor_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Reply__task_policy_get_t {
        Head: mach_msg_header_t,
        NDR: NDR_record_t,
        RetCode: kern_return_t,
        policy_infoCnt: mach_msg_type_number_t,
        policy_info: [integer_t; 16],
        get_default: boolean_t,
    }
}

laid_out! {
    #[repr(C, packed(4))]
    #[derive(Copy, Clone, Debug)]
    __Reply__task_get_emulation_vector_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        emulation_vector: mach_msg_ool_descriptor_t,
        NDR: NDR_record_t,
        vector_start: c_int,
        emulation_vectorCnt: mach_msg_type_number_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Reply__task_get_assignment_t {
        Head: mach_msg_header_t,
        msgh_body: mach_msg_body_t,
        assigned_set: mach_msg_port_descriptor_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    __Reply__task_get_state_t {
        Head: mach_msg_header_t,
        NDR: NDR_record_t,
        RetCode: kern_return_t,
        old_stateCnt: mach_msg_type_number_t,
        old_state: [natural_t; 1296],
    }
}

/// Declares messages that are laid out alike.
macro_rules! alike {
    ($($name:ident)+; $fields:tt) => {$(
        laid_out! { #[repr(C)] #[derive(Copy, Clone, Debug)] $name $fields }
    )+};
}

// Requests without arguments.
alike! {
    __Request__task_terminate_t
    __Request__task_threads_t
    __Request__mach_ports_lookup_t
    __Request__task_suspend_t
    __Request__task_resume_t
    __Request__thread_create_t
    __Request__task_get_emulation_vector_t
    __Request__task_get_assignment_t
    ;
    { Head: mach_msg_header_t, }
}

// Replies that say no more than a code.
alike! {
    __Reply__task_terminate_t
    __Reply__mach_ports_register_t
    __Reply__task_set_info_t
    __Reply__task_suspend_t
    __Reply__task_resume_t
    __Reply__task_set_special_port_t
    __Reply__task_set_exception_ports_t
    __Reply__lock_set_destroy_t
    __Reply__task_policy_set_t
    __Reply__task_sample_t
    __Reply__task_policy_t
    __Reply__task_set_emulation_t
    __Reply__task_set_emulation_vector_t
    __Reply__task_set_ras_pc_t
    __Reply__task_assign_t
    __Reply__task_assign_default_t
    __Reply__task_set_policy_t
    __Reply__task_set_state_t
    ;
    { Head: mach_msg_header_t, NDR: NDR_record_t, RetCode: kern_return_t, }
}
