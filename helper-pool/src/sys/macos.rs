//! `libproc`.

use std::io;
use std::mem;

/// The memory of a process that is in the machine's memory now, in bytes: pages that it shares count as well.
pub(crate) fn resident_memory(pid: i32) -> io::Result<u64> {
    // SAFETY: the structure is of numbers only, for which zeros are values.
    let mut info: libc::proc_taskinfo = unsafe { mem::zeroed() };
    let size = i32::try_from(mem::size_of_val(&info)).map_err(io::Error::other)?;
    // SAFETY: `info` is a place for `size` bytes that nobody else uses during the call.
    let written =
        unsafe { libc::proc_pidinfo(pid, libc::PROC_PIDTASKINFO, 0, (&raw mut info).cast(), size) };
    if written == size {
        Ok(info.pti_resident_size)
    } else {
        Err(io::Error::last_os_error())
    }
}
