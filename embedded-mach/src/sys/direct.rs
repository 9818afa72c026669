//! The calls of the kernel below that each message takes, without the C library's part in them.
//!
//! There each is a point at which `pthread_cancel` may end the thread. In a process with several threads it is made ready
//! for that before the call, and not any more behind it, which costs more than the call's entry; and a thread that
//! ended there would leave what it works on as it is for ever.

use nix::errno::Errno;

/// What a call gave; its error as the C library tells it.
fn result(given: libc::c_long) -> Result<usize, Errno> {
    Errno::result(given).map(|given| given.cast_unsigned() as usize)
}

/// `sendto` of one packet to the other side of a connected socket.
pub(super) fn send(to: libc::c_int, bytes: &[u8], flags: libc::c_int) -> Result<usize, Errno> {
    let nowhere = std::ptr::null::<libc::sockaddr>();
    // SAFETY: reads as many bytes as there are.
    result(unsafe {
        libc::syscall(
            libc::SYS_sendto,
            to,
            bytes.as_ptr(),
            bytes.len(),
            flags,
            nowhere,
            0,
        )
    })
}

/// `sendmsg`.
///
/// # Safety
/// What `message` points to can be read.
pub(super) unsafe fn sendmsg(
    to: libc::c_int,
    message: &libc::msghdr,
    flags: libc::c_int,
) -> Result<usize, Errno> {
    // SAFETY: the caller's promise.
    result(unsafe { libc::syscall(libc::SYS_sendmsg, to, &raw const *message, flags) })
}

/// `recvmsg`.
///
/// # Safety
/// What `message` points to can be written.
pub(super) unsafe fn recvmsg(
    from: libc::c_int,
    message: &mut libc::msghdr,
    flags: libc::c_int,
) -> Result<usize, Errno> {
    // SAFETY: the caller's promise.
    result(unsafe { libc::syscall(libc::SYS_recvmsg, from, &raw mut *message, flags) })
}

/// `epoll_wait`, which not all machines have, by its successor.
pub(super) fn epoll_wait(
    epoll: libc::c_int,
    events: &mut [libc::epoll_event],
    milliseconds: libc::c_int,
) -> Result<usize, Errno> {
    let no_mask = std::ptr::null::<libc::sigset_t>();
    // SAFETY: writes as many events as there is room for.
    result(unsafe {
        libc::syscall(
            libc::SYS_epoll_pwait,
            epoll,
            events.as_mut_ptr(),
            events.len(),
            milliseconds,
            no_mask,
            0,
        )
    })
}
