//! What forked and spawned children inherit: the bootstrap port and the registered ports.

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use embedded_mach::bootstrap::{bootstrap_check_in, bootstrap_port};
use embedded_mach::extra::{mach_port_type, vm_deallocate};
use embedded_mach::linux::INHERITED_PORTS_VARIABLE;
use embedded_mach::mach_port::{mach_port_deallocate, mach_port_insert_right, mach_port_mod_refs};
use embedded_mach::message::{MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND};
use embedded_mach::port::*;
use embedded_mach::task::{
    mach_ports_lookup, mach_ports_register, task_get_special_port, task_set_special_port,
};
use embedded_mach::task_special_ports::TASK_BOOTSTRAP_PORT;
use embedded_mach::traps::mach_task_self;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};

use crate::mail::{port, receive, send};

/// Which part a started process has.
const PART: &str = "EMBEDDED_MACH_TEST_HEIR";

/// Runs a test in a process of its own, whose bootstrap port it may change, or a part of it in a further one.
fn alone(test: &str, parts: impl FnOnce(&str)) {
    match std::env::var(PART) {
        Ok(part) => parts(&part),
        Err(_) => end(start(test, "first")),
    }
}

fn start(test: &str, part: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(PART, part)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

fn end(mut child: Child) {
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}");
}

fn with_send(name: u32) -> u32 {
    // SAFETY: takes names.
    let code =
        unsafe { mach_port_insert_right(mach_task_self(), name, name, MACH_MSG_TYPE_MAKE_SEND) };
    assert_eq!(code, 0);
    name
}

fn type_of(name: u32) -> u32 {
    let mut found = 0;
    // SAFETY: `found` can be written.
    let code = unsafe { mach_port_type(mach_task_self(), name, &mut found) };
    assert_eq!(code, 0);
    found
}

fn set_bootstrap(name: u32) {
    // SAFETY: takes a name; nothing else reads the environment at this time.
    let code = unsafe { task_set_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT, name) };
    assert_eq!(code, 0);
}

fn bootstrap() -> u32 {
    let mut name = 0;
    // SAFETY: `name` can be written.
    let code = unsafe { task_get_special_port(mach_task_self(), TASK_BOOTSTRAP_PORT, &mut name) };
    assert_eq!(code, 0);
    name
}

fn register(mut names: [u32; 3]) {
    // SAFETY: three names; nothing else reads the environment at this time.
    let code = unsafe { mach_ports_register(mach_task_self(), names.as_mut_ptr(), 3) };
    assert_eq!(code, 0);
}

fn registered() -> [u32; 3] {
    let (mut names, mut count) = (std::ptr::null_mut(), 0);
    // SAFETY: what is given is an array of as many names, and freed.
    unsafe {
        assert_eq!(
            mach_ports_lookup(mach_task_self(), &mut names, &mut count),
            0
        );
        assert_eq!(count, 3);
        let three = names.cast::<[u32; 3]>().read_unaligned();
        assert_eq!(vm_deallocate(mach_task_self(), names as usize, 12), 0);
        three
    }
}

/// A child's part: it has what its parent had, and no more than one name for a port.
fn use_what_is_inherited(number: u64) {
    let inherited = bootstrap();
    // SAFETY: written by nobody here.
    assert_eq!(inherited, unsafe { bootstrap_port });
    assert_eq!(type_of(inherited), MACH_PORT_TYPE_SEND);
    let [other, nothing, same] = registered();
    assert_eq!((nothing, same), (MACH_PORT_NULL, inherited));
    send(other, &[(inherited, MACH_MSG_TYPE_COPY_SEND)], number);
    send(inherited, &[], number);
}

fn heard(inbox: u32, other: u32, number: u64) {
    assert_eq!(receive(inbox).number, number);
    let mail = receive(other);
    assert_eq!((mail.rights[0].0, mail.number), (inbox, number));
    // SAFETY: takes a name.
    let code = unsafe { mach_port_deallocate(mach_task_self(), inbox) };
    assert_eq!(code, 0);
}

fn in_a_fork(part: impl FnOnce()) {
    // SAFETY: this process has one thread that goes on, and the child ends here.
    match unsafe { fork() }.unwrap() {
        ForkResult::Parent { child } => {
            assert_eq!(waitpid(child, None).unwrap(), WaitStatus::Exited(child, 0));
        }
        ForkResult::Child => {
            let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(part)).is_ok();
            // SAFETY: ends the process at once.
            unsafe { libc::_exit(i32::from(!done)) }
        }
    }
}

#[test]
fn children_and_theirs_begin_with_their_parents_ports() {
    const TEST: &str = "inherited::children_and_theirs_begin_with_their_parents_ports";
    alone(TEST, |part| match part {
        "first" => {
            let directory = bootstrap();
            let (inbox, other) = (with_send(port()), with_send(port()));
            set_bootstrap(inbox);
            register([other, MACH_PORT_NULL, inbox]);
            in_a_fork(|| {
                use_what_is_inherited(1);
                in_a_fork(|| use_what_is_inherited(2));
            });
            end(start(TEST, "second"));
            for number in [1, 2, 3, 4] {
                heard(inbox, other, number);
            }
            set_bootstrap(directory);
            register([MACH_PORT_NULL; 3]);
            end(start(TEST, "nothing"));
        }
        "second" => {
            use_what_is_inherited(3);
            end(start(TEST, "third"));
        }
        "third" => use_what_is_inherited(4),
        _ => {
            assert_eq!(registered(), [MACH_PORT_NULL; 3]);
            assert!(std::env::var_os(INHERITED_PORTS_VARIABLE).is_none());
        }
    });
}

#[test]
fn the_directory_can_be_handed_to_a_child_that_inherited_a_port() {
    const TEST: &str = "inherited::the_directory_can_be_handed_to_a_child_that_inherited_a_port";
    alone(TEST, |_| {
        let directory = bootstrap();
        let inbox = with_send(port());
        set_bootstrap(inbox);
        let child = || {
            let (parent, own) = (bootstrap(), with_send(port()));
            send(parent, &[(own, MACH_MSG_TYPE_COPY_SEND)], 1);
            let given = receive(own).rights[0].0;
            set_bootstrap(given);
            assert_eq!((bootstrap(), type_of(given)), (given, MACH_PORT_TYPE_SEND));
            let mut service = 0;
            // SAFETY: a string, and a place that can be written.
            let code =
                unsafe { bootstrap_check_in(given, c"org.example.heir".as_ptr(), &mut service) };
            assert_eq!(code, 0);
        };
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let own = receive(inbox).rights[0].0;
                send(own, &[(directory, MACH_MSG_TYPE_COPY_SEND)], 2);
            });
            in_a_fork(child);
        });
    });
}

/// Set also when a test fails, or the thread that waits for it would never end.
struct SetAtEnd<'a>(&'a AtomicBool);

impl Drop for SetAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_child_forked_while_another_thread_sets_the_port_can_begin() {
    const TEST: &str = "inherited::a_child_forked_while_another_thread_sets_the_port_can_begin";
    alone(TEST, |_| {
        let (directory, inbox) = (bootstrap(), with_send(port()));
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    set_bootstrap(inbox);
                    set_bootstrap(directory);
                }
            });
            let _done = SetAtEnd(&done);
            for _ in 0..100 {
                in_a_fork(|| {
                    // SAFETY: ends this process if it hangs.
                    unsafe { libc::alarm(20) };
                    assert_eq!(type_of(bootstrap()), MACH_PORT_TYPE_SEND);
                });
            }
        });
    });
}

#[test]
fn a_dead_bootstrap_port_is_inherited_as_a_dead_name() {
    const TEST: &str = "inherited::a_dead_bootstrap_port_is_inherited_as_a_dead_name";
    alone(TEST, |part| {
        if part == "first" {
            let inbox = with_send(port());
            set_bootstrap(inbox);
            // SAFETY: takes a name.
            let code =
                unsafe { mach_port_mod_refs(mach_task_self(), inbox, MACH_PORT_RIGHT_RECEIVE, -1) };
            assert_eq!(code, 0);
            end(start(TEST, "second"));
        } else {
            assert_eq!(bootstrap(), MACH_PORT_DEAD);
            // SAFETY: written by nobody here.
            assert_eq!(type_of(unsafe { bootstrap_port }), MACH_PORT_TYPE_DEAD_NAME);
        }
    });
}

/// A deviation: on Mach no child could.
#[test]
fn a_child_can_end_what_its_siblings_inherit_and_not_what_they_have() {
    const TEST: &str =
        "inherited::a_child_can_end_what_its_siblings_inherit_and_not_what_they_have";
    alone(TEST, |part| match part {
        "first" => {
            let inbox = with_send(port());
            set_bootstrap(inbox);
            // The elder has taken its own link when it says so, and goes on with it after the second has done its deed.
            let elder = start(TEST, "elder");
            let (go, number) = (receive(inbox).rights[0].0, 2);
            end(start(TEST, "hostile"));
            send(go, &[], 1);
            assert_eq!(receive(inbox).number, number);
            end(elder);
            end(start(TEST, "late"));
        }
        "elder" => {
            let own = with_send(port());
            send(bootstrap(), &[(own, MACH_MSG_TYPE_COPY_SEND)], 1);
            assert_eq!(receive(own).number, 1);
            send(bootstrap(), &[], 2);
        }
        "hostile" => {
            let said = std::env::var(INHERITED_PORTS_VARIABLE).unwrap();
            let (end, _) = said.split_once(':').unwrap();
            let end = end.parse().unwrap();
            nix::sys::socket::shutdown(end, nix::sys::socket::Shutdown::Both).unwrap();
        }
        _ => assert_eq!(bootstrap(), MACH_PORT_DEAD),
    });
}
