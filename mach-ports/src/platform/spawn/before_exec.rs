//! What a child does itself before it executes its program.

use std::fmt;

/// Something that a child does itself before it executes its program, such as locking itself up.
///
/// # Safety
/// On Linux the child shares this process's memory, while the thread that made it stands still and all others go on. So
/// each method makes system calls on what was laid out before: it allocates nothing, takes no lock, does not panic, and
/// calls nothing that might.
pub unsafe trait BeforeExec: fmt::Debug + Send + Sync {
    /// Further flags of Linux's `clone` with which the child is made: namespaces of its own.
    fn clone_flags(&self) -> i32 {
        0
    }

    /// Before the child has the descriptors and the user that it is given: this process's are still open in it.
    ///
    /// # Errors
    /// An `errno`, by which the spawn fails.
    fn first(&self) -> Result<(), i32>;

    /// Last of all, with signals still blocked: after it there is the execution of the program.
    ///
    /// # Errors
    /// As [`first`](Self::first).
    fn last(&self) -> Result<(), i32>;
}
