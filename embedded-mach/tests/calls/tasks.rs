//! What a task is told of itself.

use std::ptr;

use embedded_mach::extra::*;
use embedded_mach::kern_return::*;
use embedded_mach::mach_init::mach_host_self;
use embedded_mach::mach_port::{mach_port_get_attributes, mach_port_insert_right};
use embedded_mach::message::{
    MACH_MSG_TYPE_MAKE_SEND, MACH_SEND_INVALID_DEST, MACH_SEND_INVALID_RIGHT,
};
use embedded_mach::port::*;
use embedded_mach::task::*;
use embedded_mach::task_info::*;
use embedded_mach::task_special_ports::*;
use embedded_mach::traps::{task_for_pid, task_name_for_pid};
use embedded_mach::vm::mach_vm_deallocate;

use super::support::{deallocate, kind, ok, page, port, release_port, send_refs, task};

/// An answer's words, or the code.
fn info(flavor: u32, room: u32) -> Result<Vec<u32>, kern_return_t> {
    let (mut words, mut count) = ([0i32; 128], room);
    // SAFETY: there is room for as many words.
    match unsafe { task_info(task(), flavor, words.as_mut_ptr(), &mut count) } {
        KERN_SUCCESS => Ok(words[..count as usize]
            .iter()
            .map(|word| *word as u32)
            .collect()),
        code => Err(code),
    }
}

fn long(words: &[u32]) -> u64 {
    u64::from(words[0]) | u64::from(words[1]) << 32
}

#[test]
fn memory_and_time() {
    let basic = info(MACH_TASK_BASIC_INFO, 64).unwrap();
    assert_eq!(basic.len() as u32, MACH_TASK_BASIC_INFO_COUNT);
    let (mapped, present, peak) = (long(&basic), long(&basic[2..]), long(&basic[4..]));
    assert!(page() < present && present <= peak && present < mapped);
    assert_eq!(basic[10..], [1, 0], "shares time, and is not suspended");

    let of_64 = info(TASK_BASIC_INFO_64, 64).unwrap();
    assert_eq!(
        (of_64.len(), of_64[0]),
        (TASK_BASIC_INFO_64_COUNT as usize, 0)
    );
    assert!(long(&of_64[3..]) < long(&of_64[1..]));
    for flavor in [TASK_BASIC_INFO_32, TASK_BASIC2_INFO_32] {
        let of_32 = info(flavor, 64).unwrap();
        assert_eq!(of_32.len(), TASK_BASIC_INFO_32_COUNT as usize);
        assert!(0 < of_32[2] && of_32[2] <= of_32[1]);
    }

    let events = info(TASK_EVENTS_INFO, 64).unwrap();
    assert_eq!(events.len(), TASK_EVENTS_INFO_COUNT as usize);
    assert!(events[0] > 0, "pages were touched");
    let running = info(TASK_THREAD_TIMES_INFO, 64).unwrap();
    assert_eq!(running.len(), TASK_THREAD_TIMES_INFO_COUNT as usize);
    let times = info(TASK_ABSOLUTETIME_INFO, 64).unwrap();
    assert_eq!(times.len(), TASK_ABSOLUTETIME_INFO_COUNT as usize);
    assert!(long(&times[4..]) <= long(&times));
}

#[test]
fn use_of_memory_in_all_its_forms() {
    let all = info(TASK_VM_INFO, 128).unwrap();
    let longest = size_of::<task_vm_info>() / 4;
    assert_eq!(all.len(), longest);
    assert_eq!(u64::from(all[3]), page());
    assert!(all[2] > 1, "regions");
    let (mapped, present, anonymous) = (long(&all), long(&all[4..]), long(&all[12..]));
    assert!(page() < anonymous && anonymous <= mapped && present <= mapped);
    assert!(long(&all[36..]) >= anonymous, "footprint");
    assert!(long(&all[38..]) < long(&all[40..]), "addresses");
    // Programs that know an earlier form get that.
    for (room, len) in [(36, 36), (37, 36), (42, 42), (92, 89), (93, 93), (94, 93)] {
        let given = info(TASK_VM_INFO_PURGEABLE, room).unwrap();
        assert_eq!(given.len(), len);
    }
    assert_eq!(info(TASK_VM_INFO, 35), Err(KERN_INVALID_ARGUMENT));

    assert_eq!(info(TASK_FLAGS_INFO, 1), Ok(vec![TF_LP64]));
    let power = info(TASK_POWER_INFO, TASK_POWER_INFO_COUNT).unwrap();
    assert_eq!(power.len(), TASK_POWER_INFO_COUNT as usize);
    assert_eq!(power[4..], [0; 8], "why processors woke is not told");
}

#[test]
fn who_it_is() {
    let token = info(TASK_AUDIT_TOKEN, TASK_AUDIT_TOKEN_COUNT).unwrap();
    let token = embedded_mach::message::audit_token_t {
        val: token.try_into().unwrap(),
    };
    let (mut user, mut pid, mut terminal) = (
        0,
        0,
        au_tid {
            port: 1,
            machine: 1,
        },
    );
    let skipped = ptr::null_mut();
    // SAFETY: each place is null or can be written.
    unsafe {
        assert_eq!(audit_token_to_pid(token), std::process::id() as i32);
        assert_eq!(audit_token_to_asid(token), 0);
        audit_token_to_au32(
            token,
            skipped,
            skipped,
            skipped,
            &mut user,
            skipped,
            &mut pid,
            ptr::null_mut(),
            &mut terminal,
        );
        assert_eq!((user, pid), (libc::getuid(), std::process::id() as i32));
    }
    assert_eq!(terminal, au_tid::default());
    let security = info(TASK_SECURITY_TOKEN, TASK_SECURITY_TOKEN_COUNT).unwrap();
    assert_eq!(security[0], user);
}

#[test]
fn what_is_not_told() {
    assert_eq!(info(MACH_TASK_BASIC_INFO, 11), Err(KERN_INVALID_ARGUMENT));
    assert_eq!(info(TASK_DYLD_INFO, 64), Err(KERN_NOT_SUPPORTED));
    assert_eq!(info(0, 64), Err(KERN_INVALID_ARGUMENT));
    assert_eq!(info(4000, 64), Err(KERN_INVALID_ARGUMENT));
}

#[test]
fn only_this_task_can_be_had_by_its_process() {
    let own = std::process::id() as i32;
    let mut name = MACH_PORT_NULL;
    let before = send_refs(task());
    // SAFETY: `name` can be written.
    unsafe {
        ok(task_for_pid(task(), own, &mut name));
        assert_eq!((name, send_refs(task())), (task(), before + 1));
        deallocate(name);
        for call in [task_for_pid, task_name_for_pid] {
            assert_eq!(call(task(), 1, &mut name), KERN_FAILURE);
        }
    }
    let mut pid = 0;
    // SAFETY: `pid` can be written.
    unsafe {
        ok(pid_for_task(task(), &mut pid));
        assert_eq!(pid, own);
        let host = host_self_trap();
        assert_eq!(pid_for_task(host, &mut pid), KERN_FAILURE);
        deallocate(host);
    }
}

/// One of the task's special ports, or the code.
fn special(which: task_special_port_t) -> Result<mach_port_name_t, kern_return_t> {
    let mut name = MACH_PORT_NULL;
    // SAFETY: `name` can be written.
    match unsafe { task_get_special_port(task(), which, &mut name) } {
        KERN_SUCCESS => Ok(name),
        code => Err(code),
    }
}

#[test]
fn what_is_to_come_of_violated_guards_is_kept() {
    let mut kept = 7;
    // SAFETY: `kept` can be written.
    unsafe {
        ok(task_get_exc_guard_behavior(task(), &mut kept));
        assert_eq!(kept, TASK_EXC_GUARD_NONE);
        ok(task_set_exc_guard_behavior(task(), TASK_EXC_GUARD_MP_ALL));
        let code = task_set_exc_guard_behavior(task(), TASK_EXC_GUARD_ALL + 1);
        assert_eq!(code, KERN_INVALID_VALUE);
        ok(task_get_exc_guard_behavior(task(), &mut kept));
        assert_eq!(kept, TASK_EXC_GUARD_MP_ALL);
        let other = port();
        let code = task_set_exc_guard_behavior(other, TASK_EXC_GUARD_NONE);
        assert_eq!(code, MACH_SEND_INVALID_DEST);
        release_port(other);
    }
}

#[test]
fn a_task_has_ports_that_are_good_for_less() {
    let [name, inspect, read] =
        [TASK_NAME_PORT, TASK_INSPECT_PORT, TASK_READ_PORT].map(|which| special(which).unwrap());
    let all = [task(), name, inspect, read];
    for (nth, port) in all.iter().enumerate() {
        assert_eq!(kind(*port), MACH_PORT_TYPE_SEND);
        assert!(!all[..nth].contains(port), "{all:x?}");
    }
    // Each is one port, however often it is asked for.
    assert_eq!(special(TASK_READ_PORT), Ok(read));
    assert_eq!(send_refs(read), 2);
    deallocate(read);
    let (mut again, mut pid) = (MACH_PORT_NULL, 0);
    let own = std::process::id() as i32;
    // SAFETY: both can be written.
    unsafe {
        ok(task_name_for_pid(task(), own, &mut again));
        assert_eq!(again, name);
        deallocate(again);
    }
    let (mut words, mut count) = ([0i32; 64], 64);
    let (mut context, mut limit, mut one) = (0, [0i32; 1], 1);
    let mut basic = Default::default();
    let receive = port();
    // SAFETY: takes a name.
    let is_self = |name| unsafe { mach_task_is_self(name) };
    assert_eq!(all.map(is_self), [1; 4]);
    assert_eq!([is_self(receive), is_self(MACH_PORT_NULL)], [0, 0]);
    for (port, good_for) in [(name, 1), (inspect, 2), (read, 3), (task(), 4)] {
        let expected = |needs: i32| {
            if good_for >= needs {
                KERN_SUCCESS
            } else {
                MACH_SEND_INVALID_DEST
            }
        };
        // SAFETY: all can be written, and have the room that is said.
        unsafe {
            ok(pid_for_task(port, &mut pid));
            assert_eq!(pid, own);
            ok(task_info(
                port,
                TASK_AUDIT_TOKEN,
                words.as_mut_ptr(),
                &mut count,
            ));
            let code = mach_port_space_basic_info(port, &mut basic);
            assert_eq!(code, expected(2));
            let code = mach_port_get_context(port, receive, &mut context);
            assert_eq!(code, expected(3));
            let flavor = MACH_PORT_LIMITS_INFO;
            let code =
                mach_port_get_attributes(port, receive, flavor, limit.as_mut_ptr(), &mut one);
            assert_eq!(code, expected(3));
            assert_eq!(mach_port_set_mscount(port, receive, 0), expected(4));
        }
    }
    release_port(receive);
    for port in [name, inspect, read] {
        deallocate(port);
        assert_eq!(kind(port), 0);
    }
}

#[test]
fn special_ports_that_nobody_has_set_are_null() {
    for which in [
        TASK_ACCESS_PORT,
        TASK_DEBUG_CONTROL_PORT,
        TASK_RESOURCE_NOTIFY_PORT,
    ] {
        assert_eq!(special(which), Ok(MACH_PORT_NULL));
    }
    for which in [0, 7, 8, TASK_MAX_SPECIAL_PORT + 1, -1] {
        assert_eq!(special(which), Err(KERN_INVALID_ARGUMENT));
    }
}

#[test]
fn the_host_has_a_port_and_a_page_size() {
    let mut size = 0;
    let stranger = port();
    // SAFETY: `size` can be written.
    unsafe {
        let host = mach_host_self();
        ok(host_page_size(host, &mut size));
        assert_eq!(size as u64, page());
        assert_eq!(host_page_size(task(), &mut size), KERN_INVALID_ARGUMENT);
        for name in [MACH_PORT_NULL, stranger] {
            assert_eq!(host_page_size(name, &mut size), MACH_SEND_INVALID_DEST);
        }
        deallocate(host);
    }
    release_port(stranger);
}

/// The rights that are kept, each with a reference.
fn lookup() -> [mach_port_name_t; 3] {
    let (mut names, mut count) = (ptr::null_mut(), 0);
    // SAFETY: both can be written; the array is read once and given back.
    unsafe {
        ok(mach_ports_lookup(task(), &mut names, &mut count));
        assert_eq!(count, 3);
        let found = *names.cast::<[mach_port_name_t; 3]>();
        ok(mach_vm_deallocate(task(), names as u64, 12));
        found
    }
}

fn register(names: &mut [mach_port_name_t]) -> kern_return_t {
    // SAFETY: there are as many names as said.
    unsafe { mach_ports_register(task(), names.as_mut_ptr(), names.len() as u32) }
}

#[test]
fn three_rights_are_kept_for_the_task() {
    assert_eq!(lookup(), [MACH_PORT_NULL; 3]);
    let (one, other) = (port(), port());
    for name in [one, other] {
        // SAFETY: takes names.
        ok(unsafe { mach_port_insert_right(task(), name, name, MACH_MSG_TYPE_MAKE_SEND) });
    }
    ok(register(&mut [one, MACH_PORT_NULL, other]));
    assert_eq!(send_refs(one), 1, "copies are kept");
    assert_eq!(lookup(), [one, MACH_PORT_NULL, other]);
    assert_eq!(send_refs(one), 2);
    // Fewer take the place of all.
    ok(register(&mut [other]));
    assert_eq!(lookup(), [other, MACH_PORT_NULL, MACH_PORT_NULL]);

    let receive_only = port();
    for wrong in [receive_only, 0x00ff_ff03] {
        assert_eq!(register(&mut [one, wrong]), MACH_SEND_INVALID_RIGHT);
    }
    assert_eq!(register(&mut [one; 4]), KERN_INVALID_ARGUMENT);
    assert_eq!(lookup()[0], other, "what was kept is kept");
    // A kept right is a right: the port has a sender as long as it is.
    release_port(other);
    assert_eq!(kind(other), MACH_PORT_TYPE_DEAD_NAME);
    assert_eq!(lookup()[0], MACH_PORT_DEAD);
    ok(register(&mut []));
    assert_eq!(lookup(), [MACH_PORT_NULL; 3]);
    release_port(one);
    release_port(receive_only);
}
