//! The stub's own part: what it does in the new process.
//!
//! It runs before `main`, in every program that has this crate in it, and does nothing there but where this crate has started
//! the program as its stub. Nothing else of the program has run by then, so it has one thread.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::io;
use std::ptr;

use super::plan::{Limit, Plan};

/// What the stub is called, which is no program's name.
pub(super) const NAME: &CStr = c"mach-rendezvous: prepares a process and executes its program";

/// How a stub ends that failed for no reason that has a number.
const FAILED: c_int = 255;

unsafe extern "C" {
    // sandbox.h
    fn sandbox_init(profile: *const c_char, flags: u64, error: *mut *mut c_char) -> c_int;
    // unistd.h
    fn execvP(file: *const c_char, path: *const c_char, arguments: *const *const c_char) -> c_int;
    // mach-o/dyld.h
    fn _dyld_get_image_header(index: u32) -> *const c_void;
}

/// What the loader calls for each image before `main`, as it calls that.
type Initialiser = extern "C" fn(c_int, *const *const c_char);

// SAFETY: the section is a list of functions that are called as this one is defined.
#[used]
#[unsafe(link_section = "__DATA,__mod_init_func")]
static BEGIN: Initialiser = begin;

/// Whether the program that this process executes begins by [`begin`]: a library that was loaded later does not.
pub(super) fn is_in_program() -> bool {
    let mut found = libc::Dl_info {
        dli_fname: ptr::null(),
        dli_fbase: ptr::null_mut(),
        dli_sname: ptr::null(),
        dli_saddr: ptr::null_mut(),
    };
    // SAFETY: the address is that of code that is loaded, and the place is valid to write.
    let known = unsafe { libc::dladdr((&raw const BEGIN).cast(), &raw mut found) };
    // SAFETY: takes a number; the program is the first image.
    known != 0 && ptr::eq(found.dli_fbase, unsafe { _dyld_get_image_header(0) })
}

extern "C" fn begin(count: c_int, arguments: *const *const c_char) {
    let count = usize::try_from(count).unwrap_or(0);
    // SAFETY: the loader passes as many strings as it says, which live as long as the process does.
    let word = |at: usize| unsafe { CStr::from_ptr(*arguments.add(at)) };
    if count == 0 || word(0) != NAME {
        return;
    }
    let words: Vec<&CStr> = (1..count).map(word).collect();
    let error = run(&words).err().and_then(|error| error.raw_os_error());
    // SAFETY: ends this process at once, without anything of the program being run.
    unsafe { libc::_exit(error.unwrap_or(FAILED)) }
}

/// Prepares the process, and executes its program: what comes back is why not.
fn run(words: &[&CStr]) -> io::Result<()> {
    let invalid = || io::Error::from_raw_os_error(libc::EINVAL);
    let (plan, rest) = words.split_at_checked(Plan::WORDS).ok_or_else(invalid)?;
    let [path, program, own @ ..] = rest else {
        return Err(invalid());
    };
    prepare(&Plan::read(plan).ok_or_else(invalid)?)?;
    let arguments = own.iter().map(|argument| argument.as_ptr());
    let arguments: Vec<_> = arguments.chain([ptr::null()]).collect();
    // SAFETY: all are strings, and the list ends in null. It returns if it fails only.
    unsafe { execvP(program.as_ptr(), path.as_ptr(), arguments.as_ptr()) };
    Err(io::Error::last_os_error())
}

fn prepare(plan: &Plan) -> io::Result<()> {
    if let Some(mask) = plan.umask {
        // SAFETY: takes a number.
        unsafe { libc::umask(mask as libc::mode_t) };
    }
    for limit in &plan.limits {
        set(*limit)?;
    }
    for bound in &plan.bounds {
        lower(*bound)?;
    }
    // SAFETY: these take numbers only, and a list of no groups.
    unsafe {
        if plan.user.is_some() && libc::geteuid() == 0 {
            check(libc::setgroups(0, ptr::null()))?;
        }
        if let Some(group) = plan.group {
            check(libc::setgid(group))?;
        }
        if let Some(user) = plan.user {
            check(libc::setuid(user))?;
        }
    }
    if let Some(text) = &plan.sandbox {
        enter(text)?;
    }
    Ok(())
}

fn set((resource, soft, hard): Limit) -> io::Result<()> {
    let limit = libc::rlimit {
        rlim_cur: soft,
        rlim_max: hard,
    };
    // SAFETY: the limit is valid to read.
    check(unsafe { libc::setrlimit(resource, &raw const limit) })
}

/// Sets a limit, if the one that there is is not lower.
fn lower((resource, soft, hard): Limit) -> io::Result<()> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the limit is valid to write, and then to read.
    unsafe {
        check(libc::getrlimit(resource, &raw mut limit))?;
        limit.rlim_max = limit.rlim_max.min(hard);
        limit.rlim_cur = limit.rlim_cur.min(soft).min(limit.rlim_max);
        check(libc::setrlimit(resource, &raw const limit))
    }
}

/// Enters the system's sandbox. What that says of a text that it does not take goes to standard error.
fn enter(text: &CStr) -> io::Result<()> {
    let mut error = ptr::null_mut();
    // SAFETY: the text is a string, and the place for the message is valid to write.
    if unsafe { sandbox_init(text.as_ptr(), 0, &raw mut error) } == 0 {
        return Ok(());
    }
    if !error.is_null() {
        // SAFETY: the call has made a string there. The process ends before it would be freed.
        let said = unsafe { CStr::from_ptr(error) }.to_string_lossy();
        eprintln!("the system's sandbox refuses the profile: {said}");
    }
    Err(io::Error::from_raw_os_error(libc::EPERM))
}

fn check(result: c_int) -> io::Result<()> {
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
