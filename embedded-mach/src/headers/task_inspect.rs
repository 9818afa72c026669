//! What can be asked of a task without changing it: `mach/task_inspect.h`. It is not told.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use crate::headers::vm_types::{integer_t, natural_t};

aliases! {
    task_inspect_flavor_t = natural_t,
}

numbered! {
    task_inspect_flavor_t, "Of a task:";
    TASK_INSPECT_BASIC_COUNTS = 1,
}

numbered! {
    u32, "Of a task:";
    TASK_INSPECT_BASIC_COUNTS_COUNT = (size_of::<task_inspect_basic_counts>() / size_of::<natural_t>()) as u32,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    task_inspect_basic_counts {
        instructions: u64,
        cycles: u64,
    }
}

aliases! {
    task_inspect_basic_counts_data_t = task_inspect_basic_counts,
    task_inspect_basic_counts_t = *mut task_inspect_basic_counts,
    task_inspect_info_t = *mut integer_t,
}
