//! What differs between the systems, and what std has no safe call for.
//!
//! | item | what it is |
//! |---|---|
//! | `resident_memory` | how much memory a child has in use |

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_vendor = "apple")]
mod macos;

#[cfg(target_os = "linux")]
pub(crate) use linux::resident_memory;
#[cfg(target_vendor = "apple")]
pub(crate) use macos::resident_memory;

/// Ends this process at once, without what is to be done at its exit: another thread may hold what that needs.
pub(crate) fn exit_now(code: i32) -> ! {
    // SAFETY: takes a plain number, runs nothing of this process and does not return.
    unsafe { libc::_exit(code) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_is_touched_is_seen() {
        let own = || resident_memory(std::process::id().cast_signed()).unwrap();
        let before = own();
        let touched = vec![1_u8; 64 << 20];
        let after = own();
        assert!(
            before > 0 && after >= before + (32 << 20),
            "{before} {after}"
        );
        drop(touched);
    }

    #[test]
    fn a_process_that_is_not_there_has_none() {
        assert!(resident_memory(i32::MAX).is_err());
    }
}
