//! What a receive right tells of its port, and what can be set.

use mach_ports::ffi::kern_return::kern_return_t;
use mach_ports::ffi::port::{
    MACH_PORT_LIMITS_INFO, MACH_PORT_RECEIVE_STATUS, mach_port_flavor_t, mach_port_name_t,
};
use mach_ports::ffi::{extra, mach_port};

use super::{Given, given, target};

/// `mach_port_get_attributes` with room for `room` words: those that it gives.
pub fn attributes(
    name: mach_port_name_t,
    flavor: mach_port_flavor_t,
    room: u32,
) -> Given<Vec<u32>> {
    let mut words = vec![0_i32; room.max(32) as usize];
    let mut count = room;
    // SAFETY: there is room for more words than the call is told of.
    let code = unsafe {
        mach_port::mach_port_get_attributes(
            target(),
            name,
            flavor,
            words.as_mut_ptr(),
            &raw mut count,
        )
    };
    given(code, ())?;
    words.truncate(count as usize);
    Ok(words.into_iter().map(|word| word as u32).collect())
}

/// `mach_port_set_attributes`.
pub fn set_attributes(
    name: mach_port_name_t,
    flavor: mach_port_flavor_t,
    values: &[u32],
) -> kern_return_t {
    let mut words: Vec<i32> = values.iter().map(|&word| word as i32).collect();
    let count = words.len() as u32;
    // SAFETY: as many words can be read as the call is told.
    unsafe {
        mach_port::mach_port_set_attributes(target(), name, flavor, words.as_mut_ptr(), count)
    }
}

/// Sets the queue limit.
pub fn set_limit(name: mach_port_name_t, limit: u32) -> kern_return_t {
    set_attributes(name, MACH_PORT_LIMITS_INFO, &[limit])
}

/// The queue limit.
pub fn limit(name: mach_port_name_t) -> Given<u32> {
    attributes(name, MACH_PORT_LIMITS_INFO, 1).map(|words| words[0])
}

/// `mach_port_status_t`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The port is in a set: 0 or 1.
    pub pset: u32,
    /// The sequence number that the next message gets.
    pub seqno: u32,
    /// The make-send count.
    pub mscount: u32,
    /// The queue limit.
    pub qlimit: u32,
    /// Messages queued.
    pub msgcount: u32,
    /// Send-once rights.
    pub sorights: u32,
    /// There are send rights: 0 or 1.
    pub srights: u32,
    /// A port-destroyed request stands.
    pub pdrequest: u32,
    /// A no-senders request stands.
    pub nsrequest: u32,
    /// `MACH_PORT_STATUS_FLAG_*`.
    pub flags: u32,
}

/// `mach_port_get_attributes` with `MACH_PORT_RECEIVE_STATUS`.
pub fn status(name: mach_port_name_t) -> Given<Status> {
    let words = attributes(name, MACH_PORT_RECEIVE_STATUS, 10)?;
    let [
        pset,
        seqno,
        mscount,
        qlimit,
        msgcount,
        sorights,
        srights,
        pdrequest,
        nsrequest,
        flags,
    ] = words.try_into().expect("a status has ten words");
    Ok(Status {
        pset,
        seqno,
        mscount,
        qlimit,
        msgcount,
        sorights,
        srights,
        pdrequest,
        nsrequest,
        flags,
    })
}

/// `mach_port_get_srights`.
pub fn srights(name: mach_port_name_t) -> Given<u32> {
    let mut count = 0;
    // SAFETY: `count` can be written.
    given(
        unsafe { extra::mach_port_get_srights(target(), name, &raw mut count) },
        count,
    )
}

/// `mach_port_set_mscount`.
pub fn set_mscount(name: mach_port_name_t, count: u32) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_set_mscount(target(), name, count) }
}

/// `mach_port_set_seqno`.
pub fn set_seqno(name: mach_port_name_t, seqno: u32) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_set_seqno(target(), name, seqno) }
}

/// What `mach_port_peek` tells of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peeked {
    /// Its sequence number.
    pub seqno: u32,
    /// Its size.
    pub size: u32,
    /// Its id.
    pub id: i32,
    /// Its trailer's elements.
    pub trailer: Vec<u32>,
}

/// `mach_port_peek`, with room for a trailer of so many bytes.
pub fn peek(name: mach_port_name_t, seqno: u32, elements: u32, room: u32) -> Given<Peeked> {
    let (mut seqno, mut size, mut id, mut count) = (seqno, 0, 0, room);
    let mut trailer = [0_u32; 17];
    assert!(room as usize <= size_of_val(&trailer));
    // SAFETY: all can be written, and the trailer has as much room as the call is told.
    let code = unsafe {
        extra::mach_port_peek(
            target(),
            name,
            elements << 24,
            &raw mut seqno,
            &raw mut size,
            &raw mut id,
            trailer.as_mut_ptr().cast(),
            &raw mut count,
        )
    };
    let trailer = trailer[..count as usize / 4].to_vec();
    given(
        code,
        Peeked {
            seqno,
            size,
            id,
            trailer,
        },
    )
}
