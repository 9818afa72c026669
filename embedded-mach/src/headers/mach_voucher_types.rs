//! Vouchers, which ride in message headers: `mach/mach_voucher_types.h`.
//!
//! A voucher carries attributes such as importance. None exist here: a message may hold
//! [`MACH_VOUCHER_NULL`] only.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use crate::headers::message::mach_msg_type_number_t;
use crate::headers::port::{mach_port_name_t, mach_port_t};

/// Port of a voucher.
pub type mach_voucher_t = mach_port_t;
/// No voucher.
pub const MACH_VOUCHER_NULL: mach_voucher_t = 0;
/// Name of a voucher's port.
pub type mach_voucher_name_t = mach_port_name_t;
/// No voucher's name.
pub const MACH_VOUCHER_NAME_NULL: mach_voucher_name_t = 0;
/// Several vouchers' names.
pub type mach_voucher_name_array_t = *mut mach_voucher_name_t;
/// The absent array.
pub const MACH_VOUCHER_NAME_ARRAY_NULL: mach_voucher_name_array_t = core::ptr::null_mut();
/// Another name of [`mach_voucher_t`].
pub type ipc_voucher_t = mach_voucher_t;
/// No voucher.
pub const IPC_VOUCHER_NULL: ipc_voucher_t = 0;

aliases! {
    mach_voucher_selector_t = u32,
}

numbered! {
    mach_voucher_selector_t, "Of vouchers, which there are none of:";
    MACH_VOUCHER_SELECTOR_CURRENT = 0,
    MACH_VOUCHER_SELECTOR_EFFECTIVE = 1,
}

aliases! {
    mach_voucher_attr_key_t = u32,
    mach_voucher_attr_key_array_t = *mut mach_voucher_attr_key_t,
}

numbered! {
    mach_voucher_attr_key_t, "Of vouchers, which there are none of:";
    MACH_VOUCHER_ATTR_KEY_ALL = !0,
    MACH_VOUCHER_ATTR_KEY_NONE = 0,
    MACH_VOUCHER_ATTR_KEY_ATM = 1,
    MACH_VOUCHER_ATTR_KEY_IMPORTANCE = 2,
    MACH_VOUCHER_ATTR_KEY_BANK = 3,
    MACH_VOUCHER_ATTR_KEY_PTHPRIORITY = 4,
    MACH_VOUCHER_ATTR_KEY_USER_DATA = 7,
    MACH_VOUCHER_ATTR_KEY_BITS = MACH_VOUCHER_ATTR_KEY_USER_DATA,
    MACH_VOUCHER_ATTR_KEY_TEST = 8,
    MACH_VOUCHER_ATTR_KEY_NUM_WELL_KNOWN = MACH_VOUCHER_ATTR_KEY_TEST,
}

aliases! {
    mach_voucher_attr_content_t = *mut u8,
    mach_voucher_attr_content_size_t = u32,
    mach_voucher_attr_command_t = u32,
    mach_voucher_attr_recipe_command_t = u32,
    mach_voucher_attr_recipe_command_array_t = *mut mach_voucher_attr_recipe_command_t,
}

numbered! {
    mach_voucher_attr_recipe_command_t, "Of vouchers, which there are none of:";
    MACH_VOUCHER_ATTR_NOOP = 0,
    MACH_VOUCHER_ATTR_COPY = 1,
    MACH_VOUCHER_ATTR_REMOVE = 2,
    MACH_VOUCHER_ATTR_SET_VALUE_HANDLE = 3,
    MACH_VOUCHER_ATTR_AUTO_REDEEM = 4,
    MACH_VOUCHER_ATTR_SEND_PREPROCESS = 5,
    MACH_VOUCHER_ATTR_REDEEM = 10,
    MACH_VOUCHER_ATTR_IMPORTANCE_SELF = 200,
    MACH_VOUCHER_ATTR_USER_DATA_STORE = 211,
    MACH_VOUCHER_ATTR_BITS_STORE = MACH_VOUCHER_ATTR_USER_DATA_STORE,
    MACH_VOUCHER_ATTR_TEST_STORE = MACH_VOUCHER_ATTR_USER_DATA_STORE,
}

aliases! {
    mach_voucher_attr_recipe_size_t = mach_msg_type_number_t,
    mach_voucher_attr_raw_recipe_t = *mut u8,
    mach_voucher_attr_raw_recipe_array_t = mach_voucher_attr_raw_recipe_t,
    mach_voucher_attr_raw_recipe_size_t = mach_msg_type_number_t,
    mach_voucher_attr_raw_recipe_array_size_t = mach_msg_type_number_t,
}

numbered! {
    mach_msg_type_number_t, "Of vouchers, which there are none of:";
    MACH_VOUCHER_ATTR_MAX_RAW_RECIPE_ARRAY_SIZE = 5120,
    MACH_VOUCHER_TRAP_STACK_LIMIT = 256,
}

aliases! {
    mach_voucher_attr_manager_t = mach_port_t,
}

numbered! {
    mach_voucher_attr_manager_t, "Of vouchers, which there are none of:";
    MACH_VOUCHER_ATTR_MANAGER_NULL = 0,
}

aliases! {
    mach_voucher_attr_control_t = mach_port_t,
}

numbered! {
    mach_voucher_attr_control_t, "Of vouchers, which there are none of:";
    MACH_VOUCHER_ATTR_CONTROL_NULL = 0,
}

aliases! {
    ipc_voucher_attr_manager_t = mach_port_t,
    ipc_voucher_attr_control_t = mach_port_t,
}

numbered! {
    ipc_voucher_attr_manager_t, "Of vouchers, which there are none of:";
    IPC_VOUCHER_ATTR_MANAGER_NULL = 0,
}

numbered! {
    ipc_voucher_attr_control_t, "Of vouchers, which there are none of:";
    IPC_VOUCHER_ATTR_CONTROL_NULL = 0,
}

aliases! {
    mach_voucher_attr_value_handle_t = u64,
    mach_voucher_attr_value_handle_array_t = *mut mach_voucher_attr_value_handle_t,
    mach_voucher_attr_value_handle_array_size_t = mach_msg_type_number_t,
}

numbered! {
    mach_voucher_attr_value_handle_array_size_t, "Of vouchers, which there are none of:";
    MACH_VOUCHER_ATTR_VALUE_MAX_NESTED = 4,
}

aliases! {
    mach_voucher_attr_value_reference_t = u32,
    mach_voucher_attr_value_flags_t = u32,
}

numbered! {
    mach_voucher_attr_value_flags_t, "Of vouchers, which there are none of:";
    MACH_VOUCHER_ATTR_VALUE_FLAGS_NONE = 0,
    MACH_VOUCHER_ATTR_VALUE_FLAGS_PERSIST = 1,
}

aliases! {
    mach_voucher_attr_control_flags_t = u32,
}

numbered! {
    mach_voucher_attr_control_flags_t, "Of vouchers, which there are none of:";
    MACH_VOUCHER_ATTR_CONTROL_FLAGS_NONE = 0,
}

numbered! {
    u32, "Of vouchers, which there are none of:";
    MACH_VOUCHER_IMPORTANCE_ATTR_ADD_EXTERNAL = 1,
    MACH_VOUCHER_IMPORTANCE_ATTR_DROP_EXTERNAL = 2,
}

aliases! {
    mach_voucher_attr_importance_refs = u32,
}

numbered! {
    u32, "Of vouchers, which there are none of:";
    MACH_ACTIVITY_ID_COUNT_MAX = 16,
}
