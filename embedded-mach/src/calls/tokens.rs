//! `audit_token_to_*`: who sent a message.

use crate::message::audit_token_t;

macro_rules! field {
    ($($(#[$doc:meta])* $name:ident: $index:literal as $type:ty;)*) => {$(
        $(#[$doc])*
        #[cfg_attr(feature = "c-abi", unsafe(no_mangle))]
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
    audit_token_to_asid: 6 as u32;
    /// Which of the processes that had this pid; always 0.
    audit_token_to_pidversion: 7 as i32;
}
