//! `mach/mach_host.h`: calls on the host.

use mach::clock_types::clock_id_t;
use mach::kern_return::kern_return_t;
use mach::mach_types::{clock_serv_t, host_t};

functions! {
    mach::mach_host:

    fn host_get_clock_service(
        host: host_t,
        clock_id: clock_id_t,
        clock_serv: *mut clock_serv_t,
    ) -> kern_return_t;
}
