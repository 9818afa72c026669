//! What of the kernel's a port stands for, and what there is nothing of.

use embedded_mach::extra::*;
use embedded_mach::kern_return::*;
use embedded_mach::mach_debug::ipc_info::*;
use embedded_mach::mach_eventlink::*;
use embedded_mach::mach_init::{mach_host_self, mach_thread_self};
use embedded_mach::message::MACH_SEND_INVALID_DEST;
use embedded_mach::port::*;
use embedded_mach::semaphore::semaphore_create;

use super::support::{deallocate, ok, port, release_port, task};

fn kind(name: mach_port_name_t) -> Result<u32, kern_return_t> {
    let (mut kind, mut address) = (77, 77);
    // SAFETY: the places can be written.
    match unsafe { mach_port_kobject(task(), name, &mut kind, &mut address) } {
        KERN_SUCCESS => {
            assert_eq!(address, 0, "no address is told");
            Ok(kind)
        }
        code => Err(code),
    }
}

#[test]
fn ports_of_the_kernels_have_kinds() {
    let (own, mut semaphore, mut clock) = (port(), 0, 0);
    // SAFETY: the places can be written.
    unsafe {
        ok(semaphore_create(task(), &mut semaphore, 0, 0));
        ok(host_get_clock_service(mach_host_self(), 0, &mut clock));
        let (thread, timer) = (mach_thread_self(), mk_timer_create());
        for (name, expected) in [
            (task(), IPC_OTYPE_TASK_CONTROL),
            (mach_host_self(), IPC_OTYPE_HOST),
            (thread, IPC_OTYPE_THREAD_CONTROL),
            (timer, IPC_OTYPE_TIMER),
            (clock, IPC_OTYPE_CLOCK),
            (semaphore, IPC_OTYPE_SEMAPHORE),
            (own, IPC_OTYPE_NONE),
        ] {
            assert_eq!(kind(name), Ok(expected));
            let (mut kind, mut address) = (77, 77);
            ok(mach_port_kernel_object(
                task(),
                name,
                &mut kind,
                &mut address,
            ));
            assert_eq!((kind, address), (expected, 0));
            let (mut kind, mut address, mut text) = (77, 77, [1; 512]);
            ok(mach_port_kobject_description(
                task(),
                name,
                &mut kind,
                &mut address,
                text.as_mut_ptr(),
            ));
            assert_eq!((kind, address, text[0]), (expected, 0, 0));
        }
        ok(mk_timer_destroy(timer));
        deallocate(thread);
        deallocate(clock);
        deallocate(semaphore);
    }
    release_port(own);
    assert_eq!(kind(0x00ff_ff03), Err(KERN_INVALID_NAME));
    let mut set = 0;
    // SAFETY: the place can be written.
    unsafe {
        let right = MACH_PORT_RIGHT_PORT_SET;
        ok(embedded_mach::mach_port::mach_port_allocate(
            task(),
            right,
            &mut set,
        ));
        assert_eq!(kind(set), Err(KERN_INVALID_RIGHT));
        ok(embedded_mach::mach_port::mach_port_mod_refs(
            task(),
            set,
            right,
            -1,
        ));
    }
}

#[test]
fn no_port_is_a_services() {
    let own = port();
    // SAFETY: nothing is written.
    unsafe {
        let info = std::ptr::null_mut();
        let policy = std::ptr::null_mut();
        for (name, code) in [
            (own, KERN_INVALID_CAPABILITY),
            (task(), KERN_INVALID_RIGHT),
            (0x00ff_ff03, KERN_INVALID_NAME),
        ] {
            assert_eq!(mach_port_get_service_port_info(task(), name, info), code);
            let asked = mach_port_is_connection_for_service(task(), own, name, policy);
            assert_eq!(asked, code);
        }
        let code = mach_port_get_service_port_info(MACH_PORT_NULL, own, info);
        assert_eq!(code, MACH_SEND_INVALID_DEST);
    }
    release_port(own);
}

#[test]
fn there_are_no_event_links() {
    let mut pair = [7, 7];
    let mut count = 7;
    // SAFETY: nothing is written.
    unsafe {
        let codes = [
            mach_eventlink_create(task(), MELC_OPTION_NO_COPYIN, pair.as_mut_ptr()),
            mach_eventlink_destroy(7),
            mach_eventlink_associate(7, 0, 0, 0, 0, 0, MELA_OPTION_NONE),
            mach_eventlink_disassociate(7, MELD_OPTION_NONE),
            mach_eventlink_signal(7, 1),
            mach_eventlink_wait_until(7, &mut count, 0, KERN_CLOCK_MACH_ABSOLUTE_TIME, 0),
            mach_eventlink_signal_wait_until(7, &mut count, 1, MELSW_OPTION_NONE, 1, 0),
        ];
        assert_eq!(codes, [KERN_NOT_SUPPORTED; 7]);
    }
    assert_eq!((pair, count), ([7, 7], 7));
}

#[test]
fn what_cannot_be_had_is_refused() {
    use embedded_mach::{dyld, exc, mach_host, task as tasks, thread_act, traps, vm};
    let (mut port, mut number) = (7, 7);
    // SAFETY: nothing is written.
    unsafe {
        for code in [
            tasks::task_suspend(task()),
            tasks::task_resume(task()),
            tasks::task_terminate(task()),
            tasks::task_set_exception_ports(task(), 0, 0, 0, 0),
            tasks::lock_set_create(task(), &mut port, 1, 0),
            thread_act::thread_suspend(7),
            thread_act::thread_get_state(7, 1, std::ptr::null_mut(), &mut number),
            exc::exception_raise(7, 7, 7, 1, std::ptr::null_mut(), 0),
            vm::mach_vm_reallocate(task(), 0, 0, &mut 0, 0, 0, 0, 0),
            mach_host::mach_memory_info_redacted(
                7,
                std::ptr::null_mut(),
                &mut number,
                std::ptr::null_mut(),
                &mut 0,
                std::ptr::null_mut(),
                &mut 0,
            ),
            traps::thread_set_x86_64_compat(1),
        ] {
            assert_eq!(code, KERN_NOT_SUPPORTED);
        }
        let (mut count, none) = (7, std::ptr::null_mut());
        use embedded_mach::extra::{host_get_exception_ports, thread_swap_exception_ports};
        let no_ports = [
            host_get_exception_ports(7, 0, none, &mut count, none, none.cast(), none.cast()),
            thread_swap_exception_ports(
                7,
                0,
                0,
                0,
                0,
                none,
                &mut count,
                none,
                none.cast(),
                none.cast(),
            ),
        ];
        assert_eq!((no_ports, count), ([KERN_NOT_SUPPORTED; 2], 7));
        assert_eq!(
            tasks::task_create(task(), std::ptr::null_mut(), 0, 0, &mut port),
            KERN_FAILURE
        );
        assert_eq!(dyld::_dyld_image_count(), 0);
        assert!(
            dyld::_dyld_get_image_name(0).is_null() && dyld::_dyld_get_image_header(0).is_null()
        );
        assert_eq!(dyld::_dyld_get_image_vmaddr_slide(0), 0);
    }
    assert_eq!((port, number), (7, 7));
}
