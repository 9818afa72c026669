//! No two tasks have one sending end, whoever made the links.

use std::os::fd::AsFd;

use super::liars::arriving;
use crate::headers::message::MACH_MSG_TYPE_PORT_SEND;
use crate::headers::port::MACH_PORT_RIGHT_RECEIVE;
use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::{Descriptor, Kmsg};
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::right::Right;
use crate::sys::foreign::Foreign;
use crate::sys::{packet, socket};
use crate::wire::parcel;
use crate::wire::tree::{self, Item, Packet};

/// A send right of the kernel's to a port that is elsewhere: its receiving end, and its sending end's number.
fn remote(kernel: &mut Kernel, id: u64) -> (Foreign, u64, PortKey) {
    let (receiving, sending) = socket::link_pair().unwrap();
    let cookie = socket::cookie(sending.as_fd()).unwrap();
    let right = kernel.new_remote(sending, id, id, None);
    (receiving, cookie, right.port().unwrap())
}

/// The number of the sending end that a message brings.
fn brought(end: &impl AsFd) -> u64 {
    let mut buffer = vec![0; parcel::PACKET];
    let arrival = packet::receive(end.as_fd(), &mut buffer).unwrap();
    let packet = parcel::open(&buffer, arrival).unwrap().packet();
    let Ok(Packet::Message(message)) = packet else {
        panic!("{packet:?}")
    };
    match message.items.into_iter().next() {
        Some(Item::Port {
            right: tree::Right::Send(send),
            ..
        }) => socket::cookie(send.fd.as_fd()).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn with_right(kernel: &mut Kernel, to: PortKey, right: Right) -> Kmsg {
    let remote = kernel.copy_send(to);
    // The count, and the place of one descriptor.
    let body = [1, 0, 0, 0].into_iter().chain([0; 12]).collect();
    let mut message = Kmsg::simple(7, remote, body, kernel.as_sender());
    message.complex = true;
    message.descriptors.push(Descriptor::Port {
        right,
        disposition: MACH_MSG_TYPE_PORT_SEND,
        guard: None,
    });
    message
}

fn send(kernel: &mut Kernel, to: PortKey, right: Right) {
    let message = with_right(kernel, to, right);
    kernel.send_away(to, message).unwrap();
}

#[test]
fn a_copied_right_leaves_its_holders_end_where_it_is() {
    let mut kernel = Kernel::new();
    // One process made both links. It may have given the other port's receive right to a third by now.
    let (_receiving, held, port) = remote(&mut kernel, 5);
    let (inbox, _, to) = remote(&mut kernel, 6);
    let copy = kernel.copy_send(port);
    send(&mut kernel, to, copy);
    assert_ne!(brought(&inbox), held);
}

#[test]
fn the_last_right_takes_its_end_along() {
    let mut kernel = Kernel::new();
    let (receiving, held, port) = remote(&mut kernel, 5);
    let (inbox, _, to) = remote(&mut kernel, 6);
    send(&mut kernel, to, Right::Send(port));
    assert_eq!(brought(&inbox), held);
    // And nobody has it any more.
    assert!(kernel.port(port).is_none());
    assert!(socket::is_spent(receiving.as_fd()));
}

#[test]
fn what_could_not_be_sent_leaves_no_links() {
    let mut kernel = Kernel::new();
    let (_receiving, _, to) = remote(&mut kernel, 5);
    let name = kernel.allocate(MACH_PORT_RIGHT_RECEIVE, None).unwrap();
    let port = kernel.receive_right(name).unwrap();
    // Until there is no room.
    loop {
        let remote = kernel.copy_send(to);
        let message = Kmsg::simple(1, remote, vec![0; 4096], kernel.as_sender());
        if let Err(unsent) = kernel.send_away(to, message) {
            kernel.destroy_message(unsent.message);
            break;
        }
    }
    let right = kernel.make_send(port);
    let mut message = with_right(&mut kernel, to, right);
    for _ in 0..20 {
        message = kernel.send_away(to, message).unwrap_err().message;
        assert_eq!(kernel.local(port).unwrap().links.len(), 0);
    }
    // The right is as it was.
    assert_eq!(kernel.port(port).unwrap().srights, 1);
    kernel.destroy_message(message);
    assert_eq!(kernel.port(port).unwrap().srights, 0);
}

/// A deviation: a receive right's links are sockets, of which whoever had it before may have kept copies.
#[test]
fn who_has_had_a_receive_right_can_take_messages_of_its_earlier_senders() {
    let mut kernel = Kernel::new();
    let (receiving, honest) = socket::link_pair().unwrap();
    let kept = receiving.try_clone().unwrap();
    let arrived = kernel.import_right(arriving(receiving, 5), kernel.as_sender());
    packet::send(honest.as_fd(), [b"private", b""], &[]).unwrap();
    let mut buffer = [0; 16];
    assert_eq!(packet::receive(kept.as_fd(), &mut buffer).unwrap().len, 7);
    // Rights that are made from now on have links that nobody else has had.
    let port = arrived.port().unwrap();
    let right = kernel.make_send(port);
    let (fresh, _) = kernel.link_of_its_own(right).unwrap();
    packet::send(fresh.as_fd(), [b"private", b""], &[]).unwrap();
    let none = packet::receive(kept.as_fd(), &mut buffer).unwrap_err();
    assert_eq!(none, nix::errno::Errno::EAGAIN);
}
