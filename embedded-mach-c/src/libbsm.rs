//! `bsm/libbsm.h`: reading audit tokens.

use mach::extra::au_tid;
use mach::message::audit_token_t;

functions! {
    mach::extra:

    fn audit_token_to_auid(token: audit_token_t) -> u32;
    fn audit_token_to_euid(token: audit_token_t) -> u32;
    fn audit_token_to_egid(token: audit_token_t) -> u32;
    fn audit_token_to_ruid(token: audit_token_t) -> u32;
    fn audit_token_to_rgid(token: audit_token_t) -> u32;
    fn audit_token_to_pid(token: audit_token_t) -> i32;
    fn audit_token_to_asid(token: audit_token_t) -> i32;
    fn audit_token_to_pidversion(token: audit_token_t) -> i32;
    fn audit_token_to_au32(
        atoken: audit_token_t,
        auidp: *mut u32,
        euidp: *mut u32,
        egidp: *mut u32,
        ruidp: *mut u32,
        rgidp: *mut u32,
        pidp: *mut i32,
        asidp: *mut i32,
        tidp: *mut au_tid,
    );
}
