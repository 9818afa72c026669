//! The functions of which the compiler makes calls where it sees fit, and which a C library would have.

use super::machine;

#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe { machine::copy(to, from, len) };
    to
}

#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
    if (to as usize).wrapping_sub(from as usize) >= len {
        // SAFETY: the caller's promise; what is written has been read.
        unsafe { machine::copy(to, from, len) };
    } else {
        for index in (0..len).rev() {
            // SAFETY: the caller's promise. Volatile, or the compiler makes this a call of this very function.
            unsafe { to.add(index).write_volatile(from.add(index).read()) };
        }
    }
    to
}

#[unsafe(no_mangle)]
unsafe extern "C" fn memset(to: *mut u8, byte: i32, len: usize) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe { machine::fill(to, byte as u8, len) };
    to
}

#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(one: *const u8, other: *const u8, len: usize) -> i32 {
    for index in 0..len {
        // SAFETY: the caller's promise. Volatile, for the same reason.
        let (one, other) = unsafe {
            (
                one.add(index).read_volatile(),
                other.add(index).read_volatile(),
            )
        };
        if one != other {
            return i32::from(one).wrapping_sub(i32::from(other));
        }
    }
    0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(one: *const u8, other: *const u8, len: usize) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { memcmp(one, other, len) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn strlen(text: *const u8) -> usize {
    let mut len = 0_usize;
    // SAFETY: the caller's promise. Volatile, for the same reason.
    while unsafe { text.add(len).read_volatile() } != 0 {
        len = len.wrapping_add(1);
    }
    len
}
