//! What `mach_msg` returns.

use crate::headers::kern_return::kern_return_t;

/// The result of sending or receiving.
pub type mach_msg_return_t = kern_return_t;

/// The message was sent, or received, or both.
pub const MACH_MSG_SUCCESS: mach_msg_return_t = 0;

/// The bits that say what was lacking, beside a [`MACH_RCV_HEADER_ERROR`] or [`MACH_RCV_BODY_ERROR`] and some send errors.
pub const MACH_MSG_MASK: mach_msg_return_t = 0x0000_3e00;
/// No room for another name.
pub const MACH_MSG_IPC_SPACE: mach_msg_return_t = 0x0000_2000;
/// No room for out-of-line memory.
pub const MACH_MSG_VM_SPACE: mach_msg_return_t = 0x0000_1000;
/// The system lacks what a right needs.
pub const MACH_MSG_IPC_KERNEL: mach_msg_return_t = 0x0000_0800;
/// The system lacks what out-of-line memory needs.
pub const MACH_MSG_VM_KERNEL: mach_msg_return_t = 0x0000_0400;

/// The send waits; never returned.
pub const MACH_SEND_IN_PROGRESS: mach_msg_return_t = 0x1000_0001;
/// The message's bytes cannot be read.
pub const MACH_SEND_INVALID_DATA: mach_msg_return_t = 0x1000_0002;
/// The destination is not a right to send.
pub const MACH_SEND_INVALID_DEST: mach_msg_return_t = 0x1000_0003;
/// The queue stayed full until the time was up.
pub const MACH_SEND_TIMED_OUT: mach_msg_return_t = 0x1000_0004;
/// The voucher is not one.
pub const MACH_SEND_INVALID_VOUCHER: mach_msg_return_t = 0x1000_0005;
/// A signal came while the send waited.
pub const MACH_SEND_INTERRUPTED: mach_msg_return_t = 0x1000_0007;
/// The size is not that of a whole message.
pub const MACH_SEND_MSG_TOO_SMALL: mach_msg_return_t = 0x1000_0008;
/// The reply port is not the right its disposition needs.
pub const MACH_SEND_INVALID_REPLY: mach_msg_return_t = 0x1000_0009;
/// A right in the body is not the one its disposition needs.
pub const MACH_SEND_INVALID_RIGHT: mach_msg_return_t = 0x1000_000a;
/// The port for notifications is not one.
pub const MACH_SEND_INVALID_NOTIFY: mach_msg_return_t = 0x1000_000b;
/// Out-of-line memory cannot be read.
pub const MACH_SEND_INVALID_MEMORY: mach_msg_return_t = 0x1000_000c;
/// No memory for the message.
pub const MACH_SEND_NO_BUFFER: mach_msg_return_t = 0x1000_000d;
/// The message is too large, or has too many rights.
pub const MACH_SEND_TOO_LARGE: mach_msg_return_t = 0x1000_000e;
/// A descriptor's type or copy option is not one.
pub const MACH_SEND_INVALID_TYPE: mach_msg_return_t = 0x1000_000f;
/// A disposition of the header is not one.
pub const MACH_SEND_INVALID_HEADER: mach_msg_return_t = 0x1000_0010;
/// The sender's trailer is not one.
pub const MACH_SEND_INVALID_TRAILER: mach_msg_return_t = 0x1000_0011;
/// The sender's context is not that of the destination.
pub const MACH_SEND_INVALID_CONTEXT: mach_msg_return_t = 0x1000_0012;
/// Options that do not go together.
pub const MACH_SEND_INVALID_OPTIONS: mach_msg_return_t = 0x1000_0013;
/// No longer returned.
pub const MACH_SEND_INVALID_RT_OOL_SIZE: mach_msg_return_t = 0x1000_0015;
/// The destination takes no rights.
pub const MACH_SEND_NO_GRANT_DEST: mach_msg_return_t = 0x1000_0016;
/// A message filter said no.
pub const MACH_SEND_MSG_FILTERED: mach_msg_return_t = 0x1000_0017;
/// The auxiliary data is too small.
pub const MACH_SEND_AUX_TOO_SMALL: mach_msg_return_t = 0x1000_0018;
/// The auxiliary data is too large.
pub const MACH_SEND_AUX_TOO_LARGE: mach_msg_return_t = 0x1000_0019;

/// The receive waits; never returned.
pub const MACH_RCV_IN_PROGRESS: mach_msg_return_t = 0x1000_4001;
/// The name is not a receive right or a port set.
pub const MACH_RCV_INVALID_NAME: mach_msg_return_t = 0x1000_4002;
/// No message came until the time was up.
pub const MACH_RCV_TIMED_OUT: mach_msg_return_t = 0x1000_4003;
/// The message is larger than the buffer.
pub const MACH_RCV_TOO_LARGE: mach_msg_return_t = 0x1000_4004;
/// A signal came while the receive waited.
pub const MACH_RCV_INTERRUPTED: mach_msg_return_t = 0x1000_4005;
/// The receive right or set went away during the receive.
pub const MACH_RCV_PORT_CHANGED: mach_msg_return_t = 0x1000_4006;
/// The port for notifications is not one.
pub const MACH_RCV_INVALID_NOTIFY: mach_msg_return_t = 0x1000_4007;
/// The buffer cannot be written.
pub const MACH_RCV_INVALID_DATA: mach_msg_return_t = 0x1000_4008;
/// The port died during the receive; newer systems return [`MACH_RCV_PORT_CHANGED`].
pub const MACH_RCV_PORT_DIED: mach_msg_return_t = 0x1000_4009;
/// The receive right is in a set; no longer returned.
pub const MACH_RCV_IN_SET: mach_msg_return_t = 0x1000_400a;
/// The header's rights could not be taken in; the message is lost.
pub const MACH_RCV_HEADER_ERROR: mach_msg_return_t = 0x1000_400b;
/// A descriptor could not be taken in; the rest of the message is there.
pub const MACH_RCV_BODY_ERROR: mach_msg_return_t = 0x1000_400c;
/// A scatter list's type is not one.
pub const MACH_RCV_INVALID_TYPE: mach_msg_return_t = 0x1000_400d;
/// A scatter list's region is too small.
pub const MACH_RCV_SCATTER_SMALL: mach_msg_return_t = 0x1000_400e;
/// The trailer asked for is not one.
pub const MACH_RCV_INVALID_TRAILER: mach_msg_return_t = 0x1000_400f;
/// The receive waits with a time limit; never returned.
pub const MACH_RCV_IN_PROGRESS_TIMED: mach_msg_return_t = 0x1000_4011;
/// The reply port is not of the strict kind.
pub const MACH_RCV_INVALID_REPLY: mach_msg_return_t = 0x1000_4012;
/// Arguments that do not go together.
pub const MACH_RCV_INVALID_ARGUMENTS: mach_msg_return_t = 0x1000_4013;
