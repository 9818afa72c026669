//! Making a process that shares this one's memory until it executes a program.
//!
//! As `posix_spawn` does it, which cannot give a child another limit of descriptors nor say which process it made but by
//! a number, and which waits for all of the parent's descriptors to be closed in the child.

use std::ffi::{CStr, CString, OsStr, c_void};
use std::io;
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use embedded_mach::linux;

use crate::sys::linux::spawn::actions::Actions;
use crate::sys::linux::spawn::attributes::Attributes;
use crate::sys::linux::spawn::child::{Plan, SignalSet, live};
use crate::sys::linux::spawn::stack::Stack;

/// Where programs are looked for where there is no `PATH`, as the C library says.
const USUAL: &str = "/bin:/usr/bin";

/// The descriptor that stands for a process and no other, where the kernel gives one.
#[derive(Debug)]
pub(crate) struct Handle(Option<OwnedFd>);

impl Handle {
    /// Of a process that is known by its number.
    pub(crate) fn unknown() -> Self {
        Self(None)
    }

    pub(crate) fn into_descriptor(self) -> Option<OwnedFd> {
        self.0
    }
}

pub(crate) fn spawn(
    program: &CStr,
    actions: &Actions,
    attributes: &Attributes,
    arguments: &[&CStr],
    environment: &[&CStr],
) -> io::Result<(i32, Handle)> {
    let list = |strings: &[&CStr]| -> Vec<*const libc::c_char> {
        let pointers = strings.iter().map(|string| string.as_ptr());
        pointers.chain([ptr::null()]).collect()
    };
    let places = places(program, std::env::var_os("PATH").as_deref());
    let stack = Stack::take()?;
    let blocked = Blocked::all();
    let mut plan = Plan {
        actions,
        attributes,
        places: &places,
        arguments: &list(arguments),
        environment: &list(environment),
        mask: if attributes.unblock_signals {
            0
        } else {
            blocked.before
        },
        // What is done before the child's own descriptors are in place may need any of this process's.
        shared_below: match attributes.before_exec {
            None => actions.first_unneeded(),
            Some(_) => None,
        },
        shares_for_good: AtomicBool::new(false),
        error: AtomicI32::new(0),
    };
    let dumpable = attributes.changes_user().then(Dumpable::now);
    let mut made = start(&plan, &stack);
    if plan.shares_for_good.load(Ordering::Relaxed) {
        // A kernel before 5.9, or a filter of system calls: the kernel copies the whole table.
        plan.shared_below = None;
        plan.error = AtomicI32::new(0);
        made = start(&plan, &stack);
    }
    drop(dumpable);
    drop(blocked);
    stack.give_back();
    made
}

/// Makes the child; it executes its program by now, or there is none.
fn start(plan: &Plan<'_>, stack: &Stack) -> io::Result<(i32, Handle)> {
    let (pid, handle) = clone(plan, stack)?;
    match plan.error.load(Ordering::Relaxed) {
        0 => Ok((pid, handle)),
        error => {
            reap(pid);
            Err(io::Error::from_raw_os_error(error))
        }
    }
}

/// Where a program may be: along the path, if it is named without a slash.
fn places(program: &CStr, path: Option<&OsStr>) -> Vec<CString> {
    let name = program.to_bytes();
    if name.is_empty() {
        return Vec::new();
    }
    if name.contains(&b'/') {
        return vec![program.to_owned()];
    }
    let path = path.unwrap_or(OsStr::new(USUAL)).as_bytes();
    let place = |folder: &[u8]| {
        let mut place = folder.to_vec();
        // No folder is the current one.
        if !folder.is_empty() {
            place.push(b'/');
        }
        place.extend_from_slice(name);
        // Neither has a zero in it.
        CString::new(place).ok()
    };
    path.split(|byte| *byte == b':').filter_map(place).collect()
}

fn clone(plan: &Plan<'_>, stack: &Stack) -> io::Result<(i32, Handle)> {
    let further = plan.attributes.clone_flags();
    let with_descriptor = call(plan, stack, libc::CLONE_PIDFD | further);
    match &with_descriptor {
        // Not known to this kernel, or not to whoever stands in for one.
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => call(plan, stack, further),
        _ => with_descriptor,
    }
}

fn call(plan: &Plan<'_>, stack: &Stack, further: i32) -> io::Result<(i32, Handle)> {
    let shares = match plan.shared_below {
        Some(_) => libc::CLONE_FILES,
        None => 0,
    };
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD | shares | further;
    let mut descriptor: i32 = -1;
    // SAFETY: the stack is valid to write below its top and used by nobody else; the descriptor's place is valid to
    // write. Both and the plan outlive the child's use of them: this thread does not go on before the child has executed
    // its program or ended. All signals are blocked, so nothing but `live` runs in the child.
    let pid = unsafe {
        libc::clone(
            begin,
            stack.top(),
            flags,
            ptr::from_ref(plan).cast_mut().cast(),
            &raw mut descriptor,
        )
    };
    if pid < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: where there is one the kernel has made it, close-on-exec, for the caller.
    let descriptor = (descriptor >= 0).then(|| unsafe { OwnedFd::from_raw_fd(descriptor) });
    let descriptor = descriptor.map(linux::out_of_the_way);
    Ok((pid, Handle(descriptor)))
}

extern "C" fn begin(plan: *mut c_void) -> libc::c_int {
    // SAFETY: `call` passes a plan that outlives this, and makes this process as `live` needs it.
    unsafe { live(&*plan.cast::<Plan<'_>>()) }
}

/// Reaps a child that has ended, or is about to.
fn reap(pid: i32) {
    // SAFETY: the status is not asked for.
    while unsafe { libc::waitpid(pid, ptr::null_mut(), 0) } < 0 {
        if io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            // Somebody has waited for any child.
            return;
        }
    }
}

/// Whether others may look into this process. A child that becomes another user while it shares this process's memory has
/// the kernel forbid that, for both. It is as before when this is dropped: by then the child has memory of its own.
struct Dumpable(libc::c_int);

impl Dumpable {
    fn now() -> Self {
        // SAFETY: takes numbers only.
        Self(unsafe { libc::prctl(libc::PR_GET_DUMPABLE, 0, 0, 0, 0) })
    }
}

impl Drop for Dumpable {
    fn drop(&mut self) {
        if self.0 == 1 {
            // SAFETY: takes numbers only.
            unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 1, 0, 0, 0) };
        }
    }
}

/// All signals are blocked in this thread, those of the C library's own as well, until this is dropped.
struct Blocked {
    before: SignalSet,
}

impl Blocked {
    fn all() -> Self {
        let mut before = 0;
        set_mask(&SignalSet::MAX, &raw mut before);
        Self { before }
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        set_mask(&self.before, ptr::null_mut());
    }
}

fn set_mask(new: &SignalSet, old: *mut SignalSet) {
    // SAFETY: each is a set of the length given, or null. What a thread has blocked no memory depends on.
    unsafe {
        libc::syscall(
            libc::SYS_rt_sigprocmask,
            libc::SIG_SETMASK,
            ptr::from_ref(new),
            old,
            size_of::<SignalSet>(),
        )
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_is_looked_for_along_the_path() {
        let found = |program: &CStr, path: Option<&str>| -> Vec<String> {
            let places = places(program, path.map(OsStr::new));
            let text = |place: CString| place.into_string().unwrap();
            places.into_iter().map(text).collect()
        };
        assert_eq!(found(c"ls", Some("/a:/b/:")), ["/a/ls", "/b//ls", "ls"]);
        assert_eq!(found(c"ls", None), ["/bin/ls", "/usr/bin/ls"]);
        assert_eq!(found(c"./ls", Some("/a")), ["./ls"]);
        assert!(found(c"", Some("/a")).is_empty());
    }
}
