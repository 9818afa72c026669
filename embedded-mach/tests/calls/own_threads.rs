//! What is told of this task's threads, and asked for them.

use std::sync::mpsc;
use std::thread::Builder;

use embedded_mach::boolean::boolean_t;
use embedded_mach::kern_return::*;
use embedded_mach::mach_init::mach_thread_self;
use embedded_mach::message::MACH_SEND_INVALID_DEST;
use embedded_mach::policy::POLICY_TIMESHARE;
use embedded_mach::port::{MACH_PORT_NULL, mach_port_name_t};
use embedded_mach::task::task_threads;
use embedded_mach::thread_info::*;
use embedded_mach::thread_policy::*;
use embedded_mach::vm::mach_vm_deallocate;

use super::support::{deallocate, ok, task};

fn info(thread: u32, flavor: thread_flavor_t, room: u32) -> Result<Vec<i32>, kern_return_t> {
    let (mut words, mut count) = ([-1; 64], room);
    // SAFETY: there is room for as many words.
    match unsafe { thread_info(thread, flavor, words.as_mut_ptr(), &mut count) } {
        KERN_SUCCESS => Ok(words[..count as usize].to_vec()),
        code => Err(code),
    }
}

fn own() -> mach_port_name_t {
    // SAFETY: takes nothing.
    unsafe { mach_thread_self() }
}

fn threads() -> Vec<mach_port_name_t> {
    let (mut list, mut count) = (std::ptr::null_mut(), 0);
    // SAFETY: the places can be written; the call allocates the array for its caller.
    unsafe {
        ok(task_threads(task(), &mut list, &mut count));
        let names = std::slice::from_raw_parts(list, count as usize).to_vec();
        ok(mach_vm_deallocate(
            task(),
            list as u64,
            u64::from(count) * 4,
        ));
        names
    }
}

#[test]
fn a_thread_tells_what_it_is_and_does() {
    Builder::new()
        .name("told".to_owned())
        .spawn(|| {
            let own = own();
            let basic = info(own, THREAD_BASIC_INFO, 64).unwrap();
            assert_eq!(basic.len(), THREAD_BASIC_INFO_COUNT as usize);
            assert!((0..=TH_USAGE_SCALE).contains(&basic[4]));
            assert_eq!(basic[5..], [POLICY_TIMESHARE, TH_STATE_RUNNING, 0, 0, 0]);

            let id = info(own, THREAD_IDENTIFIER_INFO, 6).unwrap();
            // SAFETY: takes nothing.
            assert_eq!(id, [unsafe { libc::gettid() }, 0, 0, 0, 0, 0]);

            let extended = info(own, THREAD_EXTENDED_INFO, 28).unwrap();
            let name: Vec<u8> = extended[12..]
                .iter()
                .flat_map(|word| word.to_ne_bytes())
                .collect();
            assert!(name.starts_with(b"told\0"));
            assert_eq!(extended[5..7], [POLICY_TIMESHARE, TH_STATE_RUNNING]);

            for (flavor, room) in [
                (THREAD_BASIC_INFO, 9),
                (THREAD_IDENTIFIER_INFO, 5),
                (THREAD_EXTENDED_INFO, 27),
                (10, 64),
            ] {
                assert_eq!(info(own, flavor, room), Err(KERN_INVALID_ARGUMENT));
            }
            deallocate(own);
        })
        .unwrap()
        .join()
        .unwrap();
    assert_eq!(
        info(task(), THREAD_BASIC_INFO, 64),
        Err(KERN_INVALID_ARGUMENT)
    );
    assert_eq!(
        info(MACH_PORT_NULL, THREAD_BASIC_INFO, 64),
        Err(MACH_SEND_INVALID_DEST)
    );
}

#[test]
fn all_threads_of_the_task_are_listed_while_they_run() {
    let (tell, told) = mpsc::channel();
    let (end, ended) = mpsc::channel::<()>();
    let other = std::thread::spawn(move || {
        tell.send(own()).unwrap();
        let _ = ended.recv();
    });
    let (other_port, own) = (told.recv().unwrap(), own());
    let listed = threads();
    assert!(listed.contains(&own) && listed.contains(&other_port));
    assert!(info(other_port, THREAD_BASIC_INFO, 10).is_ok());
    drop(end);
    other.join().unwrap();
    // It is joined a moment before the system has forgotten it.
    while info(other_port, THREAD_BASIC_INFO, 10) != Err(MACH_SEND_INVALID_DEST) {
        std::thread::yield_now();
    }
    for name in listed.into_iter().chain([own, other_port]) {
        deallocate(name);
    }
}

fn set(flavor: thread_policy_flavor_t, policy: &mut [i32]) -> kern_return_t {
    // SAFETY: there are as many integers.
    unsafe { thread_policy_set(own(), flavor, policy.as_mut_ptr(), policy.len() as u32) }
}

/// What was asked for, and whether that is what is usual.
fn get(flavor: thread_policy_flavor_t, usual: boolean_t) -> (Vec<i32>, bool) {
    let (mut policy, mut count, mut usual) = ([-1; 8], 8, usual);
    // SAFETY: there is room for as many integers.
    ok(unsafe { thread_policy_get(own(), flavor, policy.as_mut_ptr(), &mut count, &mut usual) });
    (policy[..count as usize].to_vec(), usual != 0)
}

#[test]
fn policies_are_kept_for_the_thread_that_they_were_asked_for() {
    let usual = (vec![0, 5_000_000, 10_000_000, 1], true);
    let time = THREAD_TIME_CONSTRAINT_POLICY;
    assert_eq!(get(time, 0), usual);
    assert_eq!(get(THREAD_EXTENDED_POLICY, 0), (vec![1], true));
    let mut asked = [1_000_000, 60_000, 100_000, 0];
    ok(set(time, &mut asked));
    assert_eq!(get(time, 0), (asked.to_vec(), false));
    assert_eq!(get(time, 1), usual);
    // Too short, too long, longer than there is time, too few.
    for [computation, constraint] in [
        [49_999, 100_000],
        [50_000_001, 60_000_000],
        [60_000, 59_999],
    ] {
        assert_eq!(
            set(time, &mut [0, computation, constraint, 1]),
            KERN_INVALID_ARGUMENT
        );
    }
    assert_eq!(set(time, &mut asked[..3]), KERN_INVALID_ARGUMENT);
    for flavor in [
        THREAD_EXTENDED_POLICY,
        THREAD_PRECEDENCE_POLICY,
        THREAD_AFFINITY_POLICY,
        THREAD_BACKGROUND_POLICY,
        THREAD_LATENCY_QOS_POLICY,
        THREAD_THROUGHPUT_QOS_POLICY,
    ] {
        ok(set(flavor, &mut [5]));
        assert_eq!(get(flavor, 0), (vec![5], false));
    }
    ok(set(THREAD_STANDARD_POLICY, &mut []));
    assert_eq!(get(THREAD_EXTENDED_POLICY, 0), (vec![1], false));
    assert_eq!(set(6, &mut [5]), KERN_INVALID_ARGUMENT);
    let other = std::thread::spawn(move || get(time, 0));
    assert_eq!(other.join().unwrap(), usual);
}
