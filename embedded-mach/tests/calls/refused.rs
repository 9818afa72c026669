//! What Linux cannot give is refused, and nothing is written.

use embedded_mach::bootstrap::*;
use embedded_mach::extra::mach_voucher_deallocate;
use embedded_mach::kern_return::KERN_INVALID_NAME;
use embedded_mach::message::MACH_SEND_INVALID_DEST;
use embedded_mach::port::{MACH_PORT_DEAD, MACH_PORT_NULL};

use super::support::{port, release_port, task};

#[test]
fn nobody_is_privileged_in_the_directory_of_names() {
    let stranger = port();
    let mut name = MACH_PORT_NULL;
    let mut text = *b"org.example.refused\0";
    let text = text.as_mut_ptr().cast();
    // SAFETY: the strings end, and `name` could be written.
    unsafe {
        let mut answers = |bp| {
            [
                bootstrap_create_server(bp, text, 0, 0, &mut name),
                bootstrap_create_service(bp, text, &mut name),
                bootstrap_subset(bp, task(), &mut name),
                bootstrap_unprivileged(bp, &mut name),
                bootstrap_parent(bp, &mut name),
            ]
        };
        assert_eq!(answers(bootstrap_port), [BOOTSTRAP_NOT_PRIVILEGED; 5]);
        assert_eq!(answers(MACH_PORT_NULL), [MACH_SEND_INVALID_DEST; 5]);
        assert_eq!(answers(stranger), [BOOTSTRAP_UNKNOWN_SERVICE; 5]);
        let found = bootstrap_look_up(bootstrap_port, text, &mut name);
        assert_eq!((found, name), (BOOTSTRAP_UNKNOWN_SERVICE, MACH_PORT_NULL));
    }
    release_port(stranger);
}

#[test]
fn there_are_no_vouchers_to_give_back() {
    // SAFETY: takes names.
    unsafe {
        for none in [MACH_PORT_NULL, MACH_PORT_DEAD] {
            assert_eq!(mach_voucher_deallocate(none), 0);
        }
        assert_eq!(mach_voucher_deallocate(0x00ff_ff03), KERN_INVALID_NAME);
    }
}
