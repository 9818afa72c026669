//! An agent's first message.

use crate::bytes::{put, put_u32s, u32_at, u64_at};
use crate::{Malformed, VERSION};

/// What an agent says first. Its reply right is a send right to the port on which the agent hears replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hello {
    /// The agent's number of this monitor, which its messages have and replies must have.
    pub monitor: u32,
    /// The agent's process id, as the agent sees it. Who it really is the audit token says.
    pub pid: u32,
    /// How long the agent waits for a reply, in milliseconds.
    pub deadline_ms: u32,
    /// When it was sent, on the clock of [`Stamp::timestamp`](crate::Stamp::timestamp).
    pub timestamp: u64,
}

impl Hello {
    /// Bytes of its body.
    pub const LEN: usize = 24;

    /// Its body.
    #[must_use]
    pub fn bytes(&self) -> [u8; Self::LEN] {
        let mut body = [0; Self::LEN];
        let fields = [VERSION, self.monitor, self.pid, self.deadline_ms];
        let _ = put_u32s(&mut body, 0, &fields);
        let _ = put(&mut body, 16, &self.timestamp.to_ne_bytes());
        body
    }

    pub(crate) fn read(body: &[u8]) -> Result<Self, Malformed> {
        let field = |at| u32_at(body, at).ok_or(Malformed::Short);
        match field(0)? {
            VERSION => Ok(Self {
                monitor: field(4)?,
                pid: field(8)?,
                deadline_ms: field(12)?,
                timestamp: u64_at(body, 16).ok_or(Malformed::Short)?,
            }),
            version => Err(Malformed::Version(version)),
        }
    }
}
