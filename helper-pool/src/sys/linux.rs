//! `/proc`.

use std::fs;
use std::io;

use nix::unistd::{SysconfVar, sysconf};

/// The memory of a process that is in the machine's memory now, in bytes: pages that it shares count as well.
pub(crate) fn resident_memory(pid: i32) -> io::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/statm"))?;
    let pages = text
        .split_ascii_whitespace()
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok())
        .ok_or(io::ErrorKind::InvalidData)?;
    Ok(pages.saturating_mul(page_size()?))
}

/// In bytes.
fn page_size() -> io::Result<u64> {
    let size = sysconf(SysconfVar::PAGE_SIZE)?.and_then(|size| u64::try_from(size).ok());
    size.ok_or_else(|| io::ErrorKind::Unsupported.into())
}
