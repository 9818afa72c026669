//! Rights and memory that a message carries in another way than by moving them.

use std::sync::Arc;

use super::{next, port, soon};
use crate::ffi::message as raw;
use crate::message::{Descriptor, Disposition, Message, OolMemory, OutOfLine, OutgoingRight};
use crate::right::{ReceiveRight, SendRight};

#[test]
fn arrays_of_rights_go_by_any_disposition_lent_or_given() {
    let (to, right) = port();
    let (one, other) = (
        ReceiveRight::new().unwrap(),
        Arc::new(ReceiveRight::new().unwrap()),
    );
    for give in [false, true] {
        let rights = vec![
            OutgoingRight::MakeSend(&one),
            OutgoingRight::Null(Disposition::MakeSend),
            OutgoingRight::MakeSendShared(Arc::clone(&other)),
        ];
        let message = Message::new(1).rights(Disposition::MakeSend, rights, give);
        message.unwrap().send(&right, &soon()).unwrap();
        let mut message = next(&to);
        let arrived = message.take_rights::<SendRight>(0).unwrap();
        let names: Vec<_> = arrived
            .iter()
            .map(|right| right.as_ref().map(SendRight::name))
            .collect();
        assert_eq!(names, [Some(one.name()), None, Some(other.name())]);
    }
    assert_eq!(Arc::strong_count(&other), 1);
}

#[test]
fn a_lent_array_that_is_not_sent_releases_what_it_was_to_move() {
    let (_port, right) = port();
    let moved = vec![OutgoingRight::from(right.clone()), right.clone().into()];
    assert_eq!(right.references().unwrap(), 3);
    drop(
        Message::new(1)
            .rights(Disposition::MoveSend, moved, false)
            .unwrap(),
    );
    assert_eq!(right.references().unwrap(), 1);

    let mixed = vec![
        OutgoingRight::from(right.clone()),
        OutgoingRight::CopySend(&right),
    ];
    assert!(
        Message::new(1)
            .rights(Disposition::MoveSend, mixed, false)
            .is_err()
    );
    assert_eq!(right.references().unwrap(), 1);
}

#[test]
fn memory_is_lent_kept_or_copied_at_once() {
    let (to, right) = port();
    let bytes = [7; 5000];
    let kept = OolMemory::copy_of(&bytes).unwrap();
    Message::new(1)
        .out_of_line(OutOfLine::Lent(&bytes))
        .out_of_line(OutOfLine::Kept(kept))
        .out_of_line_copy(OutOfLine::Lent(&bytes))
        .send(&right, &soon())
        .unwrap();
    let mut message = next(&to);
    for index in 0..3 {
        assert_eq!(&message.take_memory(index).unwrap()[..], &bytes);
    }
}

#[test]
fn no_right_may_stand_behind_any_disposition() {
    let (to, right) = port();
    // As a C stub leaves it: a port descriptor of no right, whose disposition is whatever was there.
    let mut words = [0_u32; 10];
    words[0] = raw::MACH_MSGH_BITS_COMPLEX | Disposition::CopySend.raw();
    (words[2], words[6], words[9]) = (right.name(), 1, 0x00fe_0000);
    // SAFETY: the buffer holds a whole message.
    let code = unsafe {
        raw::mach_msg(
            words.as_mut_ptr().cast(),
            raw::MACH_SEND_MSG,
            40,
            0,
            0,
            0,
            0,
        )
    };
    assert_eq!(code, 0);
    let mut message = next(&to);
    assert!(matches!(
        message.descriptor(0),
        Some(Descriptor::Port { present: false, .. })
    ));
    assert!(message.take_right(0).is_none());
}
