//! The Mach calls on names, one for one, with results in place of out-parameters.
//!
//! A call that gives nothing returns its code; one that gives something returns it, or its code as an error. Nothing
//! is asserted here but what a test cannot go on without: the functions of [`made`].

use std::ptr::{NonNull, null_mut};

use mach_ports::ffi::extra;
use mach_ports::ffi::kern_return::{KERN_SUCCESS, kern_return_t};
use mach_ports::ffi::mach_port;
use mach_ports::ffi::message::mach_msg_type_name_t;
use mach_ports::ffi::port::{
    MACH_PORT_GUARD_INFO, MACH_PORT_LIMITS_INFO, MACH_PORT_NULL, MACH_PORT_RECEIVE_STATUS,
    mach_port_delta_t, mach_port_flavor_t, mach_port_name_t, mach_port_options_t,
    mach_port_right_t, mach_port_type_t,
};
use mach_ports::ffi::traps::mach_task_self;

/// What a call gives, or its code.
pub type Given<T> = Result<T, kern_return_t>;

fn given<T>(code: kern_return_t, value: T) -> Given<T> {
    if code == KERN_SUCCESS {
        Ok(value)
    } else {
        Err(code)
    }
}

/// This task.
#[must_use]
pub fn task() -> mach_port_name_t {
    // SAFETY: reads a static.
    unsafe { mach_task_self() }
}

/// `mach_port_allocate`.
pub fn allocate(right: mach_port_right_t) -> Given<mach_port_name_t> {
    let mut name = MACH_PORT_NULL;
    // SAFETY: `name` can be written.
    given(
        unsafe { mach_port::mach_port_allocate(task(), right, &raw mut name) },
        name,
    )
}

/// `mach_port_allocate_name`.
pub fn allocate_name(right: mach_port_right_t, name: mach_port_name_t) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_allocate_name(task(), right, name) }
}

/// `mach_port_construct` with a queue limit, which counts only with its flag.
pub fn construct(flags: u32, qlimit: u32, context: u64) -> Given<mach_port_name_t> {
    let mut options = mach_port_options_t {
        flags,
        ..Default::default()
    };
    options.mpl.mpl_qlimit = qlimit;
    let mut name = MACH_PORT_NULL;
    // SAFETY: `options` can be read and `name` be written.
    let code =
        unsafe { mach_port::mach_port_construct(task(), &raw mut options, context, &raw mut name) };
    given(code, name)
}

/// `mach_port_destruct`.
pub fn destruct(name: mach_port_name_t, delta: mach_port_delta_t, guard: u64) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { mach_port::mach_port_destruct(task(), name, delta, guard) }
}

/// `mach_port_destroy`.
pub fn destroy(name: mach_port_name_t) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { mach_port::mach_port_destroy(task(), name) }
}

/// `mach_port_deallocate`.
pub fn deallocate(name: mach_port_name_t) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { mach_port::mach_port_deallocate(task(), name) }
}

/// `mach_port_mod_refs`.
pub fn mod_refs(
    name: mach_port_name_t,
    right: mach_port_right_t,
    delta: mach_port_delta_t,
) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { mach_port::mach_port_mod_refs(task(), name, right, delta) }
}

/// `mach_port_get_refs`.
pub fn refs(name: mach_port_name_t, right: mach_port_right_t) -> Given<u32> {
    let mut refs = 0;
    // SAFETY: `refs` can be written.
    given(
        unsafe { extra::mach_port_get_refs(task(), name, right, &raw mut refs) },
        refs,
    )
}

/// `mach_port_type`.
pub fn type_of(name: mach_port_name_t) -> Given<mach_port_type_t> {
    let mut kind = 0;
    // SAFETY: `kind` can be written.
    given(
        unsafe { extra::mach_port_type(task(), name, &raw mut kind) },
        kind,
    )
}

/// `mach_port_rename`.
pub fn rename(old: mach_port_name_t, new: mach_port_name_t) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_rename(task(), old, new) }
}

/// `mach_port_insert_right`.
pub fn insert_right(
    name: mach_port_name_t,
    poly: mach_port_name_t,
    disposition: mach_msg_type_name_t,
) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { mach_port::mach_port_insert_right(task(), name, poly, disposition) }
}

/// `mach_port_extract_right`: the name and the disposition that the right has.
pub fn extract_right(
    name: mach_port_name_t,
    disposition: mach_msg_type_name_t,
) -> Given<(mach_port_name_t, mach_msg_type_name_t)> {
    let (mut poly, mut kind) = (MACH_PORT_NULL, 0);
    // SAFETY: both can be written.
    let code = unsafe {
        mach_port::mach_port_extract_right(task(), name, disposition, &raw mut poly, &raw mut kind)
    };
    given(code, (poly, kind))
}

/// `mach_port_request_notification`: the name of the right that the former request held.
pub fn request_notification(
    name: mach_port_name_t,
    id: i32,
    sync: u32,
    notify: mach_port_name_t,
    disposition: mach_msg_type_name_t,
) -> Given<mach_port_name_t> {
    let mut previous = MACH_PORT_NULL;
    // SAFETY: `previous` can be written.
    let code = unsafe {
        mach_port::mach_port_request_notification(
            task(),
            name,
            id,
            sync,
            notify,
            disposition,
            &raw mut previous,
        )
    };
    given(code, previous)
}

/// An array that a call has allocated, taken over and freed.
fn take_array(array: *mut u32, count: u32) -> Vec<u32> {
    let Some(start) = NonNull::new(array).filter(|_| count > 0) else {
        return Vec::new();
    };
    // SAFETY: the call that gave the array put as many words there.
    let words = unsafe { std::slice::from_raw_parts(start.as_ptr(), count as usize) }.to_vec();
    let size = words.len() * size_of::<u32>();
    // SAFETY: the array is this task's, and nothing refers to it any more.
    let code = unsafe { extra::vm_deallocate(task(), start.as_ptr() as usize, size) };
    assert_eq!(code, KERN_SUCCESS, "vm_deallocate of a given array");
    words
}

/// `mach_port_names`: each name with its type, in the order given.
pub fn names() -> Given<Vec<(mach_port_name_t, mach_port_type_t)>> {
    let (mut names, mut names_count) = (null_mut(), 0);
    let (mut types, mut types_count) = (null_mut(), 0);
    // SAFETY: all four can be written.
    let code = unsafe {
        extra::mach_port_names(
            task(),
            &raw mut names,
            &raw mut names_count,
            &raw mut types,
            &raw mut types_count,
        )
    };
    given(code, ())?;
    let (names, types) = (
        take_array(names, names_count),
        take_array(types, types_count),
    );
    assert_eq!(names.len(), types.len());
    Ok(names.into_iter().zip(types).collect())
}

/// `mach_port_get_set_status`.
pub fn members(set: mach_port_name_t) -> Given<Vec<mach_port_name_t>> {
    let (mut names, mut count) = (null_mut(), 0);
    // SAFETY: both can be written.
    let code =
        unsafe { extra::mach_port_get_set_status(task(), set, &raw mut names, &raw mut count) };
    given(code, ())?;
    Ok(take_array(names, count))
}

/// `mach_port_insert_member`.
pub fn insert_member(port: mach_port_name_t, set: mach_port_name_t) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_insert_member(task(), port, set) }
}

/// `mach_port_extract_member`.
pub fn extract_member(port: mach_port_name_t, set: mach_port_name_t) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_extract_member(task(), port, set) }
}

/// `mach_port_move_member`.
pub fn move_member(port: mach_port_name_t, after: mach_port_name_t) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_move_member(task(), port, after) }
}

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
            task(),
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
    unsafe { mach_port::mach_port_set_attributes(task(), name, flavor, words.as_mut_ptr(), count) }
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
        unsafe { extra::mach_port_get_srights(task(), name, &raw mut count) },
        count,
    )
}

/// `mach_port_set_mscount`.
pub fn set_mscount(name: mach_port_name_t, count: u32) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_set_mscount(task(), name, count) }
}

/// `mach_port_set_seqno`.
pub fn set_seqno(name: mach_port_name_t, seqno: u32) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_set_seqno(task(), name, seqno) }
}

/// `mach_port_get_context`.
pub fn context(name: mach_port_name_t) -> Given<u64> {
    let mut context = 0;
    // SAFETY: `context` can be written.
    given(
        unsafe { extra::mach_port_get_context(task(), name, &raw mut context) },
        context,
    )
}

/// `mach_port_set_context`.
pub fn set_context(name: mach_port_name_t, context: u64) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_set_context(task(), name, context) }
}

/// `mach_port_guard`.
pub fn guard(name: mach_port_name_t, guard: u64, strict: bool) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_guard(task(), name, guard, strict.into()) }
}

/// `mach_port_guard_with_flags`.
pub fn guard_with_flags(name: mach_port_name_t, guard: u64, flags: u64) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_guard_with_flags(task(), name, guard, flags) }
}

/// `mach_port_assert_attributes` with `MACH_PORT_GUARD_INFO`.
pub fn assert_guard(name: mach_port_name_t, guard: u64) -> kern_return_t {
    let mut words = [guard as i32, (guard >> 32) as i32];
    // SAFETY: as many words can be read as the call is told.
    unsafe {
        extra::mach_port_assert_attributes(
            task(),
            name,
            MACH_PORT_GUARD_INFO,
            words.as_mut_ptr(),
            words.len() as u32,
        )
    }
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
            task(),
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

/// `mach_port_unguard`.
pub fn unguard(name: mach_port_name_t, guard: u64) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_unguard(task(), name, guard) }
}

/// `mach_port_swap_guard`.
pub fn swap_guard(name: mach_port_name_t, old: u64, new: u64) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_swap_guard(task(), name, old, new) }
}

/// Ports and names as tests begin with them; what cannot be made fails the test.
pub mod made {
    use super::{allocate, extract_right, insert_right, mod_refs};
    use mach_ports::ffi::kern_return::KERN_SUCCESS;
    use mach_ports::ffi::message::{
        MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND_ONCE,
    };
    use mach_ports::ffi::port::{
        MACH_PORT_RIGHT_DEAD_NAME, MACH_PORT_RIGHT_PORT_SET, MACH_PORT_RIGHT_RECEIVE,
        mach_port_name_t,
    };

    /// A receive right.
    #[must_use]
    pub fn port() -> mach_port_name_t {
        allocate(MACH_PORT_RIGHT_RECEIVE).expect("a receive right")
    }

    /// A receive right with a send right under its name.
    #[must_use]
    pub fn port_with_send() -> mach_port_name_t {
        let name = port();
        send(name);
        name
    }

    /// One more reference to a send right under its receive right's name.
    pub fn send(name: mach_port_name_t) {
        assert_eq!(
            insert_right(name, name, MACH_MSG_TYPE_MAKE_SEND),
            KERN_SUCCESS,
            "a send right"
        );
    }

    /// A send-once right to one's own port.
    #[must_use]
    pub fn send_once(port: mach_port_name_t) -> mach_port_name_t {
        let (name, disposition) =
            extract_right(port, MACH_MSG_TYPE_MAKE_SEND_ONCE).expect("a send-once right");
        assert_eq!(disposition, MACH_MSG_TYPE_PORT_SEND_ONCE);
        name
    }

    /// A port set.
    #[must_use]
    pub fn set() -> mach_port_name_t {
        allocate(MACH_PORT_RIGHT_PORT_SET).expect("a port set")
    }

    /// A dead name with one reference, allocated as such.
    #[must_use]
    pub fn dead_name() -> mach_port_name_t {
        allocate(MACH_PORT_RIGHT_DEAD_NAME).expect("a dead name")
    }

    /// Destroys the receive right of a port; a send right under the name turns dead.
    pub fn kill(port: mach_port_name_t) {
        assert_eq!(
            mod_refs(port, MACH_PORT_RIGHT_RECEIVE, -1),
            KERN_SUCCESS,
            "the end of a receive right"
        );
    }

    /// A name that means nothing, and will not in this process: its index is beyond what tests come to.
    #[must_use]
    pub const fn absent() -> mach_port_name_t {
        0x07ff_ff03
    }
}
