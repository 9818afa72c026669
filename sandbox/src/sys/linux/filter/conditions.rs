//! System calls that are allowed with some arguments only.

use seccompiler::SeccompCmpArgLen::Dword;
use seccompiler::SeccompCmpOp::{self, Eq, MaskedEq};
use seccompiler::{BackendError, SeccompCondition, SeccompRule};

use super::program::THIS_PROCESS;
use super::{Rules, old};

/// What no process needs another namespace for.
const NAMESPACES: i32 = libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET;

/// `PROCMAP_QUERY`: what is mapped at an address, asked of an open `/proc/self/maps`.
const PROCMAP_QUERY: u32 = 0xc068_6611;

/// Those that set no owner to be signalled.
const FCNTL: [i32; 18] = [
    libc::F_DUPFD,
    libc::F_DUPFD_CLOEXEC,
    libc::F_GETFD,
    libc::F_SETFD,
    libc::F_GETFL,
    libc::F_SETFL,
    libc::F_GETLK,
    libc::F_SETLK,
    libc::F_SETLKW,
    libc::F_OFD_GETLK,
    libc::F_OFD_SETLK,
    libc::F_OFD_SETLKW,
    libc::F_GETPIPE_SZ,
    libc::F_SETPIPE_SZ,
    libc::F_ADD_SEALS,
    libc::F_GET_SEALS,
    libc::F_GETOWN,
    libc::F_GETLEASE,
];

/// Those that ask, and what every descriptor can be told.
const IOCTL: [u32; 7] = [
    libc::FIONREAD as u32,
    libc::FIONBIO as u32,
    libc::FIOCLEX as u32,
    libc::FIONCLEX as u32,
    libc::TCGETS as u32,
    libc::TIOCGWINSZ as u32,
    PROCMAP_QUERY,
];

/// What a process says of itself, and what takes something away.
const PRCTL: [i32; 10] = [
    libc::PR_SET_NAME,
    libc::PR_GET_NAME,
    libc::PR_SET_NO_NEW_PRIVS,
    libc::PR_GET_NO_NEW_PRIVS,
    libc::PR_SET_DUMPABLE,
    libc::PR_GET_DUMPABLE,
    libc::PR_GET_SECCOMP,
    libc::PR_CAPBSET_READ,
    libc::PR_SET_VMA,
    libc::PR_SET_TIMERSLACK,
];

/// The condition that an argument is so.
fn argument(at: u8, is: SeccompCmpOp, value: u32) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(at, Dword, is, value.into())
}

/// One rule for each value that an argument may have.
fn one_of(at: u8, values: impl IntoIterator<Item = u32>) -> Result<Vec<SeccompRule>, BackendError> {
    values
        .into_iter()
        .map(|value| SeccompRule::new(vec![argument(at, Eq, value)?]))
        .collect()
}

/// Whatever the profile says.
pub(super) fn always() -> Result<Rules, BackendError> {
    let pair = |kind: i32| {
        SeccompRule::new(vec![
            argument(0, Eq, libc::AF_UNIX as u32)?,
            argument(1, MaskedEq(0xf), kind as u32)?,
        ])
    };
    Ok(Rules::from([
        (libc::SYS_fcntl, one_of(1, FCNTL.map(i32::cast_unsigned))?),
        (libc::SYS_ioctl, one_of(1, IOCTL)?),
        (libc::SYS_prctl, one_of(0, PRCTL.map(i32::cast_unsigned))?),
        // Only one's own limits: without capabilities none becomes higher than the hard one.
        (libc::SYS_prlimit64, one_of(0, [0])?),
        // Never datagrams, which are sent to a name without connecting.
        (
            libc::SYS_socketpair,
            vec![pair(libc::SOCK_STREAM)?, pair(libc::SOCK_SEQPACKET)?],
        ),
        // To lock itself up further. Nobody is asked about calls instead of the kernel.
        (
            libc::SYS_seccomp,
            vec![SeccompRule::new(vec![argument(
                1,
                MaskedEq(libc::SECCOMP_FILTER_FLAG_NEW_LISTENER),
                0,
            )?])?],
        ),
    ]))
}

/// Files are opened without being cut off. The first versions of landlock let those be that may be read only.
pub(super) fn no_truncation() -> Result<Rules, BackendError> {
    let opening = |flags: u8| -> Result<Vec<SeccompRule>, BackendError> {
        let truncating = libc::O_TRUNC.cast_unsigned();
        let kept = argument(flags, MaskedEq(truncating.into()), 0)?;
        Ok(vec![SeccompRule::new(vec![kept])?])
    };
    let mut rules = Rules::from([(libc::SYS_openat, opening(2)?)]);
    if let Some(open) = old::OPEN {
        rules.insert(open, opening(1)?);
    }
    Ok(rules)
}

/// New threads, and no new process; signals to itself, and a look at its own memory that may not be there.
pub(super) fn one_process() -> Result<Rules, BackendError> {
    let flags = libc::CLONE_THREAD | NAMESPACES;
    let thread = argument(
        0,
        MaskedEq(flags.cast_unsigned().into()),
        libc::CLONE_THREAD.cast_unsigned(),
    )?;
    Ok(Rules::from([
        (libc::SYS_clone, vec![SeccompRule::new(vec![thread])?]),
        (libc::SYS_kill, one_of(0, [THIS_PROCESS])?),
        (libc::SYS_tgkill, one_of(0, [THIS_PROCESS])?),
        (libc::SYS_process_vm_readv, one_of(0, [THIS_PROCESS])?),
    ]))
}

/// New processes in the same namespaces.
pub(super) fn processes() -> Result<Rules, BackendError> {
    let none = argument(0, MaskedEq(NAMESPACES.cast_unsigned().into()), 0)?;
    Ok(Rules::from([(
        libc::SYS_clone,
        vec![SeccompRule::new(vec![none])?],
    )]))
}

/// Sockets of the internet protocols.
pub(super) fn network() -> Result<Rules, BackendError> {
    let families = [libc::AF_INET, libc::AF_INET6].map(i32::cast_unsigned);
    Ok(Rules::from([(libc::SYS_socket, one_of(0, families)?)]))
}
