//! `mach/message.h`: sending and receiving.

use mach::kern_return::kern_return_t;
use mach::message::{
    mach_msg_header_t, mach_msg_option_t, mach_msg_return_t, mach_msg_size_t, mach_msg_timeout_t,
};
use mach::port::mach_port_name_t;

functions! {
    mach::message:

    fn mach_msg(
        msg: *mut mach_msg_header_t,
        option: mach_msg_option_t,
        send_size: mach_msg_size_t,
        recv_size: mach_msg_size_t,
        recv_name: mach_port_name_t,
        timeout: mach_msg_timeout_t,
        notify: mach_port_name_t,
    ) -> mach_msg_return_t;
    fn mach_msg_overwrite(
        msg: *mut mach_msg_header_t,
        option: mach_msg_option_t,
        send_size: mach_msg_size_t,
        recv_size: mach_msg_size_t,
        recv_name: mach_port_name_t,
        timeout: mach_msg_timeout_t,
        notify: mach_port_name_t,
        rcv_msg: *mut mach_msg_header_t,
        rcv_limit: mach_msg_size_t,
    ) -> mach_msg_return_t;
}

functions! {
    mach::extra:

    fn mach_voucher_deallocate(voucher: mach_port_name_t) -> kern_return_t;
}
