//! `thread_info` and `task_threads`: the threads of this task.

use super::names::{give_array, in_pages};
use super::words::Words;
use super::{code, kernel_of};
use crate::headers::kern_return::{
    KERN_INVALID_ARGUMENT, KERN_INVALID_NAME, KERN_INVALID_RIGHT, kern_return_t,
};
use crate::headers::mach_types::{task_t, thread_act_array_t, thread_act_t};
use crate::headers::message::{MACH_SEND_INVALID_DEST, mach_msg_type_number_t};
use crate::headers::policy::{POLICY_FIFO, POLICY_RR, POLICY_TIMESHARE};
use crate::headers::port::mach_port_name_t;
use crate::headers::thread_info::{
    MAXTHREADNAMESIZE, TH_STATE_HALTED, TH_STATE_RUNNING, TH_STATE_STOPPED,
    TH_STATE_UNINTERRUPTIBLE, TH_STATE_WAITING, TH_USAGE_SCALE, THREAD_BASIC_INFO,
    THREAD_EXTENDED_INFO, THREAD_IDENTIFIER_INFO, thread_flavor_t, thread_info_t,
};
use crate::kernel::objects::kobject::KernelObject;
use crate::kernel::{Kernel, Result};
use crate::sys::threads::{self, Thread};

/// The number of a thread, by its port, and what is known of it. One that has ended has no port any more.
pub(super) fn thread_in(kernel: &mut Kernel, name: mach_port_name_t) -> Result<(i32, Thread)> {
    match kernel.object(name) {
        Ok(&KernelObject::Thread(number)) => {
            let thread = threads::look(number).ok_or(MACH_SEND_INVALID_DEST)?;
            Ok((number, thread))
        }
        Err(KERN_INVALID_NAME | KERN_INVALID_RIGHT) => Err(MACH_SEND_INVALID_DEST),
        _ => Err(KERN_INVALID_ARGUMENT),
    }
}

/// Facts about a thread of this task: basic, identifier and extended flavors. Others are `KERN_INVALID_ARGUMENT`, as is too
/// small a count.
pub unsafe extern "C" fn thread_info(
    target_act: thread_act_t,
    flavor: thread_flavor_t,
    thread_info_out: thread_info_t,
    thread_info_out_count: *mut mach_msg_type_number_t,
) -> kern_return_t {
    let found = thread_in(&mut crate::kernel::task::lock(), target_act);
    let answer = found.and_then(|(number, thread)| answer(flavor, number, &thread));
    code(answer.and_then(|answer| {
        // SAFETY: the caller's promise.
        unsafe {
            answer.give(
                thread_info_out,
                thread_info_out_count,
                KERN_INVALID_ARGUMENT,
            )
        }
    }))
}

fn answer(flavor: thread_flavor_t, number: i32, thread: &Thread) -> Result<Words> {
    let words = Words::default();
    let (user, system) = thread.times;
    Ok(match flavor {
        THREAD_BASIC_INFO => words
            .time(user)
            .time(system)
            .signed(usage(thread))
            .signed(policy(thread))
            .signed(state(thread))
            .word(0)
            .word(0)
            .word(0),
        THREAD_IDENTIFIER_INFO => words.long(number.unsigned_abs().into()).long(0).long(0),
        THREAD_EXTENDED_INFO => {
            let words = words
                .nanoseconds(user)
                .nanoseconds(system)
                .signed(usage(thread))
                .signed(policy(thread))
                .signed(state(thread))
                .word(0)
                .word(0)
                .signed(thread.priority)
                .signed(thread.priority)
                .word(0);
            let mut name = [0u8; MAXTHREADNAMESIZE];
            let length = thread.name.len().min(MAXTHREADNAMESIZE - 1);
            name[..length].copy_from_slice(&thread.name[..length]);
            let (name, _) = name.as_chunks::<4>();
            name.iter()
                .map(|bytes| u32::from_ne_bytes(*bytes))
                .fold(words, Words::word)
        }
        _ => return Err(KERN_INVALID_ARGUMENT),
    })
}

/// The share of a processor that a thread has used since it began.
fn usage(thread: &Thread) -> i32 {
    let used = thread.times.0 + thread.times.1;
    let scale = u128::from(TH_USAGE_SCALE.unsigned_abs());
    let share = used.as_nanos() * scale / thread.age.as_nanos().max(1);
    // Ticks are coarse.
    share.min(scale) as i32
}

fn policy(thread: &Thread) -> i32 {
    match thread.policy {
        libc::SCHED_FIFO => POLICY_FIFO,
        libc::SCHED_RR => POLICY_RR,
        _ => POLICY_TIMESHARE,
    }
}

fn state(thread: &Thread) -> i32 {
    match thread.state {
        b'R' => TH_STATE_RUNNING,
        b'T' | b't' => TH_STATE_STOPPED,
        b'D' => TH_STATE_UNINTERRUPTIBLE,
        b'Z' | b'X' => TH_STATE_HALTED,
        _ => TH_STATE_WAITING,
    }
}

/// Send rights to the threads of this task, those of the library included, in an array that the caller frees with
/// `vm_deallocate`.
pub unsafe extern "C" fn task_threads(
    target_task: task_t,
    act_list: *mut thread_act_array_t,
    act_list_count: *mut mach_msg_type_number_t,
) -> kern_return_t {
    let ports = kernel_of(target_task).and_then(|mut kernel| {
        threads::all()
            .into_iter()
            .map(|thread| {
                let right = kernel.thread_right(thread);
                kernel.copyout_right(right)
            })
            .collect::<Result<Vec<_>>>()
    });
    let ports = ports.and_then(|ports| in_pages(&ports));
    // SAFETY: the caller's promise.
    unsafe { give_array(act_list, act_list_count, ports) }
}
