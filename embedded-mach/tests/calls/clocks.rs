//! Clocks, and waiting for a time.

use std::os::unix::thread::JoinHandleExt;
use std::sync::mpsc;
use std::thread;

use embedded_mach::extra::thread_switch;
use embedded_mach::kern_return::*;
use embedded_mach::mach_time::*;
use embedded_mach::thread_switch::*;

use super::support::ok;

#[test]
fn clocks_count_nanoseconds_and_never_go_back() {
    // SAFETY: the calls take numbers, or a place to write to.
    unsafe {
        let mut base = mach_timebase_info::default();
        ok(embedded_mach::mach_time::mach_timebase_info(&mut base));
        assert_eq!((base.numer, base.denom), (1, 1));
        for clock in [
            mach_absolute_time,
            mach_approximate_time,
            mach_continuous_time,
            mach_continuous_approximate_time,
        ] {
            let (one, other) = (clock(), clock());
            assert!(0 < one && one <= other);
        }
        assert!(mach_approximate_time() <= mach_absolute_time());
        assert!(mach_absolute_time() <= mach_continuous_time());
    }
}

#[test]
fn a_wait_lasts_until_its_time() {
    // SAFETY: the calls take numbers.
    unsafe {
        let later = mach_absolute_time() + 2_000_000;
        ok(mach_wait_until(later));
        assert!(mach_absolute_time() >= later);
        ok(mach_wait_until(0));

        let begun = mach_absolute_time();
        ok(thread_switch(0, SWITCH_OPTION_WAIT, 2));
        assert!(mach_absolute_time() >= begun + 2_000_000);
        ok(thread_switch(0, SWITCH_OPTION_NONE, 10_000));
        ok(thread_switch(0, SWITCH_OPTION_DEPRESS, 10_000));
        assert_eq!(thread_switch(0, 9, 0), KERN_INVALID_ARGUMENT);
    }
}

extern "C" fn nothing(_: libc::c_int) {}

#[test]
fn a_signal_ends_a_wait() {
    let handler: extern "C" fn(libc::c_int) = nothing;
    // SAFETY: the handler does nothing, so may run anywhere.
    unsafe { libc::signal(libc::SIGUSR1, handler as libc::sighandler_t) };
    let (tell, told) = mpsc::channel();
    let thread = thread::spawn(move || {
        tell.send(()).unwrap();
        // SAFETY: the calls take numbers.
        unsafe { mach_wait_until(mach_absolute_time() + 10_000_000_000) }
    });
    told.recv().unwrap();
    // Until it is known to have arrived in the wait, for a signal before that ends nothing.
    while !thread.is_finished() {
        // SAFETY: the thread has not been joined.
        unsafe { libc::pthread_kill(thread.as_pthread_t(), libc::SIGUSR1) };
        thread::yield_now();
    }
    assert_eq!(thread.join().unwrap(), KERN_ABORTED);
}

#[test]
fn the_times_of_several_clocks_at_once() {
    let (mut awake, mut all) = (0, 0);
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: -1,
    };
    // SAFETY: the out-parameters can be written, or are null.
    unsafe {
        let before = mach_absolute_time();
        assert_eq!(mach_get_times(&mut awake, &mut all, &mut now), KERN_SUCCESS);
        assert!((before..=mach_absolute_time()).contains(&awake) && all >= before);
        let (none, no_time) = (std::ptr::null_mut(), std::ptr::null_mut());
        assert_eq!(mach_get_times(none, none, no_time), KERN_SUCCESS);
    }
    assert!(now.tv_sec > 1_600_000_000 && now.tv_nsec >= 0);
    let mut info = mach_timebase_info { numer: 0, denom: 0 };
    // SAFETY: as above.
    assert_eq!(unsafe { mach_timebase_info_trap(&mut info) }, KERN_SUCCESS);
    assert_eq!((info.numer, info.denom), (1, 1));
}
