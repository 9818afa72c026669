//! Ports of threads.

use std::thread;

use embedded_mach::extra::*;
use embedded_mach::kern_return::{
    KERN_INVALID_ARGUMENT, KERN_INVALID_CAPABILITY, KERN_INVALID_RIGHT, KERN_SUCCESS,
};
use embedded_mach::mach_init::mach_thread_self;
use embedded_mach::mach_port::{
    mach_port_extract_right, mach_port_request_notification, mach_port_set_attributes,
};
use embedded_mach::message::{MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_MOVE_RECEIVE};
use embedded_mach::mig::*;
use embedded_mach::notify::{MACH_NOTIFY_NO_SENDERS, MACH_NOTIFY_PORT_DESTROYED};
use embedded_mach::port::*;

use super::support::{deallocate, in_child, kind, ok, port, release_port, send_refs, task};

#[test]
fn each_thread_has_a_port_of_its_own() {
    // SAFETY: the calls take nothing.
    let (own, again) = unsafe { (mach_thread_self(), thread_self_trap()) };
    assert_eq!(
        (own, kind(own), send_refs(own)),
        (again, MACH_PORT_TYPE_SEND, 2)
    );
    let other = thread::spawn(|| {
        // SAFETY: as above.
        let other = unsafe { mach_thread_self() };
        deallocate(other);
        other
    });
    let other = other.join().unwrap();
    assert_ne!(other, own);
    assert_ne!(own, task());
    deallocate(own);
    deallocate(own);
}

#[test]
fn a_special_reply_port_can_be_sent_to() {
    // SAFETY: the call takes nothing.
    let name = unsafe { thread_get_special_reply_port() };
    assert_eq!(kind(name), MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE);
    // Its receive right stays; in all else it is a port.
    let (mut moved, mut disposition) = (MACH_PORT_NULL, 0);
    let (mut previous, notify) = (MACH_PORT_NULL, port());
    // SAFETY: all can be written.
    unsafe {
        let move_receive = MACH_MSG_TYPE_MOVE_RECEIVE;
        let code =
            mach_port_extract_right(task(), name, move_receive, &mut moved, &mut disposition);
        assert_eq!(code, KERN_INVALID_CAPABILITY);
        let mut ask = |id| {
            let once = MACH_MSG_TYPE_MAKE_SEND_ONCE;
            mach_port_request_notification(task(), name, id, 0, notify, once, &mut previous)
        };
        assert_eq!(ask(MACH_NOTIFY_PORT_DESTROYED), KERN_INVALID_RIGHT);
        assert_eq!(ask(MACH_NOTIFY_NO_SENDERS), KERN_SUCCESS);
        let info = std::ptr::null_mut();
        let code = mach_port_set_attributes(task(), name, MACH_PORT_TEMPOWNER, info, 0);
        assert_eq!(code, KERN_INVALID_ARGUMENT);
    }
    release_port(notify);
    deallocate(name);
    release_port(name);
}

#[test]
fn fact_63_a_reply_port_is_the_threads() {
    // SAFETY: the calls take names.
    unsafe {
        let own = mig_get_reply_port();
        assert_eq!(kind(own), MACH_PORT_TYPE_RECEIVE);
        mig_put_reply_port(own);
        assert_eq!(mig_get_reply_port(), own);
        let other = thread::spawn(|| {
            let other = mig_get_reply_port();
            assert_eq!(kind(other), MACH_PORT_TYPE_RECEIVE);
            other
        });
        let other = other.join().unwrap();
        assert_ne!(other, own);
        assert_eq!(
            kind(other) & MACH_PORT_TYPE_RECEIVE,
            0,
            "it went with its thread"
        );
        mig_dealloc_reply_port(own);
        assert_eq!(kind(own), 0);

        let own = mig_get_reply_port();
        let stranger = port();
        let mut made = 0;
        let mut disposition = 0;
        ok(embedded_mach::mach_port::mach_port_extract_right(
            task(),
            stranger,
            embedded_mach::message::MACH_MSG_TYPE_MAKE_SEND,
            &mut made,
            &mut disposition,
        ));
        assert_eq!(made, stranger);
        mig_dealloc_reply_port(stranger);
        assert_eq!((kind(own), kind(stranger)), (0, MACH_PORT_TYPE_RECEIVE));
        release_port(stranger);
    }
}

#[test]
fn fact_63_a_forked_child_has_a_new_reply_port() {
    // SAFETY: the calls take names.
    unsafe {
        let own = mig_get_reply_port();
        assert!(in_child(|| {
            let mut kind = 0;
            let new = mig_get_reply_port();
            let code = mach_port_type(task(), new, &mut kind);
            (code, kind) == (KERN_SUCCESS, MACH_PORT_TYPE_RECEIVE)
        }));
        assert_eq!(mig_get_reply_port(), own);
        mig_dealloc_reply_port(own);
    }
}

#[test]
fn strings_are_cut_and_closed() {
    let source = c"four".as_ptr();
    let mut text = [1; 8];
    // SAFETY: every length is within the room there is.
    unsafe {
        assert_eq!(mig_strncpy(text.as_mut_ptr(), source, 8), 5);
        assert_eq!(text[4..6], [0, 1]);
        assert_eq!(mig_strncpy(text.as_mut_ptr(), source, 3), 3);
        assert_eq!(text[1..4], [b'o' as _, 0, b'r' as _]);
        assert_eq!(mig_strncpy(text.as_mut_ptr(), source, 1), 1);
        assert_eq!(text[0], 0);
        for len in [0, -1] {
            assert_eq!(mig_strncpy(text.as_mut_ptr(), source, len), 0);
            assert_eq!(mig_strncpy_zerofill(text.as_mut_ptr(), source, len), 0);
        }
        assert_eq!(mig_strncpy_zerofill(text.as_mut_ptr(), source, 8), 5);
        assert_eq!(text[4..], [0; 4]);
    }
}

#[test]
fn memory_for_messages() {
    let mut address = 0;
    // SAFETY: `address` can be written; the memory is given back.
    unsafe {
        mig_allocate(&mut address, 100);
        (address as *mut u8).add(99).write_volatile(1);
        mig_deallocate(address, 100);
        mig_allocate(&mut address, usize::MAX);
    }
    assert_eq!(address, 0);
}
