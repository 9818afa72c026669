//! Facts 63 and 64: MIG's reply port, bootstrap names.

use mach_ports::ffi::bootstrap::BOOTSTRAP_UNKNOWN_SERVICE;
use rendezvous_tests::second::{look_up, service_name};

#[test]
fn fact_64_nobody_has_checked_in() {
    assert_eq!(look_up(&service_name()), Err(BOOTSTRAP_UNKNOWN_SERVICE));
}
