//! The name space as a whole, and the older ways of allocating in it.

use std::slice;

use embedded_mach::extra::*;
use embedded_mach::kern_return::*;
use embedded_mach::mach_debug::ipc_info::*;
use embedded_mach::mach_port::{
    mach_port_allocate, mach_port_construct, mach_port_destroy, mach_port_insert_right,
    mach_port_mod_refs,
};
use embedded_mach::message::MACH_MSG_TYPE_MAKE_SEND;
use embedded_mach::port::*;
use embedded_mach::vm::mach_vm_deallocate;

use super::support::{deallocate, kind, ok, port, release_port, task};

fn table() -> (ipc_info_space_t, Vec<ipc_info_name_t>) {
    let mut info = ipc_info_space_t::default();
    let (mut names, mut count) = (std::ptr::null_mut(), 0);
    let (mut tree, mut leaves) = (std::ptr::null_mut(), 1);
    // SAFETY: all can be written; the array is read once and given back.
    unsafe {
        ok(mach_port_space_info(
            task(),
            &mut info,
            &mut names,
            &mut count,
            &mut tree,
            &mut leaves,
        ));
        assert_eq!((tree.is_null(), leaves), (true, 0));
        let rows = slice::from_raw_parts(names, count as usize).to_vec();
        let len = count as usize * size_of::<ipc_info_name_t>();
        ok(mach_vm_deallocate(task(), names as u64, len as u64));
        (info, rows)
    }
}

#[test]
fn a_table_of_all_names() {
    let (receive, both) = (port(), port());
    let mut set = MACH_PORT_NULL;
    // SAFETY: `set` can be written.
    unsafe {
        ok(mach_port_allocate(
            task(),
            MACH_PORT_RIGHT_PORT_SET,
            &mut set,
        ));
        ok(mach_port_insert_right(
            task(),
            both,
            both,
            MACH_MSG_TYPE_MAKE_SEND,
        ));
        ok(mach_port_mod_refs(task(), both, MACH_PORT_RIGHT_SEND, 2));
    }
    let (info, rows) = table();
    let row = |name| *rows.iter().find(|row| row.iin_name == name).unwrap();
    assert_eq!(info.iis_genno_mask, 0xff);
    assert!(info.iis_table_size as usize > rows.len());
    for name in [receive, both, set] {
        assert_eq!(row(name).iin_type, kind(name));
    }
    assert_eq!(
        [receive, both, set].map(|name| row(name).iin_urefs),
        [0, 3, 0]
    );
    let objects = [receive, both, set, task()].map(|name| row(name).iin_object);
    for (at, object) in objects.iter().enumerate() {
        assert!(*object != 0 && !objects[..at].contains(object));
    }

    let mut basic = ipc_info_space_basic_t::default();
    // SAFETY: all can be written; takes names.
    unsafe {
        ok(mach_port_space_basic_info(task(), &mut basic));
        ok(mach_port_destroy(task(), set));
        ok(mach_port_destroy(task(), both));
    }
    // Other tests run beside this one.
    assert!(basic.iisb_table_inuse >= 6 && basic.iisb_table_inuse < basic.iisb_table_size);
    release_port(receive);
    assert!(!table().1.iter().any(|row| row.iin_name == set));
}

fn full(
    right: mach_port_right_t,
    proto: mach_port_t,
    flags: u32,
    wanted: mach_port_name_t,
) -> Result<mach_port_name_t, kern_return_t> {
    let mut qos = mach_port_qos_t { flags, len: 0 };
    let mut name = wanted;
    // SAFETY: both can be read and written.
    match unsafe { mach_port_allocate_full(task(), right, proto, &mut qos, &mut name) } {
        KERN_SUCCESS => Ok(name),
        code => Err(code),
    }
}

#[test]
fn allocation_with_everything() {
    const NAME: u32 = 1;
    const PREALLOC: u32 = 2;
    let high = 0x00e0_0103;
    let receive = MACH_PORT_RIGHT_RECEIVE;
    assert_eq!(full(receive, 0, NAME, high), Ok(high));
    assert_eq!(full(receive, 0, NAME, high), Err(KERN_NAME_EXISTS));
    release_port(high);
    let chosen = full(receive, 0, 0, high).unwrap();
    assert_ne!(chosen, high);
    assert_eq!(full(receive, chosen, 0, 0), Err(KERN_INVALID_VALUE));
    release_port(chosen);
    for wrong in [MACH_PORT_NULL, MACH_PORT_DEAD] {
        assert_eq!(full(receive, 0, NAME, wrong), Err(KERN_INVALID_VALUE));
    }
    assert_eq!(full(MACH_PORT_RIGHT_SEND, 0, 0, 0), Err(KERN_INVALID_VALUE));
    assert_eq!(full(receive, 0, PREALLOC, 0), Err(KERN_NOT_SUPPORTED));

    let mut qos = mach_port_qos_t { flags: 0, len: 0 };
    let mut name = MACH_PORT_NULL;
    // SAFETY: both can be read and written.
    unsafe {
        ok(mach_port_allocate_qos(task(), receive, &mut qos, &mut name));
        assert_eq!(kind(name), MACH_PORT_TYPE_RECEIVE);
        release_port(name);
        qos.flags = NAME;
        let code = mach_port_allocate_qos(task(), receive, &mut qos, &mut name);
        assert_eq!(code, KERN_INVALID_ARGUMENT);
    }
}

#[test]
fn a_connection_port_needs_a_service_port() {
    let (receive, dead) = (port(), 0x00e0_0203);
    assert_eq!(full(MACH_PORT_RIGHT_DEAD_NAME, 0, 1, dead), Ok(dead));
    for (service, code) in [
        (MACH_PORT_NULL, KERN_INVALID_ARGUMENT),
        (MACH_PORT_DEAD, KERN_INVALID_NAME),
        (0x00ff_ff03, KERN_INVALID_NAME),
        (dead, KERN_INVALID_RIGHT),
        (task(), KERN_INVALID_RIGHT),
        (receive, KERN_INVALID_CAPABILITY),
    ] {
        let mut options = mach_port_options_t {
            flags: MPO_CONNECTION_PORT,
            mpl: mach_port_limits_t { mpl_qlimit: 0 },
            reserved: [u64::from(service), 0],
        };
        let mut name = MACH_PORT_NULL;
        // SAFETY: the options can be read, and `name` can be written.
        let made = unsafe { mach_port_construct(task(), &mut options, 0, &mut name) };
        assert_eq!((made, name), (code, MACH_PORT_NULL), "{service:#x}");
    }
    release_port(receive);
    deallocate(dead);
}
