//! The texts of error codes, as macOS's `mach_error_string` and `bootstrap_strerror` give them.
//!
//! Programs print them and log readers search for them, so they are macOS's to the letter; where a code is newer than
//! macOS's own table, it is unknown here too.

use core::ffi::CStr;

use crate::headers::bootstrap::{
    BOOTSTRAP_BAD_COUNT, BOOTSTRAP_NAME_IN_USE, BOOTSTRAP_NO_MEMORY, BOOTSTRAP_NOT_PRIVILEGED,
    BOOTSTRAP_SERVICE_ACTIVE, BOOTSTRAP_SUCCESS, BOOTSTRAP_UNKNOWN_SERVICE,
};
use crate::headers::error::{
    err_get_code, err_get_sub, err_get_system, err_mach_ipc, err_sub, mach_error_t,
};
use crate::headers::kern_return::kern_return_t;

/// A code that its subsystem has no text for.
const NO_SUCH_ERROR: &CStr = c"unknown error code";

/// The codes of one subsystem, by number.
struct Subsystem {
    name: &'static CStr,
    texts: &'static [&'static CStr],
}

/// What an error code says.
pub(crate) fn mach_error_string(code: mach_error_t) -> &'static CStr {
    let code = modern(code);
    match subsystem(code) {
        Ok(subsystem) => usize::try_from(err_get_code(code))
            .ok()
            .and_then(|index| subsystem.texts.get(index))
            .copied()
            .unwrap_or(NO_SUCH_ERROR),
        Err(unknown) => unknown,
    }
}

/// Which subsystem an error code is of, for instance `(ipc/send)`.
pub(crate) fn mach_error_type(code: mach_error_t) -> &'static CStr {
    subsystem(modern(code)).map_or(c"(?/?)", |subsystem| subsystem.name)
}

/// What a result of the `bootstrap_` calls says.
pub(crate) fn bootstrap_strerror(code: kern_return_t) -> &'static CStr {
    match code {
        BOOTSTRAP_SUCCESS => c"Success",
        BOOTSTRAP_NOT_PRIVILEGED => c"Permission denied",
        BOOTSTRAP_NAME_IN_USE | BOOTSTRAP_SERVICE_ACTIVE => c"Service name already exists",
        BOOTSTRAP_UNKNOWN_SERVICE => c"Unknown service name",
        BOOTSTRAP_BAD_COUNT => c"Too many lookups were requested in one request",
        BOOTSTRAP_NO_MEMORY => c"Out of memory",
        other => mach_error_string(other),
    }
}

/// MIG's codes are older than the scheme of systems and subsystems: puts them where the scheme has them.
fn modern(code: mach_error_t) -> mach_error_t {
    match code {
        -399..=-300 => err_mach_ipc | err_sub(2) | -(code + 300),
        other => other,
    }
}

/// The table of a code, or what to say where there is none.
fn subsystem(code: mach_error_t) -> Result<&'static Subsystem, &'static CStr> {
    match (err_get_system(code), err_get_sub(code)) {
        (0, 0) => Ok(&KERN),
        (0, _) => Err(c"(operating system/?) unknown subsystem error"),
        (1, _) => Err(c"(user space/?) unknown subsystem error"),
        (2, _) => Err(c"(server/?) unknown subsystem error"),
        (4, 0) => Ok(&SEND),
        (4, 1) => Ok(&RCV),
        (4, 2) => Ok(&MIG),
        (3 | 4, _) => Err(c"(ipc/?) unknown subsystem error"),
        _ => Err(NO_SUCH_ERROR),
    }
}

static KERN: Subsystem = Subsystem {
    name: c"(os/kern)",
    texts: &[
        c"(os/kern) successful",
        c"(os/kern) invalid address",
        c"(os/kern) protection failure",
        c"(os/kern) no space available",
        c"(os/kern) invalid argument",
        c"(os/kern) failure",
        c"(os/kern) resource shortage",
        c"(os/kern) not receiver",
        c"(os/kern) no access",
        c"(os/kern) memory failure",
        c"(os/kern) memory error",
        c"(os/kern) already in set",
        c"(os/kern) not in set",
        c"(os/kern) name exists",
        c"(os/kern) aborted",
        c"(os/kern) invalid name",
        c"(os/kern) invalid task",
        c"(os/kern) invalid right",
        c"(os/kern) invalid value",
        c"(os/kern) urefs overflow",
        c"(os/kern) invalid capability",
        c"(os/kern) right exists",
        c"(os/kern) invalid host",
        c"(os/kern) memory present",
        c"(os/kern) memory data moved",
        c"(os/kern) memory restart copy",
        c"(os/kern) invalid processor set",
        c"(os/kern) policy limit",
        c"(os/kern) invalid policy",
        c"(os/kern) invalid object",
        c"(os/kern) already waiting",
        c"(os/kern) default set",
        c"(os/kern) exception protected",
        c"(os/kern) invalid ledger",
        c"(os/kern) invalid memory control",
        c"(os/kern) invalid security",
        c"(os/kern) not depressed",
        c"(os/kern) object terminated",
        c"(os/kern) lock set destroyed",
        c"(os/kern) lock unstable",
        c"(os/kern) lock owned by another",
        c"(os/kern) lock owned by self",
        c"(os/kern) semaphore destroyed",
        c"(os/kern) RPC terminated",
        c"(os/kern) terminate orphan",
        c"(os/kern) let orphan continue",
        c"(os/kern) service not supported",
        c"(os/kern) remote node down",
        c"(os/kern) thread not waiting",
        c"(os/kern) operation timed out",
        c"(os/kern) code signing error",
        c"(os/kern) policy is static",
        c"(os/kern) insufficient input buffer size",
        c"(os/kern) denied by security policy",
        c"(os/kern) missing kernel collection",
        c"(os/kern) invalid kernel collection",
        c"(os/kern) result not found",
    ],
};

static SEND: Subsystem = Subsystem {
    name: c"(ipc/send)",
    texts: &[
        c"(ipc/send) no error",
        c"(ipc/send) send in progress",
        c"(ipc/send) invalid data",
        c"(ipc/send) invalid destination port",
        c"(ipc/send) timed out",
        c"(ipc/send) will notify",
        c"(ipc/send) notify in progress",
        c"(ipc/send) interrupted",
        c"(ipc/send) msg too small",
        c"(ipc/send) invalid reply port",
        c"(ipc/send) invalid port right",
        c"(ipc/send) invalid notify port",
        c"(ipc/send) invalid memory",
        c"(ipc/send) no msg buffer",
        c"(ipc/send) no notify possible",
        c"(ipc/send) invalid msg-type",
        c"(ipc/send) invalid msg-header",
        c"(ipc/send) invalid msg-trailer",
        c"(ipc/send) DIPC transport failure",
        c"(ipc/send) DIPC port migrated",
        c"(ipc/send) DIPC resend failed",
        c"(ipc/send) out-of-line buffer too large",
    ],
};

static RCV: Subsystem = Subsystem {
    name: c"(ipc/rcv)",
    texts: &[
        c"(ipc/rcv) no error",
        c"(ipc/rcv) receive in progress",
        c"(ipc/rcv) invalid name",
        c"(ipc/rcv) timed out",
        c"(ipc/rcv) msg too large",
        c"(ipc/rcv) interrupted",
        c"(ipc/rcv) port changed",
        c"(ipc/rcv) invalid notify port",
        c"(ipc/rcv) invalid data",
        c"(ipc/rcv) port died",
        c"(ipc/rcv) port in set",
        c"(ipc/rcv) header error",
        c"(ipc/rcv) body error",
        c"(ipc/rcv) invalid scatter list entry",
        c"(ipc/rcv) overwrite region too small",
        c"(ipc/rcv) invalid msg-trailer",
        c"(ipc/rcv) DIPC transport error",
    ],
};

static MIG: Subsystem = Subsystem {
    name: c"(ipc/mig)",
    texts: &[
        c"(ipc/mig) client type check failure",
        c"(ipc/mig) wrong reply message ID",
        c"(ipc/mig) server detected error",
        c"(ipc/mig) bad request message ID",
        c"(ipc/mig) server type check failure",
        c"(ipc/mig) no reply should be sent",
        c"(ipc/mig) server raised exception",
        c"(ipc/mig) array not large enough",
        c"(ipc/mig) server died",
        c"(ipc/mig) unknown trailer format",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::{kern_return as k, message as m, mig};

    #[test]
    fn texts_are_macos_texts() {
        for (code, text) in [
            (k::KERN_SUCCESS, c"(os/kern) successful"),
            (k::KERN_INVALID_NAME, c"(os/kern) invalid name"),
            (k::KERN_NOT_SUPPORTED, c"(os/kern) service not supported"),
            (
                k::KERN_OPERATION_TIMED_OUT,
                c"(os/kern) operation timed out",
            ),
            (k::KERN_NOT_FOUND, c"(os/kern) result not found"),
            (
                m::MACH_SEND_INVALID_DEST,
                c"(ipc/send) invalid destination port",
            ),
            (m::MACH_SEND_TIMED_OUT, c"(ipc/send) timed out"),
            (
                m::MACH_SEND_INVALID_HEADER,
                c"(ipc/send) invalid msg-header",
            ),
            (m::MACH_RCV_TIMED_OUT, c"(ipc/rcv) timed out"),
            (m::MACH_RCV_PORT_DIED, c"(ipc/rcv) port died"),
            (
                m::MACH_RCV_INVALID_TRAILER,
                c"(ipc/rcv) invalid msg-trailer",
            ),
            (mig::MIG_TYPE_ERROR, c"(ipc/mig) client type check failure"),
            (mig::MIG_NO_REPLY, c"(ipc/mig) no reply should be sent"),
            (mig::MIG_TRAILER_ERROR, c"(ipc/mig) unknown trailer format"),
        ] {
            assert_eq!(mach_error_string(code), text, "{code:#x}");
        }
    }

    #[test]
    fn unknown_codes_are_called_unknown() {
        for code in [
            k::KERN_INVALID_GUARD_OBJECT_SLOT,
            1102,
            0x1000_3fff,
            m::MACH_RCV_INVALID_REPLY,
            -310,
        ] {
            assert_eq!(mach_error_string(code), c"unknown error code", "{code:#x}");
        }
        assert_eq!(
            mach_error_string(0x1000_c001),
            c"(ipc/?) unknown subsystem error"
        );
    }

    #[test]
    fn every_code_has_an_answer() {
        for system in 0..64 {
            for sub in 0..5 {
                for code in [0, 1, 0x3fff] {
                    let code = crate::headers::error::err_system(system) | err_sub(sub) | code;
                    assert!(
                        !mach_error_string(code).is_empty() && !mach_error_type(code).is_empty()
                    );
                }
            }
        }
        for code in [i32::MIN, i32::MAX, -1, -299, -400] {
            assert!(!mach_error_string(code).is_empty());
        }
    }

    #[test]
    fn bootstrap_texts() {
        assert_eq!(
            bootstrap_strerror(BOOTSTRAP_UNKNOWN_SERVICE),
            c"Unknown service name"
        );
        assert_eq!(
            bootstrap_strerror(BOOTSTRAP_SERVICE_ACTIVE),
            c"Service name already exists"
        );
        assert_eq!(
            bootstrap_strerror(k::KERN_INVALID_NAME),
            c"(os/kern) invalid name"
        );
    }

    #[test]
    fn types_name_the_subsystem() {
        assert_eq!(mach_error_type(m::MACH_RCV_TIMED_OUT), c"(ipc/rcv)");
        assert_eq!(mach_error_type(mig::MIG_BAD_ID), c"(ipc/mig)");
        assert_eq!(mach_error_type(crate::headers::error::err_local), c"(?/?)");
    }
}
