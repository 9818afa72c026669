//! Commands that have the kernel refuse calls, as a container does.

use std::error::Error;

use crate::commands::{Answer, Words, word};

/// `refuse CALL EPERM|ENOSYS`: from now on, for this process and all that it starts.
pub(crate) fn refuse(mut words: Words<'_>) -> Answer {
    let call = match word(&mut words)? {
        "pidfd_open" => libc::SYS_pidfd_open,
        "close_range" => libc::SYS_close_range,
        "memfd_create" => libc::SYS_memfd_create,
        "openat2" => libc::SYS_openat2,
        "epoll_pwait2" => libc::SYS_epoll_pwait2,
        "getrandom" => libc::SYS_getrandom,
        "process_vm_readv" => libc::SYS_process_vm_readv,
        "statx" => libc::SYS_statx,
        other => return Err(format!("there is no call {other:?} here").into()),
    };
    let errno = match word(&mut words)? {
        "EPERM" => libc::EPERM,
        "ENOSYS" => libc::ENOSYS,
        other => return Err(format!("there is no error {other:?} here").into()),
    };
    filter(u32::try_from(call)?, errno.cast_unsigned())?;
    Ok("refused".to_owned())
}

fn filter(call: u32, errno: u32) -> Result<(), Box<dyn Error>> {
    let step = |code: u32, k: u32, jt: u8, jf: u8| libc::sock_filter {
        code: code as u16,
        jt,
        jf,
        k,
    };
    // The number of the call comes first in what a filter looks at.
    let mut steps = [
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, call, 0, 1),
        step(
            libc::BPF_RET | libc::BPF_K,
            libc::SECCOMP_RET_ERRNO | errno,
            0,
            0,
        ),
        step(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW, 0, 0),
    ];
    let program = libc::sock_fprog {
        len: steps.len() as u16,
        filter: steps.as_mut_ptr(),
    };
    // SAFETY: takes numbers, and then a program of as many steps as it says, which the kernel copies.
    let result = unsafe {
        match libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) {
            0 => libc::prctl(
                libc::PR_SET_SECCOMP,
                libc::SECCOMP_MODE_FILTER,
                &raw const program,
            ),
            failed => failed,
        }
    };
    match result {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error().into()),
    }
}
