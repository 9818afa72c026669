//! What has no counterpart in Mach: how ports meet the rest of a Linux program.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};
use nix::sys::eventfd::EventFd;

use crate::headers::kern_return::{
    KERN_INVALID_NAME, KERN_INVALID_RIGHT, KERN_RESOURCE_SHORTAGE, kern_return_t,
};
use crate::headers::port::mach_port_name_t;
use crate::kernel::namespace::space::Object;
use crate::kernel::other_tasks::arrivals::PAUSE;
use crate::kernel::other_tasks::{directory, passed};
use crate::kernel::ports::signal::Signal;
use crate::kernel::task;
use crate::sys::watch::Watch;
use crate::sys::{foreign, limits, numbers, socket};

/// The environment variable through which a child inherits its bootstrap port; see [`bootstrap_for_child`].
pub const BOOTSTRAP_VARIABLE: &str = task::INHERITED;

/// The environment variable through which a child is passed a port for some purpose; see [`port_for_child`].
pub const PASSED_PORT_VARIABLE: &str = passed::VARIABLE;

/// The environment variable by which children find the ports that they inherit as on Mach: the bootstrap port that
/// `task_set_special_port` set, and those of `mach_ports_register`. Their descriptors, from 100 on, stay open across `exec`.
pub const INHERITED_PORTS_VARIABLE: &str = crate::kernel::other_tasks::bequest::VARIABLE;

/// The environment variable that names the directory of bootstrap names in place of the usual one.
pub const DIRECTORY_VARIABLE: &str = directory::DIRECTORY;

/// The environment variable that names one more directory of bootstrap names. A task that may use none of the usual ones
/// makes one and sets it, for its children.
pub const SPARE_DIRECTORY_VARIABLE: &str = directory::SPARE;

/// The environment variable that, set to `1`, has a program begin as after [`set_guard_exceptions`].
pub const GUARD_EXCEPTIONS_VARIABLE: &str = crate::kernel::namespace::guards::EXCEPTIONS_VARIABLE;

/// The environment variable that, set to `0`, keeps receivers from spinning before they sleep. A receiver does so where its
/// thread may run on several processors and it was lately answered quickly, for some tens of microseconds.
pub const SPIN_VARIABLE: &str = crate::kernel::ports::spin::VARIABLE;

/// The environment variable that, set to `1`, has a program begin as after [`raise_descriptor_limit`]`(false)`.
pub const KEEP_DESCRIPTOR_LIMIT_VARIABLE: &str = limits::KEEP_VARIABLE;

/// The same socket or process under a descriptor that is in the way of nothing that is opened for a moment: those that this
/// process has for long are to have high numbers, so that a child which is made by sharing its table at first need not be
/// given a copy of them. The number stays where it is low already, or no other is to be had.
pub fn out_of_the_way(fd: OwnedFd) -> OwnedFd {
    numbers::out_of_the_way(fd)
}

/// Has this process's soft limit of open descriptors be as high as its hard one, or as it was before that.
///
/// The first Mach call raises it: each right between two tasks is a descriptor, and the usual 1024 are soon used up. Who
/// uses `select`, which knows no descriptors from 1024 on, calls this with `false` before. A limit that the program has set
/// itself after it was raised is left alone. Processes that the program starts inherit the raised limit, except those that a
/// launcher starts: see [`descriptor_limit_for_children`].
pub fn raise_descriptor_limit(on: bool) {
    limits::raise(on);
}

/// The soft limit of open descriptors that a new program is to begin with, where this process's was raised; `None` where it
/// is not the library's doing.
pub fn descriptor_limit_for_children() -> Option<u64> {
    limits::for_children()
}

/// Whether this process may open so many descriptors more. A right that is made for another task takes two until it has
/// been received, and one from then on. It is true of this moment.
///
/// # Errors
/// What the system says: that the process's limit is reached (`EMFILE`), or everybody's (`ENFILE`).
pub fn room_for_descriptors(count: usize) -> std::io::Result<()> {
    Ok(limits::have_room(count)?)
}

/// Has a violated guard end this process, as the exception `EXC_GUARD` does on macOS, or not, as at first.
///
/// What is fatal there is fatal then: to destroy a guarded receive right, to give a wrong guard or one where there is
/// none, to set a strict guard's context, to move what must not move. The process says which of them it was and on which
/// port, and is killed. Otherwise the call's code is all that comes of it.
pub fn set_guard_exceptions(on: bool) {
    crate::kernel::namespace::guards::raise_exceptions(on);
}

/// Why this thread's last `bootstrap_*` call failed, in words: the path, the cause and the way out.
///
/// `None` if it did not fail, or if its code says all there is to be said.
pub fn last_bootstrap_trouble() -> Option<String> {
    directory::last_trouble()
}

/// Has the audit token of each message that a receive right gets from now on tell which of all processes sent it:
/// `audit_token_to_pidversion` is [`process_version`]'s number then, or 0 where that process was gone by the time
/// that the message was read, or no descriptor was to be had for it. It costs each message two system calls more.
///
/// `false`: the system does not tell (before Linux 6.9), and nothing changes. It does not go with the right to another task,
/// and not for replies that come back for a send-once right.
///
/// # Errors
/// `KERN_INVALID_NAME` or `KERN_INVALID_RIGHT` if `name` is no receive right.
pub fn identify_senders(name: mach_port_name_t) -> Result<bool, kern_return_t> {
    let mut kernel = task::lock();
    let port = kernel.receive_right(name)?;
    Ok(kernel.identify_senders(port))
}

/// The sockets behind a name, by the numbers of their inodes: the ways of its send rights, or those by which messages come to its
/// receive right. Who has their peers is at the other end; `sock_diag` and `/proc` tell that to who may ask.
///
/// # Errors
/// `KERN_INVALID_NAME` if there is no such name.
pub fn sockets(name: mach_port_name_t) -> Result<Vec<u64>, kern_return_t> {
    let ends = task::lock().ends_of(name)?;
    let inodes = ends
        .into_iter()
        .filter_map(|end| socket::inode(end.as_fd()));
    Ok(inodes.collect())
}

/// Which of all processes since the start of the system a descriptor of one (`pidfd_open`) stands for, whatever numbers they
/// had; 0 where the system does not tell (before Linux 6.9). It stays the same when the process executes another program.
pub fn process_version(process: &OwnedFd) -> u32 {
    crate::sys::process::version(process)
}

/// A descriptor that is readable while a receive right or port set may have a message, for event loops.
///
/// It stays readable as long as that is so, and each message that comes is an event of its own for those who wait for
/// changes (`EPOLLET`), be it queued here or come by a link, also by one that other ports' replies come back over. It may be
/// readable without a message, so whoever waits on it receives with a timeout of 0 or asks [`has_message`].
///
/// When the right is moved away or destroyed, or the set is destroyed, it is readable from then on, so that who waits finds
/// out. A right that comes back has a new one.
#[derive(Debug)]
pub struct Readiness {
    all: Epoll,
    // Closed, it would show nothing when the port has ended.
    signal: Arc<EventFd>,
}

impl AsFd for Readiness {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.all.0.as_fd()
    }
}

impl AsRawFd for Readiness {
    fn as_raw_fd(&self) -> RawFd {
        self.all.0.as_raw_fd()
    }
}

impl Readiness {
    fn new(signal: &Signal, watch: &Watch) -> nix::Result<Self> {
        let this = Self {
            all: Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?,
            signal: signal.share(),
        };
        let readable = || EpollEvent::new(EpollFlags::EPOLLIN, 0);
        this.all.add(&this.signal, readable())?;
        this.all.add(watch, readable())?;
        Ok(this)
    }
}

/// The [`Readiness`] of a receive right or port set.
///
/// What kqueue's `EVFILT_MACHPORT` is on macOS, this is with epoll: a loop that waits for ports and other descriptors alike.
///
/// ```
/// use embedded_mach::linux::{has_message, readiness_fd};
/// use embedded_mach::mk_timer::{mk_timer_arm, mk_timer_create, mk_timer_destroy};
/// use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};
///
/// // A port that gets a message, here a timer's. A set of ports does as well.
/// // SAFETY: the calls take numbers.
/// let port = unsafe {
///     let port = mk_timer_create();
///     assert_eq!(mk_timer_arm(port, 0), 0);
///     port
/// };
/// let ready = readiness_fd(port).map_err(|code| format!("no descriptor: {code}"))?;
/// let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
/// epoll.add(&ready, EpollEvent::new(EpollFlags::EPOLLIN, u64::from(port)))?;
/// // ... and whatever else the loop waits for.
///
/// let mut events = [EpollEvent::empty(); 8];
/// let count = epoll.wait(&mut events, 10_000_u16)?;
/// for event in &events[..count] {
///     let port = event.data() as u32;
///     if has_message(port) {
///         // Receive from it, with `MACH_RCV_TIMEOUT` and a timeout of 0, as after a kevent of EVFILT_MACHPORT.
///     }
/// }
/// # assert_eq!(count, 1);
/// // SAFETY: takes a name.
/// unsafe { mk_timer_destroy(port) };
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// `KERN_INVALID_NAME` or `KERN_INVALID_RIGHT` if `name` is neither a receive right nor a set,
/// `KERN_RESOURCE_SHORTAGE` without descriptors.
pub fn readiness(name: mach_port_name_t) -> Result<Readiness, kern_return_t> {
    let mut kernel = task::lock();
    let entry = kernel.space.get(name).ok_or(KERN_INVALID_NAME)?;
    let (signal, watch, level) = match entry.object {
        Object::Set(set) => {
            let set = kernel.sets.get_mut(set).ok_or(KERN_INVALID_NAME)?;
            if set.watch.is_none() {
                set.watch = Watch::new().ok();
            }
            (&mut set.signal, &set.watch, !set.ready.is_empty())
        }
        Object::Port(_) => {
            let key = kernel.receive_right(name)?;
            kernel.ensure_watch(key);
            let local = kernel.local_mut(key).ok_or(KERN_INVALID_RIGHT)?;
            (&mut local.signal, &local.watch, !local.queue.is_empty())
        }
        Object::Gone => return Err(KERN_INVALID_RIGHT),
    };
    let signal = match signal {
        Some(signal) => signal,
        none => none.insert(Signal::new().map_err(|_| KERN_RESOURCE_SHORTAGE)?),
    };
    signal.show(level);
    let watch = watch.as_ref().ok_or(KERN_RESOURCE_SHORTAGE)?;
    Readiness::new(signal, watch).map_err(|_| KERN_RESOURCE_SHORTAGE)
}

/// The descriptor of [`readiness`] alone. When the port has ended it may show nothing any more.
///
/// # Errors
/// As for [`readiness`].
pub fn readiness_fd(name: mach_port_name_t) -> Result<OwnedFd, kern_return_t> {
    readiness(name).map(|readiness| readiness.all.0)
}

/// Whether a receive from a receive right or set would find a message now.
pub fn has_message(name: mach_port_name_t) -> bool {
    let mut kernel = task::lock();
    let found = kernel.has_message(name);
    if !found && kernel.arrivals.take_want() {
        // The descriptor shows it all the time.
        drop(kernel);
        std::thread::sleep(PAUSE);
    }
    found
}

/// A descriptor for a child to inherit as its bootstrap port, and what [`BOOTSTRAP_VARIABLE`] must say there.
///
/// `name` is a send right, or a receive right from which one is made. The descriptor is close-on-exec here; it is
/// the child's under the number `target`, as which the spawn must pass it. The child's library takes it over, and
/// removes the variable, at its first use.
///
/// # Errors
/// `KERN_INVALID_NAME` or `KERN_INVALID_RIGHT` if `name` is no such right, `KERN_RESOURCE_SHORTAGE` without
/// descriptors.
pub fn bootstrap_for_child(
    name: mach_port_name_t,
    target: i32,
) -> Result<(OwnedFd, String), kern_return_t> {
    let fd = task::lock().link_for_child(name)?;
    let cookie = socket::cookie(fd.as_fd()).map_err(|_| KERN_RESOURCE_SHORTAGE)?;
    Ok((fd.into_plain(), format!("{target}:{cookie}")))
}

/// A descriptor for a child to be passed as a send right of no fixed meaning, and what [`PASSED_PORT_VARIABLE`] must say
/// there.
///
/// As [`bootstrap_for_child`], but the child asks for the right by [`passed_port`], and only a child of this very process
/// gets it: the variable says whose it is. A further process that has inherited both closes the descriptor.
///
/// # Errors
/// As [`bootstrap_for_child`].
pub fn port_for_child(
    name: mach_port_name_t,
    target: i32,
) -> Result<(OwnedFd, String), kern_return_t> {
    let fd = task::lock().link_for_child(name)?;
    let cookie = socket::cookie(fd.as_fd()).map_err(|_| KERN_RESOURCE_SHORTAGE)?;
    Ok((fd.into_plain(), passed::describe(target, cookie)))
}

/// The send right that this process was passed by its parent, which the caller then holds; `None` if there was none, or
/// it has been asked for before.
pub fn passed_port() -> Option<mach_port_name_t> {
    let mut kernel = task::lock();
    let right = kernel.take_passed()?;
    kernel.copyout_right(right).ok()
}

/// Sees to it that a bootstrap name of this task can be found: checks it in again if its socket is no longer in the
/// directory of names, because somebody has cleared that or the directory is another one now.
///
/// Where the directory is on a file system of the kernel's own, a socket that was removed is noticed at once; a folder that was
/// moved, or hidden by a mount, within a second: it is looked at no more often.
///
/// # Errors
/// `BOOTSTRAP_UNKNOWN_SERVICE` if this task does not serve the name, else those of `bootstrap_check_in`.
pub fn renew_service(name: &str) -> Result<(), kern_return_t> {
    directory::start();
    let kernel = directory::settled(name);
    if kernel.is_served_still(name) {
        return Ok(());
    }
    let (key, made) = kernel.served(name)?;
    drop(kernel);
    // Files may have to be waited for: not with the kernel locked.
    if directory::is_in_place(made) {
        task::lock().saw_service(name);
        return Ok(());
    }
    match directory::claim(name) {
        Ok(service) => task::lock().replace_service(key, service),
        Err(code) => {
            let (_, made) = task::lock().served(name)?;
            if !directory::is_in_place(made) {
                return Err(code);
            }
            // Another thread has done it meanwhile.
        }
    }
    Ok(())
}

/// Waits until the descriptors that this task has given up are closed, or `patience` is over: whether they are.
///
/// What has come from other tasks is closed by threads of the library's own, a moment after it was given up, for to close a
/// stranger's descriptor can take for ever. Who counts descriptors waits for that first.
pub fn wait_for_closings(patience: Duration) -> bool {
    foreign::wait_until_closed(Instant::now() + patience)
}
