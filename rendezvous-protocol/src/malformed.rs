use crate::text;

/// Why a message is no reply. The server erred, or somebody else replied.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedReply {
    /// It has another id than [`crate::wire::REPLY`].
    #[error("message id {id:#x} is not that of a rendezvous reply")]
    Id {
        /// The id found.
        id: i32,
    },
    /// It says that there are no ports, for a reason that is none.
    #[error("the server denies the ports for reason {number}, which is unknown")]
    Denial {
        /// The number of the reason.
        number: u32,
    },
    /// It ends before the end of what it announces.
    #[error("the reply ends after {len} bytes behind its descriptors")]
    Truncated {
        /// Bytes behind the descriptors.
        len: usize,
    },
    /// It has more or fewer bytes than it accounts for.
    #[error("the reply has {found} bytes behind its descriptors and accounts for {expected}")]
    WrongSize {
        /// Bytes that the reply accounts for.
        expected: usize,
        /// Bytes that it has.
        found: usize,
    },
    /// It has more descriptors than [`crate::wire::MAX_PORTS`].
    #[error("the reply has {ports} descriptors")]
    TooManyPorts {
        /// The number of descriptors.
        ports: usize,
    },
    /// It announces more data than [`crate::wire::MAX_ADDITIONAL_DATA`].
    #[error("the reply announces {len} bytes of additional data")]
    TooMuchData {
        /// The announced number of bytes.
        len: u64,
    },
    /// Two descriptors have one key.
    #[error("the reply has two ports under key {}", text::key(*key))]
    DuplicateKey {
        /// The key that is there twice.
        key: u32,
    },
    /// The keys do not ascend.
    #[error("the reply's keys do not ascend at {}", text::key(*key))]
    KeysOutOfOrder {
        /// The first key that is smaller than the one before.
        key: u32,
    },
    /// A descriptor carries something else than one port.
    #[error("descriptor {index} of the reply is no port descriptor")]
    NotAPort {
        /// The index of the descriptor.
        index: usize,
    },
    /// The reply brings a reply port of its own, which no server sends.
    #[error("the reply asks for a reply")]
    AsksForReply,
}

mach_ports::debug_with_causes!(MalformedReply);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_main_prints() {
        for (error, text) in [
            (
                MalformedReply::Id { id: 71 },
                "message id 0x47 is not that of a rendezvous reply",
            ),
            (
                MalformedReply::Denial { number: 9 },
                "the server denies the ports for reason 9, which is unknown",
            ),
            (
                MalformedReply::Truncated { len: 4 },
                "the reply ends after 4 bytes behind its descriptors",
            ),
            (
                MalformedReply::WrongSize {
                    expected: 12,
                    found: 20,
                },
                "the reply has 20 bytes behind its descriptors and accounts for 12",
            ),
            (
                MalformedReply::TooManyPorts { ports: 251 },
                "the reply has 251 descriptors",
            ),
            (
                MalformedReply::TooMuchData { len: 1_048_577 },
                "the reply announces 1048577 bytes of additional data",
            ),
            (
                MalformedReply::DuplicateKey { key: 7 },
                "the reply has two ports under key 0x7",
            ),
            (
                MalformedReply::KeysOutOfOrder { key: 7 },
                "the reply's keys do not ascend at 0x7",
            ),
            (
                MalformedReply::NotAPort { index: 1 },
                "descriptor 1 of the reply is no port descriptor",
            ),
            (MalformedReply::AsksForReply, "the reply asks for a reply"),
        ] {
            assert_eq!(format!("{error:?}"), text);
        }
    }
}
