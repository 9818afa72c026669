//! Calls that newer processors do without, for there are others for the same.

pub(super) use machine::{ALWAYS, OPEN, PATHS, PROCESSES, WRITING};

#[cfg(target_arch = "x86_64")]
mod machine {
    /// `open`, whose flags are its second argument.
    pub(in crate::sys::platform::filter) const OPEN: Option<i64> = Some(libc::SYS_open);
    pub(in crate::sys::platform::filter) const ALWAYS: &[i64] = &[
        libc::SYS_arch_prctl,
        libc::SYS_open,
        libc::SYS_stat,
        libc::SYS_lstat,
        libc::SYS_dup2,
        libc::SYS_pipe,
        libc::SYS_poll,
        libc::SYS_select,
        libc::SYS_epoll_create,
        libc::SYS_epoll_wait,
        libc::SYS_eventfd,
        libc::SYS_signalfd,
        libc::SYS_pause,
        libc::SYS_alarm,
        libc::SYS_time,
        libc::SYS_getpgrp,
        libc::SYS_getrlimit,
        libc::SYS_setrlimit,
    ];
    pub(in crate::sys::platform::filter) const PATHS: &[i64] =
        &[libc::SYS_readlink, libc::SYS_access];
    pub(in crate::sys::platform::filter) const WRITING: &[i64] = &[
        libc::SYS_creat,
        libc::SYS_mkdir,
        libc::SYS_mknod,
        libc::SYS_rmdir,
        libc::SYS_unlink,
        libc::SYS_link,
        libc::SYS_symlink,
        libc::SYS_rename,
        libc::SYS_renameat,
    ];
    pub(in crate::sys::platform::filter) const PROCESSES: &[i64] =
        &[libc::SYS_fork, libc::SYS_vfork];
}

#[cfg(target_arch = "aarch64")]
mod machine {
    pub(in crate::sys::platform::filter) const OPEN: Option<i64> = None;
    pub(in crate::sys::platform::filter) const ALWAYS: &[i64] = &[];
    pub(in crate::sys::platform::filter) const PATHS: &[i64] = &[];
    pub(in crate::sys::platform::filter) const WRITING: &[i64] = &[libc::SYS_renameat];
    pub(in crate::sys::platform::filter) const PROCESSES: &[i64] = &[];
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod machine {
    pub(in crate::sys::platform::filter) const OPEN: Option<i64> = None;
    pub(in crate::sys::platform::filter) const ALWAYS: &[i64] = &[];
    pub(in crate::sys::platform::filter) const PATHS: &[i64] = &[];
    pub(in crate::sys::platform::filter) const WRITING: &[i64] = &[];
    pub(in crate::sys::platform::filter) const PROCESSES: &[i64] = &[];
}
