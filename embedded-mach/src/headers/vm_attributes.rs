//! How the processor caches memory: `mach/vm_attributes.h`. It cannot be chosen.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::{c_int, c_uint};

aliases! {
    vm_machine_attribute_t = c_uint,
}

numbered! {
    vm_machine_attribute_t, "Of how memory is cached:";
    MATTR_CACHE = 1,
    MATTR_MIGRATE = 1 << 1,
    MATTR_REPLICATE = 1 << 2,
}

aliases! {
    vm_machine_attribute_val_t = c_int,
}

numbered! {
    vm_machine_attribute_val_t, "Of how memory is cached:";
    MATTR_VAL_OFF = 0,
    MATTR_VAL_ON = 1,
    MATTR_VAL_GET = 2,
    MATTR_VAL_CACHE_FLUSH = 6,
    MATTR_VAL_DCACHE_FLUSH = 7,
    MATTR_VAL_ICACHE_FLUSH = 8,
    MATTR_VAL_CACHE_SYNC = 9,
    MATTR_VAL_GET_INFO = 10,
}
