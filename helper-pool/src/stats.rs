//! Counts.

/// What a pool has and what it has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Helpers that do not serve yet.
    pub starting: usize,
    /// Helpers with nothing to do.
    pub idle: usize,
    /// Helpers that are at a call or in a session.
    pub busy: usize,
    /// Calls, and sessions to be, that wait for a helper.
    pub waiting: usize,
    /// What has happened since the pool was built.
    pub total: Totals,
}

/// What has happened since a pool was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Totals {
    /// Helpers that came to serve.
    pub started: u64,
    /// Helpers that did not come to serve, or ended before their first call.
    pub start_failures: u64,
    /// Calls that had results.
    pub succeeded: u64,
    /// Calls that failed without costing the helper: by the routine's own code, or by the caller's fault.
    pub failed: u64,
    /// Calls whose helper crashed, exited, panicked or was killed by somebody else.
    pub crashed: u64,
    /// Calls that were not answered within their deadline.
    pub timed_out: u64,
    /// Calls whose helper took more memory than it may.
    pub memory: u64,
    /// Calls whose helper broke the protocol, or dropped them.
    pub breached: u64,
    /// Calls that were cancelled, in flight or while they waited.
    pub cancelled: u64,
    /// Helpers that ended while they had nothing to do, after their first call.
    pub ended_idle: u64,
    /// Helpers that were replaced for the calls that they had served, or for the memory that they had.
    pub recycled: u64,
    /// Helpers that were ended because there was nothing for them to do.
    pub retired: u64,
    /// Helpers that were killed because a session was dropped, or a call panicked in this process.
    pub abandoned: u64,
}
