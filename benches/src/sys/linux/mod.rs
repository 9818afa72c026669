//! Linux.

mod credentials;
mod memfd;
mod plt;

use std::ffi::CStr;
use std::fs;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process;
use std::time::Duration;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::{Pid, getppid};

use crate::Result;
use crate::args::Mode;
use crate::harness::peer::Role;
use crate::harness::{Contender, Counts};

pub(crate) const MODES: &[Mode] = &[Mode::Pinned, Mode::Free];
pub(crate) const TRUE: &str = "/bin/true";
pub(crate) const LIBRARY: &CStr = c"libresolv.so.2";
/// How many libraries a program can be made to load besides its own.
pub(crate) const FURTHER_LIBRARIES: &[usize] = &[0, 100];

pub(crate) use plt::call_by_plt;

/// The file of [`LIBRARY`].
pub(crate) fn library_file() -> Result<PathBuf> {
    // SAFETY: it is a library of the system's, and nothing of it is used. It stays, so that it is mapped below.
    unsafe { libc::dlopen(LIBRARY.as_ptr(), libc::RTLD_NOW) };
    let maps = fs::read_to_string("/proc/self/maps")?;
    let name = LIBRARY.to_str()?;
    let mut paths = maps
        .lines()
        .filter_map(|line| Some(&line[line.find('/')?..]));
    let path = paths.find(|path| path.ends_with(name));
    Ok(path.ok_or("the library is not there")?.into())
}

pub(crate) fn pin() -> Result<()> {
    let own = Pid::from_raw(0);
    let allowed = sched_getaffinity(own)?;
    let first = (0..CpuSet::count()).find(|at| allowed.is_set(*at).unwrap_or(false));
    let mut one = CpuSet::new();
    one.set(first.ok_or("no processor is allowed")?)?;
    Ok(sched_setaffinity(own, &one)?)
}

pub(crate) fn cpu_time(process: i32) -> Duration {
    ClockId::pid_cpu_clock_id(Pid::from_raw(process))
        .and_then(clock_gettime)
        .map_or(Duration::ZERO, Duration::from)
}

pub(crate) fn end_with_parent() -> Result<()> {
    set_pdeathsig(Signal::SIGKILL)?;
    // It may have ended before.
    if getppid().as_raw() == 1 {
        process::exit(1);
    }
    Ok(())
}

pub(crate) fn pair() -> Result<(OwnedFd, OwnedFd)> {
    let kind = SockType::SeqPacket;
    Ok(socketpair(
        AddressFamily::Unix,
        kind,
        None,
        SockFlag::SOCK_CLOEXEC,
    )?)
}

pub(crate) fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == "model name").then(|| value.trim().to_owned())
    });
    model.unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

pub(crate) fn echoes(counts: &Counts) -> Result<Vec<Contender>> {
    Ok(vec![credentials::echo(counts)?])
}

pub(crate) fn streams(counts: &Counts, size: usize) -> Result<Vec<Contender>> {
    Ok(vec![credentials::stream(counts, size)?])
}

pub(crate) fn hand_overs(counts: &Counts, size: usize) -> Result<Vec<Contender>> {
    Ok(vec![memfd::hand_over(counts, size)?])
}

pub(crate) fn serve(role: &Role) -> Option<Result<()>> {
    Some(match role.name.as_str() {
        credentials::ECHO => credentials::serve_echo(),
        credentials::STREAM => role.number().and_then(credentials::serve_stream),
        memfd::HAND_OVER => role.number().and_then(memfd::serve),
        _ => return None,
    })
}
