//! `task_info`: what a task uses.

use std::time::Duration;

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};

use super::words::Words;
use super::{code, kernel_by};
use crate::headers::kern_return::{
    KERN_FAILURE, KERN_INVALID_ARGUMENT, KERN_NOT_SUPPORTED, kern_return_t,
};
use crate::headers::mach_types::task_name_t;
use crate::headers::message::mach_msg_type_number_t;
use crate::headers::policy::POLICY_TIMESHARE;
use crate::headers::task_info::{
    MACH_TASK_BASIC_INFO, TASK_ABSOLUTETIME_INFO, TASK_AUDIT_TOKEN, TASK_BASIC_INFO_32,
    TASK_BASIC_INFO_64, TASK_BASIC2_INFO_32, TASK_EVENTS_INFO, TASK_FLAGS_INFO, TASK_POWER_INFO,
    TASK_SECURITY_TOKEN, TASK_THREAD_TIMES_INFO, TASK_VM_INFO, TASK_VM_INFO_COUNTS,
    TASK_VM_INFO_PURGEABLE, TF_LP64, task_flavor_t, task_info_t,
};
use crate::kernel::Result;
use crate::kernel::messages::kmsg::Sender;
use crate::kernel::objects::kobject::TaskPort;
use crate::sys::usage::{self, Kinds};
use crate::sys::{maps, memory};

/// Facts about the task. Flavors of macOS that stand for nothing here are `KERN_NOT_SUPPORTED`, other numbers
/// `KERN_INVALID_ARGUMENT`, as is too small a count.
#[allow(non_snake_case, reason = "the parameter's name in mach2")]
pub unsafe extern "C" fn task_info(
    target_task: task_name_t,
    flavor: task_flavor_t,
    task_info_out: task_info_t,
    task_info_outCnt: *mut mach_msg_type_number_t,
) -> kern_return_t {
    let sender = kernel_by(target_task, TaskPort::Name).map(|kernel| kernel.as_sender());
    code(sender.and_then(|sender| {
        // SAFETY: the caller's promise.
        let answer = answer(flavor, sender, unsafe { task_info_outCnt.read() })?;
        // SAFETY: the caller's promise.
        unsafe { answer.give(task_info_out, task_info_outCnt, KERN_INVALID_ARGUMENT) }
    }))
}

fn answer(flavor: task_flavor_t, sender: Sender, room: u32) -> Result<Words> {
    let words = Words::default();
    Ok(match flavor {
        TASK_SECURITY_TOKEN => words.word(sender.uid).word(sender.gid),
        TASK_AUDIT_TOKEN => sender.audit_token().into_iter().fold(words, Words::word),
        TASK_BASIC_INFO_32 | TASK_BASIC2_INFO_32 => {
            let Resources {
                mapped,
                present,
                peak,
                ended,
                ..
            } = resources()?;
            let resident = if flavor == TASK_BASIC2_INFO_32 {
                peak
            } else {
                present
            };
            words
                .word(0)
                .size_32(mapped)
                .size_32(resident)
                .time(ended.0)
                .time(ended.1)
                .word(POLICY_TIMESHARE as u32)
        }
        TASK_BASIC_INFO_64 => {
            let Resources {
                mapped,
                present,
                ended,
                ..
            } = resources()?;
            words
                .word(0)
                .long(mapped)
                .long(present)
                .time(ended.0)
                .time(ended.1)
                .word(POLICY_TIMESHARE as u32)
        }
        MACH_TASK_BASIC_INFO => {
            let Resources {
                mapped,
                present,
                peak,
                ended,
                ..
            } = resources()?;
            words
                .long(mapped)
                .long(present)
                .long(peak)
                .time(ended.0)
                .time(ended.1)
                .word(POLICY_TIMESHARE as u32)
                .word(0)
        }
        TASK_EVENTS_INFO => {
            let usage = used()?;
            words
                .count(usage.minor_page_faults() + usage.major_page_faults())
                .count(usage.major_page_faults())
                .word(0)
                .word(0)
                .word(0)
                .word(0)
                .word(0)
                .count(usage.voluntary_context_switches() + usage.involuntary_context_switches())
        }
        TASK_THREAD_TIMES_INFO => {
            let (user, system) = resources()?.running;
            words.time(user).time(system)
        }
        TASK_ABSOLUTETIME_INFO => {
            let Resources { running, ended, .. } = resources()?;
            words
                .nanoseconds(running.0 + ended.0)
                .nanoseconds(running.1 + ended.1)
                .nanoseconds(running.0)
                .nanoseconds(running.1)
        }
        TASK_VM_INFO | TASK_VM_INFO_PURGEABLE => vm_info(room)?,
        // Why processors woke is not told.
        TASK_POWER_INFO => {
            let Resources { running, ended, .. } = resources()?;
            words
                .nanoseconds(running.0 + ended.0)
                .nanoseconds(running.1 + ended.1)
                .long(0)
                .long(0)
                .long(0)
                .long(0)
        }
        TASK_FLAGS_INFO => words.word(TF_LP64),
        known if (1..=TASK_FLAGS_INFO).contains(&known) => return Err(KERN_NOT_SUPPORTED),
        _ => return Err(KERN_INVALID_ARGUMENT),
    })
}

/// The use of memory, as far as Linux tells of it and the caller has room: there are seven later forms, each with more behind.
fn vm_info(room: u32) -> Result<Words> {
    let Resources {
        mapped,
        present,
        peak,
        ..
    } = resources()?;
    let Kinds {
        anonymous,
        of_files,
        swapped,
    } = usage::kinds().ok_or(KERN_FAILURE)?;
    let regions = maps::count().map_err(|_| KERN_FAILURE)?;
    let first = Words::default()
        .long(mapped)
        .count(i64::try_from(regions).unwrap_or(i64::MAX))
        .count(memory::page_size() as i64)
        .long(present)
        .long(peak)
        // Devices and their peak.
        .long(0)
        .long(0)
        .long(anonymous)
        .long(anonymous)
        .long(of_files)
        .long(of_files)
        // Reusable memory and its peak, and purgeable memory in three ways.
        .long(0)
        .long(0)
        .long(0)
        .long(0)
        .long(0)
        // What is compressed on macOS is swapped out here.
        .long(swapped)
        .long(swapped)
        .long(swapped)
        .long(anonymous + swapped);
    let mut words = first.long(memory::LOWEST).long(memory::HIGHEST).0;
    let count = TASK_VM_INFO_COUNTS
        .into_iter()
        .rev()
        .find(|&count| count <= room);
    words.resize(count.ok_or(KERN_INVALID_ARGUMENT)? as usize, 0);
    Ok(Words(words))
}

/// What the process has used.
struct Resources {
    /// Bytes.
    mapped: u64,
    present: u64,
    peak: u64,
    /// Time in user mode and in the kernel of the threads there are, and of those that have ended.
    running: (Duration, Duration),
    ended: (Duration, Duration),
}

fn resources() -> Result<Resources> {
    let usage = used()?;
    let (mapped, present) = usage::memory().ok_or(KERN_FAILURE)?;
    let (user, system) = usage::thread_times().ok_or(KERN_FAILURE)?;
    let all = (duration(usage.user_time()), duration(usage.system_time()));
    // In a unit of 1,024 bytes, which is kept at a coarser moment than what is present.
    let peak = usage.max_rss().max(0).cast_unsigned() * 1024;
    Ok(Resources {
        mapped,
        present,
        peak: peak.max(present),
        running: (user, system),
        // Ticks are coarse: what all threads have used can seem less than what those that run have.
        ended: (all.0.saturating_sub(user), all.1.saturating_sub(system)),
    })
}

fn used() -> Result<Usage> {
    getrusage(UsageWho::RUSAGE_SELF).map_err(|_| KERN_FAILURE)
}

fn duration(time: TimeVal) -> Duration {
    Duration::from_micros(time.num_microseconds().max(0).cast_unsigned())
}
