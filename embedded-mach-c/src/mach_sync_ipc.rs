//! `mach/mach_sync_ipc.h`: the port for replies that priorities follow elsewhere.

use mach::port::mach_port_t;

functions! {
    mach::mig:

    fn mig_get_special_reply_port() -> mach_port_t;
    fn mig_dealloc_special_reply_port(reply_port: mach_port_t);
}
