//! What a task can see of itself, its clocks, a semaphore between threads, and memory mapped twice.

#[cfg(target_os = "linux")]
use embedded_mach as mach;
#[cfg(target_vendor = "apple")]
use mach2 as mach;

use std::{mem, ptr, thread};

use mach::clock_types::mach_timespec_t;
use mach::kern_return::{KERN_OPERATION_TIMED_OUT, KERN_SUCCESS};
use mach::mach_init::mach_thread_self;
use mach::mach_port::{mach_port_deallocate, mach_port_get_attributes};
use mach::mach_time::{mach_absolute_time, mach_timebase_info, mach_wait_until};
use mach::message::mach_msg_type_number_t;
use mach::port::{MACH_PORT_NULL, mach_port_t};
use mach::semaphore::{
    semaphore_create, semaphore_destroy, semaphore_signal, semaphore_timedwait, semaphore_wait,
};
use mach::sync_policy::SYNC_POLICY_FIFO;
use mach::task::{task_get_special_port, task_info};
use mach::task_info::{MACH_TASK_BASIC_INFO, mach_task_basic_info, task_info_t};
use mach::task_special_ports::TASK_BOOTSTRAP_PORT;
use mach::traps::mach_task_self;
use mach::vm::{
    mach_make_memory_entry_64, mach_vm_allocate, mach_vm_deallocate, mach_vm_map,
    mach_vm_read_overwrite,
};
use mach::vm_inherit::VM_INHERIT_NONE;
use mach::vm_page_size::{mach_vm_round_page, vm_page_size};
use mach::vm_prot::{VM_PROT_READ, VM_PROT_WRITE};
use mach::vm_statistics::VM_FLAGS_ANYWHERE;

pub(crate) fn run() {
    resources();
    ports();
    clocks();
    threads();
    memory();
}

fn resources() {
    // SAFETY: a structure of numbers, which the call fills as far as `count` says.
    let info = unsafe {
        let mut info: mach_task_basic_info = mem::zeroed();
        let mut count = (mem::size_of_val(&info) / mem::size_of::<u32>()) as mach_msg_type_number_t;
        let out = (&raw mut info) as task_info_t;
        let code = task_info(mach_task_self(), MACH_TASK_BASIC_INFO, out, &mut count);
        assert_eq!(code, KERN_SUCCESS);
        info
    };
    let (present, mapped) = (info.resident_size, info.virtual_size);
    assert!(0 < present && present <= mapped);
}

fn ports() {
    let mut bootstrap = MACH_PORT_NULL;
    // SAFETY: the out-parameters are live; each reference that is given is given back.
    unsafe {
        let task = mach_task_self();
        let code = task_get_special_port(task, TASK_BOOTSTRAP_PORT, &mut bootstrap);
        assert_eq!(code, KERN_SUCCESS);
        let mut count = 0;
        let code = mach_port_get_attributes(task, bootstrap, 1, ptr::null_mut(), &mut count);
        assert_ne!(code, KERN_SUCCESS, "the receive right is not this task's");
        for name in [bootstrap, mach_thread_self()] {
            assert_ne!(name, MACH_PORT_NULL);
            assert_eq!(mach_port_deallocate(task, name), KERN_SUCCESS);
        }
    }
}

fn clocks() {
    // SAFETY: a structure of two numbers, and calls that take numbers.
    unsafe {
        let mut base = mach_timebase_info { numer: 0, denom: 0 };
        assert_eq!(mach::mach_time::mach_timebase_info(&mut base), KERN_SUCCESS);
        let millisecond = 1_000_000 * u64::from(base.denom) / u64::from(base.numer);
        let later = mach_absolute_time() + millisecond;
        assert_eq!(mach_wait_until(later), KERN_SUCCESS);
        assert!(mach_absolute_time() >= later);
    }
}

fn threads() {
    let mut semaphore = MACH_PORT_NULL;
    // SAFETY: `semaphore` is valid to write; it lives until the thread has ended.
    unsafe {
        let task = mach_task_self();
        let code = semaphore_create(task, &mut semaphore, SYNC_POLICY_FIFO, 0);
        assert_eq!(code, KERN_SUCCESS);
        let now = mach_timespec_t {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let code = semaphore_timedwait(semaphore, now);
        assert_eq!(code, KERN_OPERATION_TIMED_OUT);
        let thread = thread::spawn(move || semaphore_signal(semaphore));
        assert_eq!(semaphore_wait(semaphore), KERN_SUCCESS);
        assert_eq!(thread.join().unwrap(), KERN_SUCCESS);
        assert_eq!(semaphore_destroy(task, semaphore), KERN_SUCCESS);
    }
}

fn memory() {
    // SAFETY: every address is of a mapping made here, and is given back at the end.
    unsafe {
        let task = mach_task_self();
        let mut size = mach_vm_round_page(1);
        assert_eq!(size, vm_page_size as u64);
        let (mut first, mut second) = (0, 0);
        let code = mach_vm_allocate(task, &mut first, size, VM_FLAGS_ANYWHERE);
        assert_eq!(code, KERN_SUCCESS);

        let entry = entry_of(&mut size, first);
        let protection = VM_PROT_READ | VM_PROT_WRITE;
        let code = mach_vm_map(
            task,
            &mut second,
            size,
            0,
            VM_FLAGS_ANYWHERE,
            entry,
            0,
            0,
            protection,
            protection,
            VM_INHERIT_NONE,
        );
        assert_eq!(code, KERN_SUCCESS);
        (first as *mut u64).write_volatile(0x1234);
        assert_eq!((second as *mut u64).read_volatile(), 0x1234);

        let (mut copy, mut copied) = (0u64, 0);
        let code = mach_vm_read_overwrite(task, second, 8, (&raw mut copy) as u64, &mut copied);
        assert_eq!((code, copy, copied), (KERN_SUCCESS, 0x1234, 8));
        assert_eq!(mach_port_deallocate(task, entry), KERN_SUCCESS);
        for address in [first, second] {
            assert_eq!(mach_vm_deallocate(task, address, size), KERN_SUCCESS);
        }
    }
}

/// # Safety
/// `address` is of `size` mapped bytes that no other thread writes to now.
unsafe fn entry_of(size: &mut u64, address: u64) -> mach_port_t {
    let mut entry = MACH_PORT_NULL;
    let permission = VM_PROT_READ | VM_PROT_WRITE;
    // SAFETY: the caller's promise.
    let code = unsafe {
        mach_make_memory_entry_64(mach_task_self(), size, address, permission, &mut entry, 0)
    };
    assert_eq!(code, KERN_SUCCESS);
    entry
}
