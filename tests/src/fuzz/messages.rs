//! `mach_msg` with any bytes, and what `mach-ports` makes of what arrives.

use std::time::Duration;

use arbitrary::{Result, Unstructured};
use mach_ports::ffi::message::{
    MACH_MSG_SUCCESS, MACH_MSG_TYPE_MAKE_SEND, MACH_SEND_MSG, MACH_SEND_TIMEOUT,
};
use mach_ports::{
    ReceiveError, ReceiveOptions, ReceiveRight, ReceivedMessage, SendOnceRight, SendRight,
};

use super::given::{self, Names};
use super::left::nothing_left;

/// Sends the messages that the bytes say, and reads what comes of them.
///
/// # Panics
/// If one that was accepted does not arrive, or something is left behind.
pub fn run(data: &[u8]) {
    nothing_left(|| {
        let names = Names::new();
        let port = ReceiveRight::new().expect("a receive right");
        let mut input = Unstructured::new(data);
        // Less than a message needs is the end.
        while !input.is_empty() && one(&mut input, &port, &names).is_ok() {}
    });
}

fn one(input: &mut Unstructured<'_>, port: &ReceiveRight, names: &Names) -> Result<()> {
    let given = given::message(input, (port.name(), MACH_MSG_TYPE_MAKE_SEND), names)?;
    let size = given.letter.size();
    let mut buffer = given.letter.buffer(0);
    let sent = if input.ratio(1, 8)? {
        input.int_in_range(0..=size)?
    } else {
        size
    };
    let option = MACH_SEND_MSG | MACH_SEND_TIMEOUT;
    let accepted = buffer.mach_msg(option, sent, 0, 0, 0) == MACH_MSG_SUCCESS;
    let at_once = ReceiveOptions::new().timeout(Duration::ZERO);
    let limited = input.ratio(1, 8)?;
    let received = if limited {
        port.receive(&at_once.max_size(input.int_in_range(0..=1000)?))
    } else {
        port.receive(&at_once)
    };
    match received {
        Ok(message) => {
            assert!(accepted, "a message that was refused");
            read(message, input)?;
        }
        Err(ReceiveError::TimedOut) => assert!(!accepted, "a message that was accepted is lost"),
        // Where no right goes along the kernel takes dispositions that there are not, and this crate does not.
        Err(ReceiveError::Malformed) => assert!(accepted),
        Err(error) => assert!(accepted && limited, "{error}"),
    }
    Ok(())
}

/// Looks at everything in a message, and takes some of it.
fn read(mut message: ReceivedMessage, input: &mut Unstructured<'_>) -> Result<()> {
    let sender = message.audit_token().expect("an audit token");
    assert_eq!(sender.pid(), std::process::id().cast_signed());
    let count = message.descriptor_count();
    assert_eq!(message.descriptors().count(), count);
    assert!(message.body().len() <= message.header_size() as usize);
    assert!(
        message
            .data()
            .is_none_or(|data| data.len() <= message.body().len())
    );
    let _ = (message.notification(), message.sequence_number());
    for index in 0..=count {
        assert_eq!(message.descriptor(index).is_some(), index < count);
        match input.int_in_range(0..=7u8)? {
            0 => drop(message.take_right(index)),
            1 => drop(message.take_send(index)),
            2 => drop(message.take_send_once(index)),
            3 => drop(message.take_receive(index)),
            4 => {
                let memory = message.take_memory(index);
                let sum: u64 = memory
                    .iter()
                    .flat_map(|m| m.iter())
                    .map(|b| u64::from(*b))
                    .sum();
                std::hint::black_box(sum);
            }
            5 => drop(message.take_rights::<SendRight>(index)),
            6 => drop(message.take_rights::<SendOnceRight>(index)),
            _ => {}
        }
    }
    if input.ratio(1, 2)? {
        drop(message.take_reply());
    }
    Ok(())
}
