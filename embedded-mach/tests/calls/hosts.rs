//! What is told of the machine.

use embedded_mach::extra::mach_memory_object_memory_entry;
use embedded_mach::host_info::*;
use embedded_mach::kern_return::*;
use embedded_mach::mach_init::mach_host_self;
use embedded_mach::message::MACH_SEND_INVALID_DEST;
use embedded_mach::port::MACH_PORT_NULL;
use embedded_mach::vm::mach_vm_map;
use embedded_mach::vm_inherit::VM_INHERIT_NONE;
use embedded_mach::vm_prot::{VM_PROT_READ, VM_PROT_WRITE};
use embedded_mach::vm_statistics::VM_FLAGS_ANYWHERE;

use super::support::{Pages, deallocate, ok, page, task};

fn host() -> u32 {
    // SAFETY: takes nothing.
    unsafe { mach_host_self() }
}

fn info(flavor: host_flavor_t, room: u32) -> Result<Vec<i32>, kern_return_t> {
    let (mut words, mut count) = ([-1; 64], room);
    // SAFETY: there is room for as many words.
    match unsafe { host_info(host(), flavor, words.as_mut_ptr(), &mut count) } {
        KERN_SUCCESS => Ok(words[..count as usize].to_vec()),
        code => Err(code),
    }
}

#[test]
fn a_host_has_processors_and_memory() {
    let basic = info(HOST_BASIC_INFO, 64).unwrap();
    assert_eq!(basic.len(), HOST_BASIC_INFO_COUNT as usize);
    let [most, there, memory] = [basic[0], basic[1], basic[2]];
    assert!(1 <= there && there <= most && memory > 0);
    assert!(basic[6] >= 1 && basic[8] == there && basic[9] == most);
    let all = u64::from(basic[10].cast_unsigned()) | u64::from(basic[11].cast_unsigned()) << 32;
    assert!(all >= u64::from(memory.cast_unsigned()));
    // The form that was before.
    for room in [HOST_BASIC_INFO_OLD_COUNT, HOST_BASIC_INFO_COUNT - 1] {
        assert_eq!(info(HOST_BASIC_INFO, room).unwrap(), basic[..5]);
    }
    assert_eq!(info(HOST_BASIC_INFO, 4), Err(KERN_FAILURE));
}

#[test]
fn neighbours_of_the_basic_flavor() {
    let priorities = info(HOST_PRIORITY_INFO, 8).unwrap();
    assert_eq!(priorities, [80, 80, 64, 31, 0, 0, 0, 79]);
    assert_eq!(info(HOST_PRIORITY_INFO, 7), Err(KERN_FAILURE));
    assert_eq!(info(HOST_SCHED_INFO, 2).unwrap().len(), 2);
    let processor = info(HOST_PREFERRED_USER_ARCH, 2).unwrap();
    assert_eq!(processor[0] & 0x0100_0000, 0x0100_0000, "64 bits");
    for flavor in [HOST_SEMAPHORE_TRAPS, HOST_MACH_MSG_TRAP] {
        assert_eq!(info(flavor, 0).unwrap(), []);
    }
    for flavor in [HOST_RESOURCE_SIZES, HOST_VM_PURGABLE, HOST_CAN_HAS_DEBUGGER] {
        assert_eq!(info(flavor, 64), Err(KERN_NOT_SUPPORTED));
    }
    for flavor in [0, 2, 6, 13, -1] {
        assert_eq!(info(flavor, 64), Err(KERN_INVALID_ARGUMENT));
    }
    let mut count = 64;
    // SAFETY: nothing is written.
    unsafe {
        let none = std::ptr::null_mut();
        let code = host_info(task(), HOST_BASIC_INFO, none, &mut count);
        assert_eq!(code, KERN_INVALID_ARGUMENT);
        let code = host_info(MACH_PORT_NULL, HOST_BASIC_INFO, none, &mut count);
        assert_eq!(code, MACH_SEND_INVALID_DEST);
    }
}

#[test]
fn the_kernels_version_is_a_text() {
    let mut version = [1; 512];
    // SAFETY: there is room.
    ok(unsafe { host_kernel_version(host(), version.as_mut_ptr()) });
    let bytes = version.map(|byte| byte.to_ne_bytes()[0]);
    let text = std::ffi::CStr::from_bytes_until_nul(&bytes).unwrap();
    assert!(text.to_str().unwrap().starts_with("Linux "));
}

#[test]
fn an_entry_of_new_memory_without_a_pager() {
    let (mut entry, mut address) = (MACH_PORT_NULL, 0);
    let both = VM_PROT_READ | VM_PROT_WRITE;
    let size = 2 * page();
    // SAFETY: the places can be written.
    unsafe {
        let make = |internal, pager, entry: &mut u32| {
            mach_memory_object_memory_entry(host(), internal, size as usize, both, pager, entry)
        };
        assert_eq!(make(0, MACH_PORT_NULL, &mut entry), KERN_INVALID_ARGUMENT);
        assert_eq!(make(1, task(), &mut entry), KERN_NOT_SUPPORTED);
        ok(make(1, MACH_PORT_NULL, &mut entry));
        ok(mach_vm_map(
            task(),
            &mut address,
            size,
            0,
            VM_FLAGS_ANYWHERE,
            entry,
            0,
            0,
            both,
            both,
            VM_INHERIT_NONE,
        ));
    }
    let pages = Pages::mapped(address, size);
    pages.put(size - 1, 7);
    assert_eq!((pages.get(0), pages.get(size - 1)), (0, 7));
    deallocate(entry);
}
