//! What monitors send.

use crate::bytes::{put_u32s, u32_at};
use crate::{Malformed, Stamp, VERSION};

/// A monitor has done with a message. Sent with [`REPLY`](crate::REPLY) to the agent's reply port, without a reply right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The agent's number of the monitor.
    pub monitor: u32,
    /// The message's number. An agent ignores a reply to any other than the one that it waits for.
    pub sequence: u32,
}

impl Reply {
    /// Bytes of its body.
    pub const LEN: usize = 16;

    /// The reply to a message.
    #[must_use]
    pub fn to(stamp: Stamp) -> Self {
        Self {
            monitor: stamp.monitor,
            sequence: stamp.sequence,
        }
    }

    /// Its body.
    #[must_use]
    pub fn bytes(&self) -> [u8; Self::LEN] {
        let mut body = [0; Self::LEN];
        let _ = put_u32s(&mut body, 0, &[VERSION, self.monitor, self.sequence, 0]);
        body
    }

    /// Reads the body of one.
    ///
    /// # Errors
    /// [`Malformed::Short`] or [`Malformed::Version`].
    pub fn read(body: &[u8]) -> Result<Self, Malformed> {
        let field = |at| u32_at(body, at).ok_or(Malformed::Short);
        match field(0)? {
            VERSION => Ok(Self {
                monitor: field(4)?,
                sequence: field(8)?,
            }),
            version => Err(Malformed::Version(version)),
        }
    }
}

/// A further monitor: sent with [`ATTACH`](crate::ATTACH) to the agent's reply port, with a send right to the monitor's port as
/// the message's only descriptor.
///
/// The agent takes it up at the loader's next event, before it tells that: it sends the monitor its [`Hello`](crate::Hello).
/// Where all [`MAX_MONITORS`](crate::MAX_MONITORS) places are taken it gives the right up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attach {
    /// How long the agent is to wait for this monitor's replies, in milliseconds.
    pub deadline_ms: u32,
}

impl Attach {
    /// Bytes behind the message's descriptor.
    pub const LEN: usize = 8;

    /// Those bytes.
    #[must_use]
    pub fn bytes(&self) -> [u8; Self::LEN] {
        let mut body = [0; Self::LEN];
        let _ = put_u32s(&mut body, 0, &[VERSION, self.deadline_ms]);
        body
    }

    /// Reads them.
    ///
    /// # Errors
    /// [`Malformed::Short`] or [`Malformed::Version`].
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let field = |at| u32_at(bytes, at).ok_or(Malformed::Short);
        match field(0)? {
            VERSION => Ok(Self {
                deadline_ms: field(4)?,
            }),
            version => Err(Malformed::Version(version)),
        }
    }
}
