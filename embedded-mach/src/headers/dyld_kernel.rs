//! What the loader of macOS tells its kernel: `mach/dyld_kernel.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use crate::headers::boolean::boolean_t;
use crate::headers::mach_types::{fsid_t, fsobj_id_t, uuid_t};

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    dyld_kernel_image_info {
        uuid: uuid_t,
        fsobjid: fsobj_id_t,
        fsid: fsid_t,
        load_addr: u64,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    dyld_kernel_process_info {
        cache_image_info: dyld_kernel_image_info,
        timestamp: u64,
        imageCount: u32,
        initialImageCount: u32,
        dyldState: u8,
        no_cache: boolean_t,
        private_cache: boolean_t,
    }
}

aliases! {
    dyld_kernel_image_info_t = dyld_kernel_image_info,
    dyld_kernel_process_info_t = dyld_kernel_process_info,
    dyld_kernel_image_info_array_t = *mut dyld_kernel_image_info_t,
}
