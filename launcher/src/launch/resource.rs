//! Limits of resources.

use mach_ports::platform::spawn::ResourceLimit;

/// What a process can be limited in: see [`Launcher::rlimit`](crate::Launcher::rlimit).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Resource {
    /// Bytes that are mapped (`RLIMIT_AS`). macOS does not keep it.
    AddressSpace,
    /// Bytes of a core dump (`RLIMIT_CORE`).
    CoreDump,
    /// Seconds of processor time (`RLIMIT_CPU`).
    CpuTime,
    /// Bytes of data (`RLIMIT_DATA`).
    Data,
    /// Open descriptors (`RLIMIT_NOFILE`). On Linux each right between two processes is one.
    Descriptors,
    /// Bytes that a file may grow to (`RLIMIT_FSIZE`). On Linux out-of-line memory is a file that it counts for.
    FileSize,
    /// Bytes that are locked in memory (`RLIMIT_MEMLOCK`).
    LockedMemory,
    /// Processes of the child's user, and on Linux threads (`RLIMIT_NPROC`).
    Processes,
    /// Bytes of the first thread's stack (`RLIMIT_STACK`).
    Stack,
}

impl Resource {
    #[allow(
        clippy::unnecessary_cast,
        reason = "the kind of number differs between systems"
    )]
    pub(crate) fn limit(self, soft: u64, hard: u64) -> ResourceLimit {
        let resource = match self {
            Self::AddressSpace => libc::RLIMIT_AS,
            Self::CoreDump => libc::RLIMIT_CORE,
            Self::CpuTime => libc::RLIMIT_CPU,
            Self::Data => libc::RLIMIT_DATA,
            Self::Descriptors => libc::RLIMIT_NOFILE,
            Self::FileSize => libc::RLIMIT_FSIZE,
            Self::LockedMemory => libc::RLIMIT_MEMLOCK,
            Self::Processes => libc::RLIMIT_NPROC,
            Self::Stack => libc::RLIMIT_STACK,
        };
        ResourceLimit {
            resource: resource as i32,
            soft,
            hard,
        }
    }
}
