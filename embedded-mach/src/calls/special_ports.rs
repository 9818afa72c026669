//! `task_get_*_port`, `task_set_*_port`: one function for each special port, where C has a macro.

use super::task::{task_get_special_port, task_set_special_port};
use crate::headers::kern_return::kern_return_t;
use crate::headers::mach_types::task_t;
use crate::headers::port::mach_port_t;
use crate::headers::task_special_ports::{
    TASK_ACCESS_PORT, TASK_BOOTSTRAP_PORT, TASK_DEBUG_CONTROL_PORT, TASK_HOST_PORT,
    TASK_KERNEL_PORT,
};

macro_rules! calls {
    ($($which:ident: $get:ident, $set:ident;)*) => {$(
        #[doc = concat!("`task_get_special_port` for [`", stringify!($which), "`].")]
        ///
        /// # Safety
        /// `port` can be written.
        #[inline]
        pub unsafe fn $get(task: task_t, port: *mut mach_port_t) -> kern_return_t {
            // SAFETY: the caller's promise.
            unsafe { task_get_special_port(task, $which, port) }
        }

        #[doc = concat!("`task_set_special_port` for [`", stringify!($which), "`].")]
        ///
        /// # Safety
        /// No other thread reads the environment at this time.
        #[inline]
        pub unsafe fn $set(task: task_t, port: mach_port_t) -> kern_return_t {
            // SAFETY: the caller's promise.
            unsafe { task_set_special_port(task, $which, port) }
        }
    )*};
}

calls! {
    TASK_KERNEL_PORT: task_get_kernel_port, task_set_kernel_port;
    TASK_HOST_PORT: task_get_host_port, task_set_host_port;
    TASK_BOOTSTRAP_PORT: task_get_bootstrap_port, task_set_bootstrap_port;
    TASK_DEBUG_CONTROL_PORT: task_get_debug_control_port, task_set_task_debug_control_port;
    TASK_ACCESS_PORT: task_get_task_access_port, task_set_task_access_port;
}
