//! A program whose system calls wait for their driver: a seccomp filter that reports each to a descriptor.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// The number under which a program that starts has its way to the driver. By it alone it sends without asking.
pub(crate) const CONTROL: RawFd = 900;

/// Calls that are not reported: those that the allocator, threads and signals are made of, and the end.
const UNSEEN: [libc::c_long; 22] = [
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_execve,
    libc::SYS_futex,
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mprotect,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_sigaltstack,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_rseq,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_sched_yield,
    libc::SYS_nanosleep,
    libc::SYS_clock_nanosleep,
    libc::SYS_clock_gettime,
    libc::SYS_restart_syscall,
];

const LOAD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
const IF_EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
const RETURN: u32 = libc::BPF_RET | libc::BPF_K;

const fn instruction(code: u32, k: u32, if_so: u8, if_not: u8) -> libc::sock_filter {
    libc::sock_filter {
        code: code as u16,
        jt: if_so,
        jf: if_not,
        k,
    }
}

/// Allows the calls that are not reported, and `sendmsg` by [`CONTROL`].
const fn program() -> [libc::sock_filter; 6 + UNSEEN.len() + 1] {
    // `struct seccomp_data`: the number stands first, the first argument behind 16 bytes, its low half first.
    let report = instruction(RETURN, libc::SECCOMP_RET_USER_NOTIF, 0, 0);
    let allow = instruction(RETURN, libc::SECCOMP_RET_ALLOW, 0, 0);
    let mut all = [report; 6 + UNSEEN.len() + 1];
    all[0] = instruction(LOAD, 0, 0, 0);
    all[1] = instruction(IF_EQUAL, libc::SYS_sendmsg as u32, 0, 3);
    all[2] = instruction(LOAD, 16, 0, 0);
    all[3] = instruction(IF_EQUAL, CONTROL as u32, (UNSEEN.len() + 2) as u8, 0);
    all[4] = report;
    let mut at = 0;
    while at < UNSEEN.len() {
        let to_allow = (UNSEEN.len() - at) as u8;
        all[5 + at] = instruction(IF_EQUAL, UNSEEN[at] as u32, to_allow, 0);
        at += 1;
    }
    all[5 + UNSEEN.len()] = report;
    all[6 + UNSEEN.len()] = allow;
    all
}

static PROGRAM: [libc::sock_filter; 6 + UNSEEN.len() + 1] = program();

/// Whether the system can report calls.
pub(crate) fn is_possible() -> bool {
    let mut sizes = [0_u16; 3];
    // SAFETY: `struct seccomp_notif_sizes` is three such numbers.
    let code = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_GET_NOTIF_SIZES,
            0,
            sizes.as_mut_ptr(),
        )
    };
    code == 0
}

/// Has the calls of this thread, and of all that comes of it, reported by the descriptor that is given.
///
/// Allocates nothing, for it is called between `fork` and `exec`.
pub(crate) fn install() -> io::Result<OwnedFd> {
    let program = libc::sock_fprog {
        len: PROGRAM.len() as u16,
        filter: PROGRAM.as_ptr().cast_mut(),
    };
    // SAFETY: takes numbers only.
    let code = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    if code != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the program is static, and the kernel copies it without writing to it.
    let fd = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            libc::SECCOMP_FILTER_FLAG_NEW_LISTENER,
            &raw const program,
        )
    };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has just made it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as RawFd) })
}

/// Sends a descriptor by [`CONTROL`], allocating nothing.
pub(crate) fn hand_over(fd: &OwnedFd) -> io::Result<()> {
    let mut byte = 0_u8;
    let mut part = libc::iovec {
        iov_base: (&raw mut byte).cast(),
        iov_len: 1,
    };
    #[repr(C, align(8))]
    struct Room([u8; 24]);
    let mut room = Room([0; 24]);
    // SAFETY: all zeros is a `msghdr`.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    message.msg_control = room.0.as_mut_ptr().cast();
    message.msg_controllen = room.0.len();
    // SAFETY: `room` is aligned for, and as large as, a `cmsghdr` with one descriptor, so that the first one is in it; the
    // message and what it points to live until the call is over.
    let sent = unsafe {
        let first = libc::CMSG_FIRSTHDR(&raw const message);
        (*first).cmsg_level = libc::SOL_SOCKET;
        (*first).cmsg_type = libc::SCM_RIGHTS;
        (*first).cmsg_len = libc::CMSG_LEN(size_of::<RawFd>() as u32) as usize;
        libc::CMSG_DATA(first)
            .cast::<RawFd>()
            .write_unaligned(fd.as_raw_fd());
        libc::sendmsg(CONTROL, &raw const message, 0)
    };
    if sent == 1 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
