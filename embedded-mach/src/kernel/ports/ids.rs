//! Keys of the embedded Mach's objects. A key of something that is gone finds nothing: slots have versions.

use slotmap::{Key, KeyData, new_key_type};

new_key_type! {
    /// A port, wherever its receive right is.
    pub(crate) struct PortKey;
    /// A port set.
    pub(crate) struct SetKey;
    /// A receiving end.
    pub(crate) struct LinkKey;
    /// The way back over a link that this task sends by.
    pub(crate) struct BackKey;
}

/// A key as the number that is registered with the kernel below, and back.
pub(crate) fn number(key: impl Key) -> u64 {
    key.data().as_ffi()
}

pub(crate) fn key<K: Key>(number: u64) -> K {
    KeyData::from_ffi(number).into()
}
