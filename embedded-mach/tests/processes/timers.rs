//! Timers whose receive right goes to another task.

use embedded_mach::extra::mach_port_get_srights;
use embedded_mach::kern_return::*;
use embedded_mach::mach_time::mach_absolute_time;
use embedded_mach::message::*;
use embedded_mach::mk_timer::*;
use embedded_mach::port::MACH_PORT_NULL;
use embedded_mach::traps::mach_task_self;

use crate::mail::send;
use crate::second::two;

/// Receives a message without a body, without waiting.
fn look(port: u32) -> Result<i32, i32> {
    let mut buffer = [0u32; 32];
    let option = MACH_RCV_MSG | MACH_RCV_TIMEOUT;
    let room = size_of_val(&buffer) as u32;
    let message = buffer.as_mut_ptr().cast();
    // SAFETY: there is as much room as said.
    match unsafe { mach_msg(message, option, 0, room, port, 0, MACH_PORT_NULL) } {
        MACH_MSG_SUCCESS => Ok(buffer[5].cast_signed()),
        code => Err(code),
    }
}

#[test]
fn fact_68_a_timer_that_leaves_its_task_is_a_port_like_any_other() {
    two(
        "timers::fact_68_a_timer_that_leaves_its_task_is_a_port_like_any_other",
        |pair| {
            // SAFETY: takes numbers.
            let timer = unsafe {
                let timer = mk_timer_create();
                assert_eq!(mk_timer_arm(timer, 0), KERN_SUCCESS);
                assert_eq!(
                    mk_timer_arm(timer, mach_absolute_time() + 1_000_000),
                    KERN_SUCCESS
                );
                timer
            };
            send(pair.outbox, &[(timer, MACH_MSG_TYPE_MOVE_RECEIVE)], 0);
            pair.receive();
        },
        |pair| {
            let [port] = pair.rights();
            // What had come goes with the port, and no other comes.
            assert_eq!(look(port), Ok(0));
            let mut senders = 7;
            // SAFETY: takes names, and `senders` can be written.
            unsafe {
                assert_eq!(mk_timer_arm(port, 0), KERN_INVALID_ARGUMENT);
                let task = mach_task_self();
                assert_eq!(
                    mach_port_get_srights(task, port, &mut senders),
                    KERN_SUCCESS
                );
            }
            assert_eq!((senders, look(port)), (0, Err(MACH_RCV_TIMED_OUT)));
            pair.send(&[], 0);
        },
    );
}
