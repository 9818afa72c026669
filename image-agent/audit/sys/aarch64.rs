//! System calls of 64-bit Arm.

use core::arch::asm;

/// The numbers of the calls.
pub(super) mod number {
    pub(crate) const FCNTL: usize = 25;
    pub(crate) const CLOSE: usize = 57;
    pub(crate) const PPOLL: usize = 73;
    pub(crate) const READLINKAT: usize = 78;
    pub(crate) const CLOCK_GETTIME: usize = 113;
    pub(crate) const RT_SIGPROCMASK: usize = 135;
    pub(crate) const GETPID: usize = 172;
    pub(crate) const GETPPID: usize = 173;
    pub(crate) const SOCKETPAIR: usize = 199;
    pub(crate) const SENDTO: usize = 206;
    pub(crate) const GETSOCKOPT: usize = 209;
    pub(crate) const SENDMSG: usize = 211;
    pub(crate) const RECVMSG: usize = 212;
    pub(crate) const PRLIMIT64: usize = 261;
}

/// # Safety
/// As that of the call with these arguments.
pub(super) unsafe fn syscall(number: usize, arguments: [usize; 6]) -> isize {
    let [first, second, third, fourth, fifth, sixth] = arguments;
    let answer;
    // SAFETY: the caller's promise; the kernel changes the first register only.
    unsafe {
        asm!(
            "svc 0",
            in("x8") number,
            inlateout("x0") first => answer,
            in("x1") second,
            in("x2") third,
            in("x3") fourth,
            in("x4") fifth,
            in("x5") sixth,
            options(nostack),
        );
    }
    answer
}

pub(crate) fn trap() -> ! {
    // SAFETY: ends the process.
    unsafe { asm!("brk #1", options(noreturn)) }
}

/// Copies forward.
///
/// # Safety
/// As `memcpy`, or the target begins before the source.
pub(super) unsafe fn copy(to: *mut u8, from: *const u8, len: usize) {
    for index in 0..len {
        // SAFETY: the caller's promise. Volatile, or the compiler makes this a call of `memcpy`.
        unsafe { to.add(index).write_volatile(from.add(index).read()) };
    }
}

/// # Safety
/// As `memset`.
pub(super) unsafe fn fill(to: *mut u8, byte: u8, len: usize) {
    for index in 0..len {
        // SAFETY: as above.
        unsafe { to.add(index).write_volatile(byte) };
    }
}
