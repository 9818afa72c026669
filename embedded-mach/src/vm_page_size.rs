//! The size of a page and rounding to it: `mach/vm_page_size.h`.
