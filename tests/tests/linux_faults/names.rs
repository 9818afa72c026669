//! System calls by number.

use nix::errno::Errno;

macro_rules! calls {
    ($called:ident: $($name:ident)+) => {
        fn $called(number: i64) -> Option<&'static str> {
            $(if number == libc::$name {
                return Some(stringify!($name));
            })+
            None
        }
    };
}

calls! { everywhere:
    SYS_accept4 SYS_bind SYS_clone SYS_clone3 SYS_close SYS_close_range SYS_connect SYS_dup SYS_dup3
    SYS_epoll_create1 SYS_epoll_ctl SYS_epoll_pwait SYS_eventfd2 SYS_faccessat SYS_faccessat2 SYS_fallocate
    SYS_fchdir SYS_fchmod SYS_fchmodat SYS_fcntl SYS_flock SYS_fstat SYS_fstatfs SYS_ftruncate SYS_getcwd
    SYS_getdents64 SYS_geteuid SYS_getpeername SYS_getrandom SYS_getsockname SYS_getsockopt SYS_getuid SYS_ioctl
    SYS_kill SYS_linkat SYS_listen SYS_lseek SYS_madvise SYS_memfd_create SYS_mkdirat SYS_mmap SYS_mremap
    SYS_newfstatat SYS_openat SYS_pidfd_open SYS_pidfd_send_signal SYS_pipe2 SYS_ppoll SYS_prctl SYS_pread64
    SYS_prlimit64 SYS_process_vm_readv SYS_process_vm_writev SYS_pwrite64 SYS_read SYS_readlinkat SYS_readv
    SYS_recvmsg SYS_renameat SYS_sched_getaffinity SYS_sendmsg SYS_setpgid SYS_setsockopt SYS_shutdown SYS_socket
    SYS_socketpair SYS_statfs SYS_statx SYS_symlinkat SYS_tgkill SYS_unlinkat SYS_wait4 SYS_waitid SYS_write
    SYS_writev
}

#[cfg(target_arch = "x86_64")]
calls! { here:
    SYS_access SYS_arch_prctl SYS_chmod SYS_dup2 SYS_epoll_wait SYS_link SYS_lstat SYS_mkdir SYS_open SYS_poll
    SYS_readlink SYS_rename SYS_rmdir SYS_stat SYS_symlink SYS_unlink SYS_vfork
}

#[cfg(not(target_arch = "x86_64"))]
calls! { here: SYS_fcntl }

/// What a call is called.
pub(crate) fn name(number: i64) -> &'static str {
    everywhere(number)
        .or_else(|| here(number))
        .unwrap_or("another call")
}

/// Whether no kernel has a call fail like that: a descriptor is closed whatever `close` says, a wait ends by a signal
/// or for want of memory, and the standard library, which asks as well, does not go on without randomness.
pub(crate) fn never_fails(name: &str, errno: Errno) -> bool {
    let fails = match name {
        "SYS_close" | "SYS_geteuid" | "SYS_getuid" => false,
        "SYS_getrandom" | "SYS_wait4" | "SYS_waitid" => errno == Errno::EINTR,
        "SYS_poll" | "SYS_ppoll" | "SYS_epoll_wait" | "SYS_epoll_pwait" => {
            matches!(errno, Errno::EINTR | Errno::ENOMEM)
        }
        _ => true,
    };
    !fails
}

/// Whether a call is one that the start of a program is made of, which nothing of the library's is yet.
pub(crate) fn starts_programs(number: i64) -> bool {
    [
        "SYS_access",
        "SYS_arch_prctl",
        "SYS_faccessat",
        "SYS_fstat",
        "SYS_getrandom",
        "SYS_madvise",
        "SYS_mmap",
        "SYS_newfstatat",
        "SYS_openat",
        "SYS_poll",
        "SYS_pread64",
        "SYS_prlimit64",
        "SYS_read",
        "SYS_sched_getaffinity",
    ]
    .contains(&name(number))
}
