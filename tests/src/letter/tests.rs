use mach_ports::ffi::message::MACH_MSG_TYPE_MAKE_SEND;

use super::{Letter, receive};
use crate::raw::made;

#[test]
fn a_letter_arrives_as_it_was_written() {
    let (port, other) = (made::port(), made::port());
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
        .id(7)
        .port(other, MACH_MSG_TYPE_MAKE_SEND)
        .inline(b"abcdef")
        .send();
    let mail = receive(port);
    assert_eq!((mail.id(), mail.size()), (7, 24 + 4 + 12 + 8));
    assert_eq!(mail.only_port(), (other, 17));
    assert_eq!(mail.inline(), b"abcdef\0\0");
    assert_eq!(mail.trailer_kind(), (0, 8));
    made::kill(port);
    made::kill(other);
}
