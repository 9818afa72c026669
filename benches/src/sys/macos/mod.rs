//! macOS, where a process cannot be told which processor to run on, a local socket keeps no message boundaries, and
//! memory is given away by the kernel's own Mach IPC only.

use std::ffi::{CStr, CString};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process;
use std::sync::OnceLock;
use std::time::Duration;

use mach_ports::dispatch::{ProcessExitSource, SerialQueue};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
use nix::unistd::getppid;

use crate::Result;
use crate::args::Mode;
use crate::harness::peer::Role;
use crate::harness::{Contender, Counts};

pub(crate) const MODES: &[Mode] = &[Mode::Free];
pub(crate) const TRUE: &str = "/usr/bin/true";
pub(crate) const LIBRARY: &CStr = c"/usr/lib/libz.1.dylib";
/// The system's programs load nothing but what they are linked with.
pub(crate) const FURTHER_LIBRARIES: &[usize] = &[0];

pub(crate) fn library_file() -> Result<PathBuf> {
    Err("the system's libraries are in no files".into())
}

/// Calls a function of the C library's that does next to nothing, as all are called: dyld has bound it.
pub(crate) fn call_by_plt() {
    // SAFETY: it takes a number and gives one.
    std::hint::black_box(unsafe { libc::abs(1) });
}

pub(crate) fn pin() -> Result<()> {
    Err("macOS keeps no process on one processor".into())
}

pub(crate) fn cpu_time(process: i32) -> Duration {
    let mut usage = std::mem::MaybeUninit::<libc::rusage_info_v0>::zeroed();
    // SAFETY: the structure is the one that this flavour fills; what it leaves stays zero.
    let usage = unsafe {
        libc::proc_pid_rusage(process, libc::RUSAGE_INFO_V0, usage.as_mut_ptr().cast());
        usage.assume_init()
    };
    Duration::from_nanos(usage.ri_user_time + usage.ri_system_time)
}

pub(crate) fn end_with_parent() -> Result<()> {
    static WATCH: OnceLock<ProcessExitSource> = OnceLock::new();
    let parent = getppid().as_raw();
    if parent == 1 {
        process::exit(1);
    }
    let queue = SerialQueue::new("parent")?;
    let _ = WATCH.set(ProcessExitSource::new(parent, &queue, || process::exit(1))?);
    Ok(())
}

pub(crate) fn pair() -> Result<(OwnedFd, OwnedFd)> {
    let kind = SockType::Stream;
    Ok(socketpair(
        AddressFamily::Unix,
        kind,
        None,
        SockFlag::empty(),
    )?)
}

pub(crate) fn processor() -> String {
    let name = CString::from(c"machdep.cpu.brand_string");
    let mut text = [0_u8; 128];
    let mut len = text.len();
    // SAFETY: the name ends with 0, and the array has as many places as the call is told of.
    let code = unsafe {
        libc::sysctlbyname(
            name.as_ptr(),
            text.as_mut_ptr().cast(),
            &raw mut len,
            std::ptr::null_mut(),
            0,
        )
    };
    let text = String::from_utf8_lossy(&text[..if code == 0 { len } else { 0 }]);
    text.trim_end_matches('\0').to_owned()
}

pub(crate) fn echoes(_: &Counts) -> Result<Vec<Contender>> {
    Ok(Vec::new())
}

pub(crate) fn streams(_: &Counts, _: usize) -> Result<Vec<Contender>> {
    Ok(Vec::new())
}

pub(crate) fn hand_overs(_: &Counts, _: usize) -> Result<Vec<Contender>> {
    Ok(Vec::new())
}

pub(crate) fn serve(_: &Role) -> Option<Result<()>> {
    None
}
