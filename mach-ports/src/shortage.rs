//! The bits of a message call's code that say which resource was short, beside what went wrong.

use std::fmt;

use crate::ffi::error::{err_get_system, err_mach_ipc};
use crate::ffi::message as raw;

/// Each bit, and what it says.
const TEXTS: [(i32, &str); 4] = [
    (raw::MACH_MSG_IPC_SPACE, "no room for another right"),
    (raw::MACH_MSG_VM_SPACE, "no room for out-of-line memory"),
    (
        raw::MACH_MSG_IPC_KERNEL,
        "the kernel is short of resources for rights",
    ),
    (
        raw::MACH_MSG_VM_KERNEL,
        "the kernel is short of resources for out-of-line memory",
    ),
];

/// The resource bits of a code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shortage(i32);

impl Shortage {
    /// Parts a code into what went wrong and which resources were short.
    ///
    /// The kernel may give the bits alone: what is left then is 0, which is *not* success.
    pub(crate) const fn split(code: i32) -> (i32, Self) {
        let bits = code & raw::MACH_MSG_MASK;
        // Elsewhere the bits mean something else: BOOTSTRAP_NOT_PRIVILEGED is 0x44c.
        if err_get_system(code) == err_get_system(err_mach_ipc) || code == bits {
            (code & !bits, Self(bits))
        } else {
            (code, Self(0))
        }
    }

    pub(crate) const fn is_none(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut found = TEXTS.iter().filter(|(bit, _)| self.0 & bit != 0);
        f.write_str(found.next().map_or("short of a resource", |(_, text)| text))?;
        found.try_for_each(|(_, text)| write!(f, ", {text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_and_its_bits_are_parted() {
        for (code, outcome, bits) in [
            (0, 0, 0),
            (15, 15, 0),
            (0x1000_400c, 0x1000_400c, 0),
            (0x1000_600c, 0x1000_400c, 0x2000),
            (0x1000_7c0b, 0x1000_400b, 0x3c00),
            (0x1000_040c, 0x1000_000c, 0x400),
            (0x400, 0, 0x400),
            (0x3e00, 0, 0x3e00),
            (1100, 1100, 0),
            (-308, -308, 0),
        ] {
            let (found, shortage) = Shortage::split(code);
            assert_eq!((found, shortage.0), (outcome, bits), "{code:#x}");
        }
    }
}
