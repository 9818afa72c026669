//! The option word of `mach_msg`.

use crate::headers::vm_types::integer_t;

/// What `mach_msg` is to do, and how.
pub type mach_msg_option_t = integer_t;
/// Another name of [`mach_msg_option_t`].
pub type mach_msg_options_t = integer_t;

/// Do nothing.
pub const MACH_MSG_OPTION_NONE: mach_msg_option_t = 0;

/// Send.
pub const MACH_SEND_MSG: mach_msg_option_t = 0x0000_0001;
/// Receive, after the send if both are asked.
pub const MACH_RCV_MSG: mach_msg_option_t = 0x0000_0002;

/// A message that does not fit stays in the queue; the header says the size.
pub const MACH_RCV_LARGE: mach_msg_option_t = 0x0000_0004;
/// With [`MACH_RCV_LARGE`]: the header also says which member of a set it waits at.
pub const MACH_RCV_LARGE_IDENTITY: mach_msg_option_t = 0x0000_0008;

/// The time limit counts for the send.
pub const MACH_SEND_TIMEOUT: mach_msg_option_t = 0x0000_0010;
/// The send carries a priority.
pub const MACH_SEND_OVERRIDE: mach_msg_option_t = 0x0000_0020;
/// A signal ends the send.
pub const MACH_SEND_INTERRUPT: mach_msg_option_t = 0x0000_0040;
/// Arm the send-possible notification if the queue is full.
pub const MACH_SEND_NOTIFY: mach_msg_option_t = 0x0000_0080;
/// Kernel only: the queue limit does not count.
pub const MACH_SEND_ALWAYS: mach_msg_option_t = 0x0001_0000;
/// A message filter that says no makes the send fail and does not kill.
pub const MACH_SEND_FILTER_NONFATAL: mach_msg_option_t = 0x0001_0000;
/// The sender brings the trailer.
pub const MACH_SEND_TRAILER: mach_msg_option_t = 0x0002_0000;
/// The message does not carry importance.
pub const MACH_SEND_NOIMPORTANCE: mach_msg_option_t = 0x0004_0000;
/// Another name of [`MACH_SEND_NOIMPORTANCE`].
pub const MACH_SEND_NODENAP: mach_msg_option_t = MACH_SEND_NOIMPORTANCE;
/// Kernel only: the message carries importance.
pub const MACH_SEND_IMPORTANCE: mach_msg_option_t = 0x0008_0000;
/// The receiver inherits the priority of the waiting sender.
pub const MACH_SEND_SYNC_OVERRIDE: mach_msg_option_t = 0x0010_0000;
/// The sender's quality of service goes with the message.
pub const MACH_SEND_PROPAGATE_QOS: mach_msg_option_t = 0x0020_0000;
/// Another name of [`MACH_SEND_PROPAGATE_QOS`].
pub const MACH_SEND_SYNC_USE_THRPRI: mach_msg_option_t = MACH_SEND_PROPAGATE_QOS;
/// Kernel only: a send from the kernel.
pub const MACH_SEND_KERNEL: mach_msg_option_t = 0x0040_0000;
/// The reply port raises who is checking in.
pub const MACH_SEND_SYNC_BOOTSTRAP_CHECKIN: mach_msg_option_t = 0x0080_0000;

/// The time limit counts for the receive.
pub const MACH_RCV_TIMEOUT: mach_msg_option_t = 0x0000_0100;
/// Without effect.
pub const MACH_RCV_NOTIFY: mach_msg_option_t = 0;
/// A signal ends the receive.
pub const MACH_RCV_INTERRUPT: mach_msg_option_t = 0x0000_0400;
/// Vouchers are welcome.
pub const MACH_RCV_VOUCHER: mach_msg_option_t = 0x0000_0800;
/// Without effect.
pub const MACH_RCV_OVERWRITE: mach_msg_option_t = 0;
/// Guarded descriptors are understood.
pub const MACH_RCV_GUARDED_DESC: mach_msg_option_t = 0x0000_1000;
/// The receiver waits for an answer to a send that blocks.
pub const MACH_RCV_SYNC_WAIT: mach_msg_option_t = 0x0000_4000;
/// Look, do not take.
pub const MACH_RCV_SYNC_PEEK: mach_msg_option_t = 0x0000_8000;

/// The reply port must be of the strict kind.
pub const MACH_MSG_STRICT_REPLY: mach_msg_option_t = 0x0000_0200;
