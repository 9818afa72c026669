//! What the new process does before it executes the program.
//!
//! It shares this process's memory, while the thread that made it stands still and all others go on. So it makes system
//! calls, reads what was laid out for it before, and writes its error; it allocates nothing, takes no lock and calls
//! nothing that might. All of it is here.

use std::ffi::{CStr, CString};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use crate::platform::spawn::ResourceLimit;
use crate::sys::linux::spawn::actions::{Action, Actions};
use crate::sys::linux::spawn::attributes::Attributes;
use crate::sys::linux::spawn::leaving;

/// Signals that there are: the kernel's sets have one bit for each.
const SIGNALS: i32 = 64;

/// A set of signals as the kernel has it.
pub(super) type SignalSet = u64;
/// A signal's action as the kernel has it, whose first word is the handler on every processor, and zeros are the
/// default. It is longer than any.
type SignalAction = [usize; 8];

/// All that the child needs.
pub(super) struct Plan<'a> {
    pub(super) actions: &'a Actions,
    pub(super) attributes: &'a Attributes,
    /// Where the program may be, in the order in which it is looked for.
    pub(super) places: &'a [CString],
    /// Both end in null.
    pub(super) arguments: &'a [*const libc::c_char],
    pub(super) environment: &'a [*const libc::c_char],
    /// What the child has blocked.
    pub(super) mask: SignalSet,
    /// The child shares the table of descriptors at first, and needs none of it from this number on.
    pub(super) shared_below: Option<u32>,
    /// It could not get a table of its own, and has done nothing.
    pub(super) shares_for_good: AtomicBool,
    /// Why there is no child: an `errno`, or 0.
    pub(super) error: AtomicI32,
}

/// The child's life as this program.
///
/// # Safety
/// This is a new process that shares memory with its parent, whose thread waits until this process executes a program or
/// ends, and all signals are blocked.
pub(super) unsafe fn live(plan: &Plan<'_>) -> ! {
    // SAFETY: the caller's promise, for these two.
    let error = unsafe {
        match prepare(plan) {
            Ok(()) => execute(plan),
            Err(error) => error,
        }
    };
    plan.error.store(error, Ordering::Relaxed);
    // SAFETY: ends this process at once, without anything of its parent's being run or flushed.
    unsafe { libc::_exit(127) }
}

/// The `errno` of a call that returned this.
fn check(result: libc::c_long) -> Result<libc::c_long, i32> {
    if result == -1 {
        // SAFETY: the place is this thread's own: the parent's, which stands still.
        Err(unsafe { *libc::__errno_location() })
    } else {
        Ok(result)
    }
}

/// # Safety
/// As [`live`].
unsafe fn prepare(plan: &Plan<'_>) -> Result<(), i32> {
    let attributes = plan.attributes;
    if let Some(first_unneeded) = plan.shared_below {
        // First of all: until then each number is the parent's as well.
        leaving::own_table(first_unneeded)
            .inspect_err(|_| plan.shares_for_good.store(true, Ordering::Relaxed))?;
    }
    // SAFETY: the caller's promise.
    unsafe { reset_signals(attributes.reset_sigpipe) };
    // SAFETY: these take numbers only.
    unsafe {
        if attributes.leads_session {
            check(libc::setsid().into())?;
        }
        if let Some(group) = attributes.group {
            check(libc::setpgid(0, group).into())?;
        }
    }
    if let Some(action) = &attributes.before_exec {
        action.first()?;
    }
    for action in plan.actions.list() {
        // SAFETY: the caller's promise.
        unsafe { act(action)? };
    }
    if let Some(soft) = attributes.descriptors {
        // After the actions, which may have made larger numbers than this allows.
        limit_descriptors(soft)?;
    }
    for limit in &attributes.limits {
        set_limit(limit)?;
    }
    if let Some(mask) = attributes.umask {
        // SAFETY: takes a number. The mask is this process's own.
        unsafe { libc::umask(mask) };
    }
    become_user(attributes)?;
    if let Some(action) = &attributes.before_exec {
        action.last()?;
    }
    // SAFETY: the set is valid to read for the length given.
    check(unsafe {
        libc::syscall(
            libc::SYS_rt_sigprocmask,
            libc::SIG_SETMASK,
            &raw const plan.mask,
            ptr::null_mut::<SignalSet>(),
            size_of::<SignalSet>(),
        )
    })?;
    Ok(())
}

/// By the system's own calls: those of the C library have all threads of the parent do the same.
fn become_user(attributes: &Attributes) -> Result<(), i32> {
    // SAFETY: these take numbers only, and a list of no groups.
    unsafe {
        if attributes.user.is_some() && libc::syscall(libc::SYS_geteuid) == 0 {
            let none = ptr::null::<libc::gid_t>();
            check(libc::syscall(libc::SYS_setgroups, 0, none))?;
        }
        if let Some(group) = attributes.users_group {
            check(libc::syscall(libc::SYS_setgid, group))?;
        }
        if let Some(user) = attributes.user {
            check(libc::syscall(libc::SYS_setuid, user))?;
        }
    }
    Ok(())
}

/// No handler of the parent's may run in its memory once signals are not blocked any more: what is handled does what it
/// does by default, as it would after the execution, and what is ignored stays so.
///
/// # Safety
/// As [`live`].
unsafe fn reset_signals(sigpipe: bool) {
    let call = |signal: i32, new: *const SignalAction, old: *mut SignalAction| {
        // SAFETY: each is null or an action; the set in it has this length. The actions are this process's own.
        unsafe {
            libc::syscall(
                libc::SYS_rt_sigaction,
                signal,
                new,
                old,
                size_of::<SignalSet>(),
            )
        }
    };
    for signal in 1..=SIGNALS {
        let mut action: SignalAction = [0; 8];
        // It fails for those that nobody can handle.
        let asked = call(signal, ptr::null(), &mut action);
        let is_handled = action[0] != libc::SIG_DFL && action[0] != libc::SIG_IGN;
        if asked == 0 && (is_handled || sigpipe && signal == libc::SIGPIPE) {
            call(signal, &[0; 8], ptr::null_mut());
        }
    }
}

/// # Safety
/// As [`live`].
unsafe fn act(action: &Action) -> Result<(), i32> {
    match action {
        Action::Duplicate { source, target } => {
            // SAFETY: takes numbers; the table is this process's own.
            check(unsafe { libc::dup2(*source, *target) }.into())?;
        }
        Action::Keep(fd) => {
            // SAFETY: as above.
            check(unsafe { libc::fcntl(*fd, libc::F_SETFD, 0) }.into())?;
        }
        Action::Open {
            target,
            path,
            flags,
            mode,
        } => {
            // SAFETY: the path is a string; the rest are numbers, as above.
            unsafe {
                let fd = check(libc::open(path.as_ptr(), *flags, *mode).into())? as i32;
                if fd != *target {
                    check(libc::dup2(fd, *target).into())?;
                    libc::close(fd);
                }
            }
        }
        Action::Close(fd) => {
            // SAFETY: as above. One that is not open is no error.
            let _ = unsafe { libc::close(*fd) };
        }
        Action::ChangeDirectory(path) => {
            // SAFETY: the path is a string.
            check(unsafe { libc::chdir(path.as_ptr()) }.into())?;
        }
        Action::Drop { first, last } => leaving::close_on_exec(*first, *last)?,
    }
    Ok(())
}

fn set_limit(limit: &ResourceLimit) -> Result<(), i32> {
    let new = libc::rlimit {
        rlim_cur: limit.soft,
        rlim_max: limit.hard,
    };
    // SAFETY: the limit is valid to read; the number is of the kind that the call takes. It is this process's own.
    check(unsafe { libc::setrlimit(limit.resource as _, &raw const new) }.into())?;
    Ok(())
}

fn limit_descriptors(soft: libc::rlim_t) -> Result<(), i32> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the limit is valid to write and to read. It is this process's own.
    unsafe {
        check(libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit).into())?;
        limit.rlim_cur = soft.min(limit.rlim_max);
        check(libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit).into())?;
    }
    Ok(())
}

/// Executes the program; returns why it cannot. Of a search it is what a shell would say.
///
/// # Safety
/// As [`live`].
unsafe fn execute(plan: &Plan<'_>) -> i32 {
    let mut last = libc::ENOENT;
    let mut denied = false;
    for place in plan.places {
        // SAFETY: all three are strings, the lists end in null.
        unsafe { run(place, plan) };
        // SAFETY: as in `check`.
        last = unsafe { *libc::__errno_location() };
        match last {
            libc::EACCES => denied = true,
            // Others may have it.
            libc::ENOENT | libc::ENOTDIR | libc::ESTALE | libc::ENODEV | libc::ETIMEDOUT => {}
            other => return other,
        }
    }
    if denied { libc::EACCES } else { last }
}

/// # Safety
/// As [`live`]; the lists of the plan end in null and their strings live.
unsafe fn run(place: &CStr, plan: &Plan<'_>) {
    // SAFETY: the caller's promise.
    unsafe {
        libc::execve(
            place.as_ptr(),
            plan.arguments.as_ptr(),
            plan.environment.as_ptr(),
        );
    }
}
