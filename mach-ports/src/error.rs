//! What a Mach call returned, and which call it was.

use std::ffi::CStr;
use std::fmt;

use crate::ffi;
use crate::ffi::bootstrap::{BOOTSTRAP_NO_CHILDREN, BOOTSTRAP_NOT_PRIVILEGED};
use crate::shortage::Shortage;

/// The code that a Mach call returned: a `kern_return_t` or a `mach_msg_return_t`.
///
/// The set of codes is open, so this is a number with named constants and not an enum.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct ReturnCode(i32);

impl ReturnCode {
    /// `KERN_INVALID_ARGUMENT`: an argument makes no sense to the call.
    pub const INVALID_ARGUMENT: Self = Self(ffi::kern_return::KERN_INVALID_ARGUMENT);
    /// `KERN_RESOURCE_SHORTAGE`: the system has run out of something.
    pub const RESOURCE_SHORTAGE: Self = Self(ffi::kern_return::KERN_RESOURCE_SHORTAGE);
    /// `KERN_INVALID_NAME`: the task holds nothing under that name.
    pub const INVALID_NAME: Self = Self(ffi::kern_return::KERN_INVALID_NAME);
    /// `KERN_INVALID_RIGHT`: the name does not denote a right of the kind asked for.
    pub const INVALID_RIGHT: Self = Self(ffi::kern_return::KERN_INVALID_RIGHT);
    /// `KERN_INVALID_VALUE`: a number is out of range.
    pub const INVALID_VALUE: Self = Self(ffi::kern_return::KERN_INVALID_VALUE);
    /// `KERN_INVALID_CAPABILITY`: a right given to the call is dead or of the wrong kind.
    pub const INVALID_CAPABILITY: Self = Self(ffi::kern_return::KERN_INVALID_CAPABILITY);
    /// `KERN_TERMINATED`: the object has been destroyed.
    pub const TERMINATED: Self = Self(ffi::kern_return::KERN_TERMINATED);
    /// `KERN_OPERATION_TIMED_OUT`: the time given to the call has passed.
    pub const OPERATION_TIMED_OUT: Self = Self(ffi::kern_return::KERN_OPERATION_TIMED_OUT);
    /// `KERN_ABORTED`: a signal interrupted the call.
    pub const ABORTED: Self = Self(ffi::kern_return::KERN_ABORTED);

    /// The code with this number.
    #[must_use]
    pub const fn new(code: i32) -> Self {
        Self(code)
    }

    /// The number itself.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }

    /// The system's own text for the code. Of a message call's code, it leaves out which resource was short.
    #[must_use]
    pub fn message(self) -> &'static str {
        let (code, shortage) = Shortage::split(self.0);
        if code == 0 && !shortage.is_none() {
            return "resource shortage";
        }
        // The bootstrap server's codes are in no system of Mach's.
        let of_bootstrap = (BOOTSTRAP_NOT_PRIVILEGED..=BOOTSTRAP_NO_CHILDREN).contains(&code);
        // SAFETY: both functions take any number and return a C string that is never freed, or null.
        let text = unsafe {
            let text = if of_bootstrap {
                ffi::bootstrap::bootstrap_strerror(code)
            } else {
                ffi::extra::mach_error_string(code)
            };
            (!text.is_null()).then(|| CStr::from_ptr(text))
        };
        text.and_then(|text| text.to_str().ok())
            .unwrap_or("unknown error code")
    }
}

impl fmt::Display for ReturnCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())?;
        let (_, shortage) = Shortage::split(self.0);
        if !shortage.is_none() {
            write!(f, ", {shortage}")?;
        }
        // Message codes are made of bit fields and are written in hexadecimal everywhere.
        if self.0.unsigned_abs() > 0xffff || !shortage.is_none() {
            write!(f, " ({:#010x})", self.0)
        } else {
            write!(f, " ({})", self.0)
        }
    }
}

impl fmt::Debug for ReturnCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A Mach call that did not succeed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{call} failed: {code}")]
pub struct Error {
    call: &'static str,
    code: ReturnCode,
}

crate::debug_with_causes!(Error);

impl Error {
    pub(crate) const fn new(call: &'static str, code: i32) -> Self {
        Self {
            call,
            code: ReturnCode(code),
        }
    }

    /// The name of the call, as in the C headers.
    #[must_use]
    pub const fn call(&self) -> &'static str {
        self.call
    }

    /// What it returned.
    #[must_use]
    pub const fn code(&self) -> ReturnCode {
        self.code
    }
}

/// Success, or an [`Error`] that names the call.
pub(crate) const fn check(call: &'static str, code: i32) -> Result<(), Error> {
    if code == ffi::kern_return::KERN_SUCCESS {
        Ok(())
    } else {
        Err(Error::new(call, code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_call_and_the_code() {
        let error = Error::new("mach_port_deallocate", 15);
        assert_eq!(error.code(), ReturnCode::INVALID_NAME);
        let text = error.to_string();
        assert!(text.starts_with("mach_port_deallocate failed: "), "{text}");
        assert!(text.ends_with("(15)"), "{text}");
    }

    #[test]
    fn codes_of_the_bootstrap_server_have_their_texts() {
        for (code, text) in [
            (1100, "Permission denied (1100)"),
            (1102, "Unknown service name (1102)"),
            (1105, "Out of memory (1105)"),
        ] {
            assert_eq!(ReturnCode::new(code).to_string(), text);
        }
    }

    #[test]
    fn message_codes_are_shown_in_hexadecimal() {
        let text = ReturnCode::new(0x1000_4003).to_string();
        assert!(text.ends_with("(0x10004003)"), "{text}");
    }

    #[test]
    fn a_message_code_says_which_resource_was_short() {
        for (code, text) in [
            (
                0x1000_600c,
                "(ipc/rcv) body error, no room for another right (0x1000600c)",
            ),
            (
                0x1000_500c,
                "(ipc/rcv) body error, no room for out-of-line memory (0x1000500c)",
            ),
            (
                0x1000_480b,
                "(ipc/rcv) header error, the kernel is short of resources for rights (0x1000480b)",
            ),
            (
                0x1000_740c,
                "(ipc/rcv) body error, no room for another right, no room for out-of-line memory, \
                 the kernel is short of resources for out-of-line memory (0x1000740c)",
            ),
            (
                0x400,
                "resource shortage, the kernel is short of resources for out-of-line memory (0x00000400)",
            ),
            (0x200, "resource shortage, short of a resource (0x00000200)"),
        ] {
            assert_eq!(ReturnCode::new(code).to_string(), text);
        }
    }
}
