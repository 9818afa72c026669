//! Mach facts 29, 30 and 35 of sending: what a message carries in its body.

use mach_ports::ffi::extra::{vm_allocate, vm_deallocate};
use mach_ports::ffi::kern_return::{KERN_INVALID_NAME, KERN_SUCCESS};
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::MACH_NOTIFY_SEND_ONCE;
use mach_ports::ffi::port::*;
use mach_ports::ffi::vm_statistics::VM_FLAGS_ANYWHERE;
use rendezvous_tests::holding::holdings;
use rendezvous_tests::letter::{Item, Letter, Region, drain, receive, receive_with};
use rendezvous_tests::raw::{context, deallocate, destroy, made, refs, task, type_of};
use rendezvous_tests::second::{alone, two};

const PHYSICAL: u8 = MACH_MSG_PHYSICAL_COPY as u8;
const VIRTUAL: u8 = MACH_MSG_VIRTUAL_COPY as u8;

/// Memory of the task's own, as `vm_allocate` gives it.
fn allocate(len: usize) -> usize {
    let mut address = 0;
    // SAFETY: `address` can be written.
    let code = unsafe { vm_allocate(task(), &raw mut address, len, VM_FLAGS_ANYWHERE) };
    assert_eq!(code, KERN_SUCCESS, "vm_allocate");
    address
}

/// Gives memory back.
#[track_caller]
fn free(address: usize, len: usize) {
    // SAFETY: the memory is this task's, and nothing refers to it.
    let code = unsafe { vm_deallocate(task(), address, len) };
    assert_eq!(code, KERN_SUCCESS, "vm_deallocate");
}

/// Memory that holds bytes.
fn with_bytes(bytes: &[u8]) -> usize {
    let address = allocate(bytes.len());
    // SAFETY: as much was allocated just now.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), address as *mut u8, bytes.len()) };
    address
}

/// Memory that holds names.
fn with_names(names: &[mach_port_name_t]) -> usize {
    with_bytes(
        &names
            .iter()
            .flat_map(|name| name.to_ne_bytes())
            .collect::<Vec<_>>(),
    )
}

fn bytes_at(region: Region) -> Vec<u8> {
    if region.size == 0 {
        return Vec::new();
    }
    // SAFETY: a message brought as many bytes there.
    unsafe { std::slice::from_raw_parts(region.address as *const u8, region.size as usize) }
        .to_vec()
}

fn names_at(region: Region) -> Vec<mach_port_name_t> {
    let size = 4 * region.size;
    bytes_at(Region { size, ..region })
        .as_chunks::<4>()
        .0
        .iter()
        .map(|name| u32::from_ne_bytes(*name))
        .collect()
}

/// Whether memory is there, as a message that copies it finds.
fn is_there(address: usize) -> bool {
    let port = made::port();
    let region = Region {
        address,
        deallocate: 0,
        copy: PHYSICAL,
        size: 1,
    };
    let code = Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
        .memory(region)
        .try_send();
    made::kill(port);
    match code {
        MACH_MSG_SUCCESS => true,
        MACH_SEND_INVALID_MEMORY => false,
        other => panic!("{other:#x}"),
    }
}

/// An address at which nothing ever is: the first pages stay free, so that null pointers are found.
const NOWHERE: usize = 8;

fn memory(address: usize, size: usize, copy: u8, deallocate: u8) -> Region {
    Region {
        address,
        deallocate,
        copy,
        size: size as u32,
    }
}

fn only_memory(mail: &rendezvous_tests::letter::Buffer) -> Region {
    match mail.items().as_slice() {
        &[Item::Memory(region)] => region,
        other => panic!("not one region: {other:?}"),
    }
}

fn only_ports(mail: &rendezvous_tests::letter::Buffer) -> (Region, mach_msg_type_name_t) {
    match mail.items().as_slice() {
        &[Item::Ports(region, disposition)] => (region, disposition),
        other => panic!("not one array: {other:?}"),
    }
}

/// A message whose third descriptor is `bad`; its reply right is a send-once right, and a right of each kind comes
/// before and behind the third.
struct Broken {
    port: mach_port_name_t,
    reply: mach_port_name_t,
    before: [mach_port_name_t; 2],
    behind: [mach_port_name_t; 2],
}

impl Broken {
    fn new() -> Self {
        let receive_only = || made::port();
        Self {
            port: made::port_with_send(),
            reply: made::port(),
            before: [made::port_with_send(), receive_only()],
            behind: [made::port_with_send(), receive_only()],
        }
    }

    /// Sends it; `bad` adds the third descriptor.
    #[track_caller]
    fn send(&self, bad: impl FnOnce(Letter) -> Letter, code: mach_msg_return_t) {
        let held = holdings(&self.behind);
        let letter = Letter::to(self.port, MACH_MSG_TYPE_COPY_SEND)
            .reply(self.reply, MACH_MSG_TYPE_MAKE_SEND_ONCE)
            .port(self.before[0], MACH_MSG_TYPE_MOVE_SEND)
            .port(self.before[1], MACH_MSG_TYPE_MOVE_RECEIVE);
        let letter = bad(letter)
            .port(self.behind[0], MACH_MSG_TYPE_MOVE_SEND)
            .port(self.behind[1], MACH_MSG_TYPE_MOVE_RECEIVE);
        assert_eq!(letter.try_send(), code);
        // What comes before is gone: the receive right with its port, the reply right with a notification.
        assert_eq!(type_of(self.before[0]), Ok(MACH_PORT_TYPE_RECEIVE));
        assert_eq!(type_of(self.before[1]), Err(KERN_INVALID_NAME));
        assert_eq!(receive(self.reply).id(), MACH_NOTIFY_SEND_ONCE);
        assert_eq!(drain(self.port), [0; 0]);
        // What comes behind is still the caller's.
        assert_eq!(holdings(&self.behind), held);
    }
}

#[test]
fn fact_29_a_bad_right_in_the_third_descriptor() {
    let (set, receive_only) = (made::set(), made::port());
    for (name, disposition) in [
        (made::absent(), MACH_MSG_TYPE_COPY_SEND),
        (set, MACH_MSG_TYPE_MOVE_RECEIVE),
        (receive_only, MACH_MSG_TYPE_COPY_SEND),
        (receive_only, MACH_MSG_TYPE_MOVE_SEND_ONCE),
        (receive_only, 0),
        (receive_only, 22),
    ] {
        Broken::new().send(
            |letter| letter.port(name, disposition),
            MACH_SEND_INVALID_RIGHT,
        );
    }
    assert_eq!(type_of(receive_only), Ok(MACH_PORT_TYPE_RECEIVE));
}

#[test]
fn fact_29_bad_memory_in_the_third_descriptor() {
    for size in [1, 4096, 1 << 20] {
        for (copy, deallocate) in [(PHYSICAL, 0), (VIRTUAL, 0), (VIRTUAL, 1)] {
            let region = memory(NOWHERE, size, copy, deallocate);
            Broken::new().send(|letter| letter.memory(region), MACH_SEND_INVALID_MEMORY);
        }
    }
    let array = memory(NOWHERE, 3, PHYSICAL, 0);
    Broken::new().send(
        |letter| letter.ports(array, MACH_MSG_TYPE_COPY_SEND),
        MACH_SEND_INVALID_MEMORY,
    );
}

#[test]
fn fact_29_a_bad_entry_of_an_array() {
    let [before, behind] = [made::port_with_send(), made::port_with_send()];
    let names = [before, made::absent(), behind];
    let array = memory(names.as_ptr() as usize, 3, PHYSICAL, 0);
    Broken::new().send(
        |letter| letter.ports(array, MACH_MSG_TYPE_MOVE_SEND),
        MACH_SEND_INVALID_RIGHT,
    );
    assert_eq!(type_of(before), Ok(MACH_PORT_TYPE_RECEIVE));
    assert_eq!(refs(behind, MACH_PORT_RIGHT_SEND), Ok(1));
}

#[test]
fn fact_29_memory_given_up_before_the_bad_descriptor_is_gone() {
    // Alone, for other threads would soon put something there.
    alone(
        "fact_29_memory_given_up_before_the_bad_descriptor_is_gone",
        || {
            let address = with_bytes(&[1; 1 << 20]);
            let port = made::port_with_send();
            let code = Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
                .memory(memory(address, 1 << 20, VIRTUAL, 1))
                .port(made::absent(), MACH_MSG_TYPE_COPY_SEND)
                .try_send();
            assert_eq!(code, MACH_SEND_INVALID_RIGHT);
            assert!(!is_there(address));
        },
    );
}

#[test]
fn fact_30_null_and_dead_pass_as_they_are() {
    let port = made::port();
    for disposition in 16..=21 {
        Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
            .port(MACH_PORT_NULL, disposition)
            .port(MACH_PORT_DEAD, disposition)
            .send();
        let arrives = [16, 17, 18, 17, 17, 18][disposition as usize - 16];
        let name = |name| Item::Port {
            name,
            disposition: arrives,
        };
        let expected = [name(MACH_PORT_NULL), name(MACH_PORT_DEAD)];
        assert_eq!(receive(port).items(), expected, "{disposition}");
    }
}

#[test]
fn fact_30_null_and_dead_pass_in_an_array() {
    let port = made::port();
    let own = made::port_with_send();
    let names = [MACH_PORT_NULL, own, MACH_PORT_DEAD];
    let array = memory(names.as_ptr() as usize, 3, PHYSICAL, 0);
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
        .ports(array, MACH_MSG_TYPE_COPY_SEND)
        .send();
    let (region, disposition) = only_ports(&receive(port));
    assert_eq!((names_at(region), disposition), (names.to_vec(), 17));
    free(region.address, 12);
}

#[test]
fn fact_30_a_dead_name_arrives_as_dead() {
    for (disposition, taken) in [
        (MACH_MSG_TYPE_COPY_SEND, 0),
        (MACH_MSG_TYPE_MOVE_SEND, 1),
        (MACH_MSG_TYPE_MOVE_SEND_ONCE, 1),
    ] {
        let (port, dead) = (made::port(), made::port_with_send());
        made::send(dead);
        made::kill(dead);
        Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
            .port(dead, disposition)
            .send();
        let arrives = if disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE {
            18
        } else {
            17
        };
        assert_eq!(receive(port).only_port(), (MACH_PORT_DEAD, arrives));
        assert_eq!(refs(dead, MACH_PORT_RIGHT_DEAD_NAME), Ok(2 - taken));
    }
}

#[test]
fn fact_30_a_dead_name_arrives_as_dead_in_another_task() {
    two(
        "fact_30_a_dead_name_arrives_as_dead_in_another_task",
        |line, _| {
            let dead = made::port_with_send();
            made::kill(dead);
            line.letter()
                .port(dead, MACH_MSG_TYPE_MOVE_SEND)
                .port(MACH_PORT_NULL, MACH_MSG_TYPE_MAKE_SEND)
                .send();
            assert_eq!(type_of(dead), Err(KERN_INVALID_NAME));
        },
        |line| {
            let names: Vec<_> = line
                .next()
                .items()
                .iter()
                .map(|item| match item {
                    Item::Port { name, disposition } => (*name, *disposition),
                    other => panic!("{other:?}"),
                })
                .collect();
            assert_eq!(names, [(MACH_PORT_DEAD, 17), (MACH_PORT_NULL, 17)]);
        },
    );
}

#[test]
fn fact_30_making_or_receiving_from_what_is_dead_or_a_set() {
    let (dead, set) = (made::dead_name(), made::set());
    for (name, disposition) in [
        (dead, MACH_MSG_TYPE_MOVE_RECEIVE),
        (dead, MACH_MSG_TYPE_MAKE_SEND),
        (dead, MACH_MSG_TYPE_MAKE_SEND_ONCE),
        (set, MACH_MSG_TYPE_MOVE_RECEIVE),
        (set, MACH_MSG_TYPE_MAKE_SEND),
        (set, MACH_MSG_TYPE_COPY_SEND),
    ] {
        let port = made::port();
        let letter = Letter::to(port, MACH_MSG_TYPE_MAKE_SEND).port(name, disposition);
        assert_eq!(letter.try_send(), MACH_SEND_INVALID_RIGHT);
    }
    assert_eq!(refs(dead, MACH_PORT_RIGHT_DEAD_NAME), Ok(1));
    assert_eq!(destroy(set), KERN_SUCCESS);
}

/// A mebibyte that is different everywhere.
fn mebibyte() -> Vec<u8> {
    (0..1u32 << 20)
        .map(|i| (i ^ i >> 8 ^ i >> 16) as u8)
        .collect()
}

#[test]
fn fact_35_a_mebibyte_arrives_intact() {
    let bytes = mebibyte();
    for (copy, deallocate) in [(PHYSICAL, 0), (PHYSICAL, 1), (VIRTUAL, 0), (VIRTUAL, 1)] {
        let (port, address) = (made::port(), with_bytes(&bytes));
        Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
            .memory(memory(address, bytes.len(), copy, deallocate))
            .send();
        if deallocate == 0 {
            // The message has its own copy: the sender may go on writing.
            // SAFETY: the memory is still this task's.
            unsafe { *(address as *mut u8) ^= 0xff };
            free(address, bytes.len());
        }
        let region = only_memory(&receive(port));
        assert!(bytes_at(region) == bytes, "{copy} {deallocate}");
        // Whatever the sender's flag, and to be freed in any case.
        assert_eq!((region.deallocate, region.copy), (copy, copy));
        free(region.address, bytes.len());
    }
}

#[test]
fn fact_35_memory_is_the_receivers_to_change() {
    let (port, address) = (made::port(), with_bytes(&[7; 100_000]));
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
        .memory(memory(address, 100_000, VIRTUAL, 0))
        .send();
    let region = only_memory(&receive(port));
    // SAFETY: the message's memory is this task's.
    unsafe { *(region.address as *mut u8) = 8 };
    // SAFETY: so is what it was sent from.
    assert_eq!(unsafe { *(address as *const u8) }, 7);
    free(region.address, 100_000);
    free(address, 100_000);
}

#[test]
fn fact_35_a_mebibyte_arrives_intact_in_another_task() {
    two(
        "fact_35_a_mebibyte_arrives_intact_in_another_task",
        |line, _| {
            let bytes = mebibyte();
            for deallocate in [0, 1] {
                for (len, copy) in [(bytes.len(), VIRTUAL), (5, PHYSICAL), (0, VIRTUAL)] {
                    let address = with_bytes(&bytes[..len.max(1)]);
                    line.letter()
                        .memory(memory(address, len, copy, deallocate))
                        .send();
                }
            }
            line.wait();
        },
        |line| {
            let bytes = mebibyte();
            for _ in [0, 1] {
                for (len, copy) in [(bytes.len(), VIRTUAL), (5, PHYSICAL), (0, VIRTUAL)] {
                    let region = only_memory(&line.next());
                    assert!(bytes_at(region) == bytes[..len]);
                    assert_eq!((region.deallocate, region.copy), (copy, copy));
                    assert_eq!(region.address == 0, len == 0);
                    if len > 0 {
                        free(region.address, len);
                    }
                }
            }
            line.go();
        },
    );
}

#[test]
fn fact_35_memory_comes_back_from_a_full_queue() {
    let bytes = mebibyte();
    for (copy, deallocate) in [(PHYSICAL, 0), (VIRTUAL, 1)] {
        let (port, address) = (made::port_with_send(), with_bytes(&bytes));
        for _ in 0..5 {
            Letter::to(port, MACH_MSG_TYPE_COPY_SEND).send();
        }
        let (code, back) = Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
            .memory(memory(address, bytes.len(), copy, deallocate))
            .send_with(MACH_SEND_TIMEOUT, 0);
        assert_eq!(code, MACH_SEND_TIMED_OUT);
        let region = only_memory(&back);
        assert!(bytes_at(region) == bytes);
        assert_eq!((region.deallocate, region.copy), (copy, copy));
        free(region.address, bytes.len());
        if deallocate == 0 {
            // The message was a copy, so there are two of it now.
            assert_ne!(region.address, address);
            free(address, bytes.len());
        }
    }
}

#[test]
fn fact_35_nothing_has_no_address() {
    let port = made::port();
    let address = with_bytes(&[1]);
    for deallocate in [0, 1] {
        for copy in [PHYSICAL, VIRTUAL] {
            Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
                .memory(memory(address, 0, copy, deallocate))
                .send();
            let region = only_memory(&receive(port));
            assert_eq!((region.address, region.size), (0, 0));
        }
    }
    // Not even if there was nothing at the sender's address.
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
        .memory(memory(8, 0, VIRTUAL, 0))
        .send();
    assert_eq!(only_memory(&receive(port)).address, 0);
    free(address, 1);
}

#[test]
fn fact_35_an_array_keeps_its_count_and_is_the_receivers_to_free() {
    for (copy, deallocate) in [(PHYSICAL, 0), (VIRTUAL, 0), (PHYSICAL, 1), (VIRTUAL, 1)] {
        let port = made::port();
        let sent: [_; 3] = std::array::from_fn(|_| made::port_with_send());
        let address = with_names(&sent);
        Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
            .ports(
                memory(address, 3, copy, deallocate),
                MACH_MSG_TYPE_COPY_SEND,
            )
            .send();
        if deallocate == 0 {
            free(address, 12);
        }
        let (region, disposition) = only_ports(&receive(port));
        assert_eq!((names_at(region), disposition), (sent.to_vec(), 17));
        assert_eq!(
            (region.size, region.deallocate, region.copy),
            (3, 1, VIRTUAL)
        );
        assert_eq!(
            sent.map(|name| refs(name, MACH_PORT_RIGHT_SEND)),
            [Ok(2); 3]
        );
        free(region.address, 12);
    }
}

#[test]
fn fact_35_an_empty_array() {
    let port = made::port();
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
        .ports(memory(8, 0, PHYSICAL, 0), MACH_MSG_TYPE_MOVE_SEND)
        .send();
    let (region, disposition) = only_ports(&receive(port));
    assert_eq!((region, disposition), (memory(0, 0, VIRTUAL, 1), 17));
}

#[test]
fn fact_35_an_array_in_another_task() {
    two(
        "fact_35_an_array_in_another_task",
        |line, _| {
            let sent: Vec<_> = (0..300).map(|_| made::port()).collect();
            let address = with_names(&sent);
            line.letter()
                .ports(memory(address, 300, PHYSICAL, 1), MACH_MSG_TYPE_MAKE_SEND)
                .send();
            // The rights arrived in their order: the other side answers through each.
            for (id, port) in sent.into_iter().enumerate() {
                assert_eq!(receive(port).id(), id as i32);
            }
        },
        |line| {
            let (region, disposition) = only_ports(&line.next());
            assert_eq!((region.size, region.deallocate, disposition), (300, 1, 17));
            for (id, name) in names_at(region).into_iter().enumerate() {
                assert_eq!(type_of(name), Ok(MACH_PORT_TYPE_SEND));
                Letter::to(name, MACH_MSG_TYPE_MOVE_SEND)
                    .id(id as i32)
                    .send();
            }
            free(region.address, 1200);
        },
    );
}

#[test]
fn fact_35_an_array_of_receive_rights_comes_back() {
    let port = made::port_with_send();
    for _ in 0..5 {
        Letter::to(port, MACH_MSG_TYPE_COPY_SEND).send();
    }
    let sent: [_; 3] = std::array::from_fn(|_| made::port_with_send());
    let array = memory(with_names(&sent), 3, PHYSICAL, 1);
    let (code, back) = Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
        .ports(array, MACH_MSG_TYPE_MOVE_RECEIVE)
        .send_with(MACH_SEND_TIMEOUT, 0);
    assert_eq!(code, MACH_SEND_TIMED_OUT);
    let (region, disposition) = only_ports(&back);
    assert_eq!((names_at(region), disposition), (sent.to_vec(), 16));
    let both = Ok(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE);
    assert_eq!(sent.map(type_of), [both; 3]);
    free(region.address, 12);
}

#[test]
fn fact_35_volatile_memory_keeps_its_type() {
    let (port, address) = (made::port(), with_bytes(b"volatile"));
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&(address as u64).to_ne_bytes());
    bytes[11] = MACH_MSG_OOL_VOLATILE_DESCRIPTOR as u8;
    bytes[12..].copy_from_slice(&8u32.to_ne_bytes());
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
        .descriptor(&bytes)
        .send();
    let mail = receive(port);
    let [kind] = mail.at(28 + 11);
    assert_eq!(u32::from(kind), MACH_MSG_OOL_VOLATILE_DESCRIPTOR);
    let region = only_memory(&mail);
    assert_eq!(bytes_at(region), b"volatile");
    free(region.address, 8);
    free(address, 8);
}

/// Sends a receive right in a guarded descriptor and receives it with `option`.
fn guarded(name: mach_port_name_t, guard: u64, flags: u16, option: mach_msg_option_t) -> Item {
    let port = made::port();
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
        .guarded(name, MACH_MSG_TYPE_MOVE_RECEIVE, guard, flags)
        .send();
    let mail = receive_with(port, option, 0).expect("a message");
    assert_eq!(mail.size(), 44);
    mail.items()[0]
}

/// The flags of a guarded descriptor, from `mach/message.h`.
const IMMOVABLE_RECEIVE: u16 = 1;
const UNGUARDED_ON_SEND: u16 = 2;

#[test]
fn fact_29_a_guarded_receive_right_arrives_guarded() {
    let (name, port) = (made::port(), made::port());
    assert_eq!(rendezvous_tests::raw::guard(name, 5, true), KERN_SUCCESS);
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
        .guarded(name, MACH_MSG_TYPE_MOVE_RECEIVE, 5, IMMOVABLE_RECEIVE)
        .send();
    let mail = receive_with(port, MACH_RCV_GUARDED_DESC, 0).unwrap();
    let Item::Guarded {
        context: guard,
        flags,
        disposition,
        name,
    } = mail.items()[0]
    else {
        panic!("{mail:?}")
    };
    assert_eq!((flags, disposition), (IMMOVABLE_RECEIVE, 16));
    // The new guard shows, for it is not strict.
    assert_eq!(context(name), Ok(guard));
    assert_ne!(guard, 0);
    assert_eq!(
        rendezvous_tests::raw::destruct(name, 0, guard),
        KERN_SUCCESS
    );
}

#[test]
fn fact_29_an_unguarded_receive_right_in_a_guarded_descriptor() {
    let sent = made::port();
    let both = IMMOVABLE_RECEIVE | UNGUARDED_ON_SEND;
    let Item::Guarded {
        context: guard,
        flags,
        name,
        ..
    } = guarded(sent, 0, both, MACH_RCV_GUARDED_DESC)
    else {
        panic!("no guarded descriptor")
    };
    assert_eq!((context(name), flags), (Ok(guard), IMMOVABLE_RECEIVE));

    let sent = made::port();
    let Item::Guarded { flags, name, .. } =
        guarded(sent, 0, UNGUARDED_ON_SEND, MACH_RCV_GUARDED_DESC)
    else {
        panic!("no guarded descriptor")
    };
    assert_eq!((context(name), flags), (Ok(0), UNGUARDED_ON_SEND));
    assert_eq!(destroy(name), KERN_SUCCESS);
}

#[test]
fn fact_29_a_guarded_receive_right_that_comes_back() {
    let (port, sent) = (made::port_with_send(), made::port_with_send());
    for _ in 0..5 {
        Letter::to(port, MACH_MSG_TYPE_COPY_SEND).send();
    }
    assert_eq!(rendezvous_tests::raw::guard(sent, 5, false), KERN_SUCCESS);
    let letter = Letter::to(port, MACH_MSG_TYPE_COPY_SEND);
    let (code, back) = letter
        .guarded(sent, MACH_MSG_TYPE_MOVE_RECEIVE, 5, IMMOVABLE_RECEIVE)
        .send_with(MACH_SEND_TIMEOUT, 0);
    assert_eq!(code, MACH_SEND_TIMED_OUT);
    let Item::Guarded {
        context: guard,
        name,
        ..
    } = back.items()[0]
    else {
        panic!("{back:?}")
    };
    assert_eq!((name, context(sent)), (sent, Ok(guard)));
    // It is still free to move.
    let _ = drain(port);
    let letter = Letter::to(port, MACH_MSG_TYPE_COPY_SEND);
    let again = letter.guarded(sent, MACH_MSG_TYPE_MOVE_RECEIVE, guard, IMMOVABLE_RECEIVE);
    assert_eq!(again.try_send(), MACH_MSG_SUCCESS);
    assert_eq!(deallocate(sent), KERN_SUCCESS);
}
