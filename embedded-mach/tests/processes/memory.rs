//! Memory that tasks share.

use embedded_mach::kern_return::*;
use embedded_mach::memory_object_types::MAP_MEM_NAMED_CREATE;
use embedded_mach::port::MACH_PORT_NULL;
use embedded_mach::traps::mach_task_self;
use embedded_mach::vm::*;
use embedded_mach::vm_inherit::VM_INHERIT_NONE;
use embedded_mach::vm_page_size::vm_page_size;
use embedded_mach::vm_prot::*;
use embedded_mach::vm_statistics::VM_FLAGS_ANYWHERE;

use crate::second::two;

fn page() -> u64 {
    // SAFETY: not written once the program runs.
    (unsafe { vm_page_size }) as u64
}

fn entry(offset: u64, permission: vm_prot_t, parent: u32) -> Result<u32, kern_return_t> {
    let (mut size, mut name) = (page(), MACH_PORT_NULL);
    // SAFETY: both can be written; what is at the offset is the test's own.
    let code = unsafe {
        let task = mach_task_self();
        mach_make_memory_entry_64(task, &mut size, offset, permission, &mut name, parent)
    };
    (code == KERN_SUCCESS).then_some(name).ok_or(code)
}

fn map(entry: u32, size: u64, protection: vm_prot_t) -> Result<*mut u64, kern_return_t> {
    let mut address = 0;
    // SAFETY: `address` can be written.
    let code = unsafe {
        mach_vm_map(
            mach_task_self(),
            &mut address,
            size,
            0,
            VM_FLAGS_ANYWHERE,
            entry,
            0,
            0,
            protection,
            protection,
            VM_INHERIT_NONE,
        )
    };
    (code == KERN_SUCCESS)
        .then_some(address as *mut u64)
        .ok_or(code)
}

#[test]
fn entries_lead_to_the_same_memory_with_their_own_rights() {
    two(
        "memory::entries_lead_to_the_same_memory_with_their_own_rights",
        |pair| {
            let create = MAP_MEM_NAMED_CREATE as vm_prot_t | VM_PROT_DEFAULT;
            let whole = entry(0, create, 0).unwrap();
            let reading = entry(0, VM_PROT_READ, whole).unwrap();
            pair.send(&[whole, reading], page());
            let [home, other] = pair.rights();
            assert_eq!([home, other], [whole, reading]);
            let memory = map(whole, page(), VM_PROT_DEFAULT).unwrap();
            // SAFETY: a mapped page; the other task has written and sent a message since.
            assert_eq!(unsafe { memory.read_volatile() }, 0x1234_5678);
        },
        |pair| {
            let mail = pair.receive();
            let [whole, reading] = [mail.rights[0].0, mail.rights[1].0];
            let memory = map(whole, mail.number, VM_PROT_DEFAULT).unwrap();
            // SAFETY: a mapped page.
            unsafe { memory.write_volatile(0x1234_5678) };
            let view = map(reading, mail.number, VM_PROT_READ).unwrap();
            // SAFETY: a mapped page.
            assert_eq!(unsafe { view.read_volatile() }, 0x1234_5678);
            assert_eq!(
                map(reading, mail.number, VM_PROT_DEFAULT),
                Err(KERN_INVALID_RIGHT)
            );
            assert_eq!(
                entry(0, VM_PROT_DEFAULT, reading),
                Err(KERN_PROTECTION_FAILURE)
            );
            assert_eq!(
                map(whole, 2 * mail.number, VM_PROT_READ),
                Err(KERN_INVALID_ARGUMENT)
            );
            pair.send(&[whole, reading], 0);
        },
    );
}

#[test]
fn memory_at_an_address_is_shared_with_another_task() {
    two(
        "memory::memory_at_an_address_is_shared_with_another_task",
        |pair| {
            let mut address = 0;
            // SAFETY: `address` can be written, and is then of a page that is the test's own.
            unsafe {
                let code = mach_vm_allocate(mach_task_self(), &mut address, page(), 1);
                assert_eq!(code, KERN_SUCCESS);
                (address as *mut u64).write_volatile(1);
            }
            pair.send(&[entry(address, VM_PROT_DEFAULT, 0).unwrap()], page());
            pair.receive();
            // SAFETY: as above.
            assert_eq!(unsafe { (address as *mut u64).read_volatile() }, 2);
        },
        |pair| {
            let mail = pair.receive();
            let memory = map(mail.rights[0].0, mail.number, VM_PROT_DEFAULT).unwrap();
            // SAFETY: a mapped page.
            unsafe {
                assert_eq!(memory.read_volatile(), 1);
                memory.write_volatile(2);
            }
            pair.send(&[], 0);
        },
    );
}
