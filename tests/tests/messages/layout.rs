//! Mach fact 65: messages as C lays them out.

use std::mem::{offset_of, size_of};

use mach_ports::ffi::message::*;
use mach_ports::ffi::port::mach_port_t;
use rendezvous_tests::letter::{Buffer, Item, Letter, receive};
use rendezvous_tests::raw::made;

/// A message with one descriptor, packed as C packs all of them.
#[repr(C, packed(4))]
struct With<D> {
    header: mach_msg_header_t,
    body: mach_msg_body_t,
    descriptor: D,
    behind: u32,
}

/// The same as Rust lays it out by itself.
#[repr(C)]
struct Unpacked<D> {
    header: mach_msg_header_t,
    body: mach_msg_body_t,
    descriptor: D,
}

#[test]
fn fact_65_sizes() {
    assert_eq!(size_of::<mach_msg_header_t>(), 24);
    assert_eq!(size_of::<mach_msg_body_t>(), 4);
    assert_eq!(size_of::<mach_msg_port_descriptor_t>(), 12);
    assert_eq!(size_of::<mach_msg_ool_descriptor_t>(), 16);
    assert_eq!(size_of::<mach_msg_ool_ports_descriptor_t>(), 16);
}

#[test]
fn fact_65_the_header() {
    assert_eq!(offset_of!(mach_msg_header_t, msgh_bits), 0);
    assert_eq!(offset_of!(mach_msg_header_t, msgh_size), 4);
    assert_eq!(offset_of!(mach_msg_header_t, msgh_remote_port), 8);
    assert_eq!(offset_of!(mach_msg_header_t, msgh_local_port), 12);
    assert_eq!(offset_of!(mach_msg_header_t, msgh_voucher_port), 16);
    assert_eq!(offset_of!(mach_msg_header_t, msgh_id), 20);
}

#[test]
fn fact_65_descriptors_follow_header_and_count_at_once() {
    assert_eq!(offset_of!(With<mach_msg_port_descriptor_t>, descriptor), 28);
    assert_eq!(offset_of!(With<mach_msg_ool_descriptor_t>, descriptor), 28);
    assert_eq!(size_of::<With<mach_msg_ool_descriptor_t>>(), 48);
    // Rust's own layout aligns the address in them, and is not a message.
    assert_eq!(
        offset_of!(Unpacked<mach_msg_ool_descriptor_t>, descriptor),
        32
    );
    // The one without an address needs no packing.
    assert_eq!(
        offset_of!(Unpacked<mach_msg_port_descriptor_t>, descriptor),
        28
    );
}

#[test]
fn fact_65_the_type_is_the_twelfth_byte() {
    assert_eq!(offset_of!(mach_msg_port_descriptor_t, type_), 11);
    assert_eq!(offset_of!(mach_msg_ool_descriptor_t, type_), 11);
    assert_eq!(offset_of!(mach_msg_ool_ports_descriptor_t, type_), 11);
    assert_eq!(offset_of!(mach_msg_port_descriptor_t, disposition), 10);
    assert_eq!(offset_of!(mach_msg_ool_ports_descriptor_t, disposition), 10);
}

/// Sends a packed structure to oneself, and what arrives.
fn through<D>(port: mach_port_t, descriptor: D) -> Buffer {
    let len = size_of::<With<D>>();
    let message = With {
        header: mach_msg_header_t {
            msgh_bits: MACH_MSGH_BITS_COMPLEX | MACH_MSG_TYPE_MAKE_SEND,
            msgh_size: len as u32,
            msgh_remote_port: port,
            msgh_local_port: 0,
            msgh_voucher_port: 0,
            msgh_id: 65,
        },
        body: mach_msg_body_t {
            msgh_descriptor_count: 1,
        },
        descriptor,
        behind: 0x0bad_cafe,
    };
    let mut buffer = Buffer::new(len);
    // SAFETY: both have `len` bytes; padding there is none.
    unsafe {
        let from = (&raw const message).cast::<u8>();
        std::ptr::copy_nonoverlapping(from, buffer.header().cast::<u8>(), len);
    }
    assert_eq!(
        buffer.mach_msg(MACH_SEND_MSG, len, 0, 0, 0),
        MACH_MSG_SUCCESS
    );
    receive(port)
}

#[test]
fn fact_65_a_packed_structure_is_a_message() {
    let port = made::port();
    let arrived = through(
        port,
        mach_msg_port_descriptor_t::new(port, MACH_MSG_TYPE_MAKE_SEND),
    );
    assert_eq!((arrived.id(), arrived.size()), (65, 44));
    assert_eq!(arrived.only_port(), (port, 17));
    assert_eq!(arrived.inline(), 0x0bad_cafeu32.to_ne_bytes());

    let bytes = *b"packed";
    let address = bytes.as_ptr().cast_mut().cast();
    let memory = mach_msg_ool_descriptor_t::new(address, false, MACH_MSG_VIRTUAL_COPY, 6);
    let arrived = through(port, memory);
    assert_eq!(arrived.size(), 48);
    let [Item::Memory(region)] = arrived.items()[..] else {
        panic!("{arrived:?}")
    };
    assert_eq!((region.size, arrived.inline().len()), (6, 4));
    made::kill(port);
}

#[test]
fn fact_65_descriptors_of_both_sizes_follow_each_other() {
    let (port, other) = (made::port(), made::port());
    let nothing = rendezvous_tests::letter::Region {
        address: 0,
        deallocate: 0,
        copy: 0,
        size: 0,
    };
    let letter = Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
        .port(other, MACH_MSG_TYPE_MAKE_SEND)
        .memory(nothing)
        .port(other, MACH_MSG_TYPE_MAKE_SEND)
        .ports(nothing, MACH_MSG_TYPE_MAKE_SEND)
        .inline(b"end.");
    letter.send();
    let mail = receive(port);
    assert_eq!(mail.size(), 24 + 4 + 12 + 16 + 12 + 16 + 4);
    let kinds = [39, 51, 67, 79].map(|at| mail.at::<1>(at)[0]);
    assert_eq!(kinds, [0, 1, 0, 2]);
    assert_eq!((mail.u32_at(28), mail.u32_at(56)), (other, other));
    assert_eq!(mail.inline(), b"end.");
}
