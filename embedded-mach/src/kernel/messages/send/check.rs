//! What can be said of a message by its bytes alone.

use super::Failure;
use crate::headers::message::{
    MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE,
    MACH_SEND_INVALID_DEST, MACH_SEND_INVALID_HEADER, MACH_SEND_INVALID_VOUCHER,
    MACH_SEND_MSG_TOO_SMALL, MACH_SEND_TOO_LARGE, mach_msg_return_t,
};
use crate::headers::port::{MACH_PORT_DEAD, MACH_PORT_NULL, MACH_PORT_VALID};
use crate::kernel::messages::copyin::is_send_disposition;
use crate::wire::layout;
use crate::wire::layout::{HEADER, Header, MAX_MESSAGE, RawDescriptor};
use zerocopy::FromBytes;

/// A message that has been found to be well formed.
pub(super) struct Checked<'a> {
    pub(super) header: Header,
    pub(super) body: &'a [u8],
    pub(super) descriptors: Vec<RawDescriptor>,
}

/// Checks a message's size, before anybody looks at as many bytes.
pub(crate) fn check_size(len: usize) -> Result<(), mach_msg_return_t> {
    if len < HEADER || !len.is_multiple_of(4) {
        return Err(MACH_SEND_MSG_TOO_SMALL);
    }
    if len > MAX_MESSAGE {
        return Err(MACH_SEND_TOO_LARGE);
    }
    Ok(())
}

/// Checks what depends on the bytes alone (Mach facts 24 and 27): nothing is touched.
pub(super) fn check(bytes: &[u8]) -> Result<Checked<'_>, Failure> {
    let (header, body) = Header::read_from_prefix(bytes).map_err(|_| MACH_SEND_MSG_TOO_SMALL)?;
    let descriptors = if header.is_complex() {
        layout::descriptors(body)?
    } else {
        Vec::new()
    };
    check_dispositions(&header)?;
    Ok(Checked {
        header,
        body,
        descriptors,
    })
}

/// Checks what the header says of its rights, in XNU's order: reply, voucher, destination.
fn check_dispositions(header: &Header) -> Result<(), mach_msg_return_t> {
    let (to, reply) = (header.remote_disposition(), header.local_disposition());
    let reply_is_bad = if reply == 0 {
        header.local != MACH_PORT_NULL
    } else {
        !is_send_disposition(reply)
    };
    if reply_is_bad {
        return Err(MACH_SEND_INVALID_HEADER);
    }
    let voucher = header.voucher_disposition();
    if !matches!(
        voucher,
        0 | MACH_MSG_TYPE_MOVE_SEND | MACH_MSG_TYPE_COPY_SEND
    ) || voucher != 0 && header.voucher == MACH_PORT_DEAD
    {
        return Err(MACH_SEND_INVALID_VOUCHER);
    }
    if !is_send_disposition(to) {
        return Err(MACH_SEND_INVALID_HEADER);
    }
    let same = header.remote == header.local;
    if !MACH_PORT_VALID(header.remote)
        || same && [to, reply].contains(&MACH_MSG_TYPE_MOVE_SEND_ONCE)
    {
        return Err(MACH_SEND_INVALID_DEST);
    }
    // There are no vouchers here, so no name can be one.
    if voucher != 0 && header.voucher != MACH_PORT_NULL {
        return Err(MACH_SEND_INVALID_VOUCHER);
    }
    Ok(())
}
