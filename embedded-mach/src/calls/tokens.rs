//! `audit_token_to_*`: who sent a message.

use crate::headers::message::audit_token_t;

macro_rules! field {
    ($($(#[$doc:meta])* $name:ident: $index:literal as $type:ty;)*) => {$(
        $(#[$doc])*
        pub unsafe extern "C" fn $name(token: audit_token_t) -> $type {
            token.val[$index] as $type
        }
    )*};
}

field! {
    /// The audit user; here the real user.
    audit_token_to_auid: 0 as u32;
    /// The effective user; here the real user, which is what the kernel below tells.
    audit_token_to_euid: 1 as u32;
    /// The effective group; here the real group.
    audit_token_to_egid: 2 as u32;
    /// The real user.
    audit_token_to_ruid: 3 as u32;
    /// The real group.
    audit_token_to_rgid: 4 as u32;
    /// The process.
    audit_token_to_pid: 5 as i32;
    /// The audit session; always 0.
    audit_token_to_asid: 6 as i32;
    /// Which of the processes that had this pid; 0 unless the port asks for it: [`identify_senders`](crate::linux::identify_senders).
    audit_token_to_pidversion: 7 as i32;
}

/// Where an audit user sat.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
#[allow(non_camel_case_types, reason = "the name is that of the C header")]
pub struct au_tid {
    /// The terminal; 64 bits here.
    pub port: libc::dev_t,
    /// The machine.
    pub machine: u32,
}

/// All fields at once; what is not wanted is null. No terminal is known: all zeros.
#[allow(
    clippy::too_many_arguments,
    reason = "the signature is that of the C header"
)]
pub unsafe extern "C" fn audit_token_to_au32(
    atoken: audit_token_t,
    auidp: *mut u32,
    euidp: *mut u32,
    egidp: *mut u32,
    ruidp: *mut u32,
    rgidp: *mut u32,
    pidp: *mut i32,
    asidp: *mut i32,
    tidp: *mut au_tid,
) {
    // SAFETY: the caller's promise: each is null or can be written.
    unsafe {
        let fields = [auidp, euidp, egidp, ruidp, rgidp, pidp.cast(), asidp.cast()];
        for (field, value) in fields.into_iter().zip(atoken.val) {
            if !field.is_null() {
                field.write(value);
            }
        }
        if !tidp.is_null() {
            tidp.write(au_tid::default());
        }
    }
}
