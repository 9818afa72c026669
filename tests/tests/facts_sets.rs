//! Facts 46 and 47: port sets.

use mach_ports::ffi::kern_return::{KERN_ALREADY_IN_SET, KERN_SUCCESS};
use rendezvous_tests::raw::{insert_member, made, members};

#[test]
fn fact_47_a_member_twice() {
    let (port, set) = (made::port(), made::set());
    assert_eq!(insert_member(port, set), KERN_SUCCESS);
    assert_eq!(insert_member(port, set), KERN_ALREADY_IN_SET);
    assert_eq!(members(set), Ok(vec![port]));
}
