//! Ports that get a message when it is time.

use embedded_mach::kern_return::*;
use embedded_mach::mach_port::*;
use embedded_mach::mach_time::{mach_absolute_time, mach_continuous_time};
use embedded_mach::message::*;
use embedded_mach::mk_timer::*;
use embedded_mach::notify::MACH_NOTIFY_NO_SENDERS;
use embedded_mach::port::*;

use super::support::{in_child, kind, ok, port, release_port, task};

const MS: u64 = 1_000_000;
const HOUR: u64 = 3_600_000 * MS;

/// A timer, destroyed when it is dropped.
struct Timer(mach_port_name_t);

impl Timer {
    fn new() -> Self {
        // SAFETY: takes nothing.
        let name = unsafe { mk_timer_create() };
        assert_eq!(kind(name), MACH_PORT_TYPE_RECEIVE);
        Self(name)
    }

    fn arm(&self, at: u64) {
        // SAFETY: takes numbers.
        ok(unsafe { mk_timer_arm(self.0, at) });
    }

    fn cancel(&self) -> u64 {
        let mut at = 7;
        // SAFETY: `at` can be written.
        ok(unsafe { mk_timer_cancel(self.0, &mut at) });
        at
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        // SAFETY: takes names.
        ok(unsafe { mk_timer_destroy(self.0) });
    }
}

fn now() -> u64 {
    // SAFETY: takes nothing.
    unsafe { mach_absolute_time() }
}

/// Receives a timer's message, waiting for so many milliseconds.
fn receive(name: mach_port_name_t, timeout: u32) -> Result<mk_timer_expire_msg, i32> {
    #[repr(C)]
    struct Buffer {
        message: mk_timer_expire_msg,
        trailer: mach_msg_audit_trailer_t,
    }
    // SAFETY: plain numbers, and the buffer is as large as the call may write.
    unsafe {
        let mut buffer: Buffer = std::mem::zeroed();
        let options = MACH_RCV_MSG | MACH_RCV_TIMEOUT | ((MACH_RCV_TRAILER_AUDIT as i32) << 24);
        let size = size_of::<Buffer>() as u32;
        let header = &raw mut buffer.message.header;
        match mach_msg(header, options, 0, size, name, timeout, MACH_PORT_NULL) {
            MACH_MSG_SUCCESS => {
                assert_eq!(buffer.trailer.msgh_audit.val, [0; 8], "it is the kernel's");
                Ok(buffer.message)
            }
            code => Err(code),
        }
    }
}

const LONG: u32 = 20_000;

#[test]
fn fact_68_a_timer_gets_its_message_when_it_is_due() {
    let timer = Timer::new();
    for ahead in [5 * MS, 0] {
        let due = now() + ahead;
        timer.arm(due);
        let message = receive(timer.0, LONG).unwrap();
        assert!(now() >= due);
        let header = message.header;
        assert_eq!(header.msgh_bits, MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND));
        assert_eq!((header.msgh_size, header.msgh_id), (48, 0));
        assert_eq!(
            (
                header.msgh_remote_port,
                header.msgh_local_port,
                header.msgh_voucher_port
            ),
            (MACH_PORT_NULL, timer.0, MACH_PORT_NULL)
        );
        assert_eq!({ message.unused }, [0; 3]);
        assert_eq!(receive(timer.0, 0).err(), Some(MACH_RCV_TIMED_OUT));
    }
}

#[test]
fn fact_68_one_message_waits_at_most() {
    let timer = Timer::new();
    for past in [0, 1, now()] {
        timer.arm(past);
    }
    receive(timer.0, 0).unwrap();
    assert_eq!(receive(timer.0, 0).err(), Some(MACH_RCV_TIMED_OUT));
    timer.arm(0);
    receive(timer.0, 0).unwrap();
}

#[test]
fn fact_68_cancelling_tells_for_when_it_was_armed() {
    let timer = Timer::new();
    assert_eq!(timer.cancel(), 0, "it was not armed");
    let later = now() + HOUR;
    timer.arm(later);
    assert_eq!((timer.cancel(), timer.cancel()), (later, 0));
    timer.arm(later);
    timer.arm(later + 1);
    // SAFETY: null is for a time that is not wanted.
    ok(unsafe { mk_timer_cancel(timer.0, std::ptr::null_mut()) });
    assert_eq!(timer.cancel(), 0);
    // One that was due is not armed, and its message stays.
    timer.arm(0);
    assert_eq!(timer.cancel(), 0);
    receive(timer.0, 0).unwrap();
    assert_eq!(receive(timer.0, 0).err(), Some(MACH_RCV_TIMED_OUT));
}

#[test]
fn fact_68_arming_again_moves_the_time() {
    let timer = Timer::new();
    timer.arm(now() + HOUR);
    let due = now() + 3 * MS;
    timer.arm(due);
    receive(timer.0, LONG).unwrap();
    timer.arm(now() + 3 * MS);
    timer.arm(now() + HOUR);
    assert_eq!(receive(timer.0, 10).err(), Some(MACH_RCV_TIMED_OUT));
}

#[test]
fn a_timer_can_follow_the_clock_that_does_not_sleep() {
    let timer = Timer::new();
    // SAFETY: the calls take numbers.
    unsafe {
        let due = mach_continuous_time() + 3 * MS;
        let flags = MK_TIMER_CONTINUOUS | MK_TIMER_CRITICAL;
        ok(mk_timer_arm_leeway(timer.0, flags, due, HOUR));
        receive(timer.0, LONG).unwrap();
        assert!(mach_continuous_time() >= due);
        let later = now() + HOUR;
        ok(mk_timer_arm_leeway(timer.0, MK_TIMER_NORMAL, later, 0));
        assert_eq!(timer.cancel(), later);
    }
}

#[test]
fn several_timers_come_in_the_order_of_their_times() {
    let timers: Vec<Timer> = (0..4).map(|_| Timer::new()).collect();
    let mut set = MACH_PORT_NULL;
    // SAFETY: `set` can be written.
    ok(unsafe { mach_port_allocate(task(), MACH_PORT_RIGHT_PORT_SET, &mut set) });
    let from = now() + 2 * MS;
    for (timer, order) in timers.iter().zip([3, 1, 2, 0]) {
        // SAFETY: takes names.
        ok(unsafe { mach_port_insert_member(task(), timer.0, set) });
        timer.arm(from + order * MS);
    }
    let came: Vec<_> = (0..4)
        .map(|_| receive(set, LONG).unwrap().header.msgh_local_port)
        .collect();
    let expected = [3, 1, 2, 0].map(|at: usize| timers[at].0);
    assert_eq!(came, expected);
    // SAFETY: takes names.
    ok(unsafe { mach_port_mod_refs(task(), set, MACH_PORT_RIGHT_PORT_SET, -1) });
}

#[test]
fn fact_68_what_is_no_timer_is_refused() {
    let plain = port();
    let mut at = 7;
    // SAFETY: the calls take names, and `at` can be written.
    unsafe {
        let mut codes = |name| {
            [
                mk_timer_arm(name, 0),
                mk_timer_arm_leeway(name, 0, 0, 0),
                mk_timer_cancel(name, &mut at),
                mk_timer_destroy(name),
            ]
        };
        assert_eq!(codes(plain), [KERN_INVALID_ARGUMENT; 4]);
        assert_eq!(codes(task()), [KERN_INVALID_RIGHT; 4]);
        for none in [MACH_PORT_NULL, MACH_PORT_DEAD, 0x00ff_ff03] {
            assert_eq!(codes(none), [KERN_INVALID_NAME; 4]);
        }
    }
    assert_eq!(at, 7);
    release_port(plain);
}

#[test]
fn fact_68_the_kernel_is_a_sender_of_a_timer() {
    let timer = Timer::new();
    let mut rights = 7;
    // SAFETY: the out-parameters can be written.
    unsafe {
        ok(mach_port_get_srights(task(), timer.0, &mut rights));
        assert_eq!(rights, 1);
        let (notify, mut previous) = (port(), MACH_PORT_NULL);
        ok(mach_port_request_notification(
            task(),
            timer.0,
            MACH_NOTIFY_NO_SENDERS,
            0,
            notify,
            MACH_MSG_TYPE_MAKE_SEND_ONCE,
            &mut previous,
        ));
        assert_eq!(receive(notify, 0).err(), Some(MACH_RCV_TIMED_OUT));
        // The timer goes, and the request is answered as that of any port.
        drop(timer);
        let answered = receive(notify, 0).unwrap();
        assert_eq!({ answered.header }.msgh_id, 71);
        release_port(notify);
    }
}

#[test]
fn fact_68_destroying_a_timer_gives_up_all_rights_under_its_name() {
    let timer = Timer::new();
    let name = timer.0;
    // SAFETY: takes names.
    ok(unsafe { mach_port_insert_right(task(), name, name, MACH_MSG_TYPE_MAKE_SEND) });
    timer.arm(now() + HOUR);
    drop(timer);
    assert_eq!(kind(name), 0);
    // As any receive right, it can also be given up without that call.
    let timer = Timer::new();
    timer.arm(0);
    let name = timer.0;
    std::mem::forget(timer);
    release_port(name);
    assert_eq!(kind(name), 0);
}

#[test]
fn a_forked_child_has_no_timers_but_can_make_some() {
    let timer = Timer::new();
    timer.arm(now() + 50 * MS);
    let inherited = timer.0;
    assert!(in_child(|| {
        // SAFETY: takes names. A child of many threads has one.
        unsafe {
            if mk_timer_cancel(inherited, std::ptr::null_mut()) != KERN_INVALID_NAME {
                return false;
            }
            let own = mk_timer_create();
            mk_timer_arm(own, mach_absolute_time() + 2 * MS) == KERN_SUCCESS
                && receive(own, LONG).is_ok()
        }
    }));
    receive(timer.0, LONG).unwrap();
}
