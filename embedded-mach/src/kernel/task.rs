//! This process as a Mach task: its one kernel, its well-known names, and what `fork` does to them.

use std::cell::RefCell;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::headers::port::{MACH_PORT_RIGHT_DEAD_NAME, MACH_PORT_TYPE_SEND, mach_port_name_t};
use crate::kernel::namespace::space::{Entry, Object};
use crate::kernel::objects::kobject::{KernelObject, TaskPort};
use crate::kernel::other_tasks::bequest::taken_over;
use crate::kernel::other_tasks::directory::{Errands, remove_spare_place};
use crate::kernel::other_tasks::passed;
use crate::kernel::ports::port::Home;
use crate::kernel::ports::right::Right;
use crate::kernel::{Kernel, Result};
use crate::sys::foreign::{self, Foreign};
use crate::sys::{aside, environment, fork, limits, process, random, socket};

/// The name of the task itself: the first of every task.
pub(crate) const TASK_SELF: mach_port_name_t = 0x103;
/// The host's name.
pub(crate) const HOST_SELF: mach_port_name_t = 0x203;
/// The bootstrap port's name.
pub(crate) const BOOTSTRAP: mach_port_name_t = 0x303;

/// The environment variable that names an inherited bootstrap port: descriptor number and socket cookie, in decimal.
pub(crate) const INHERITED: &str = "EMBEDDED_MACH_BOOTSTRAP_FD";

// Not a parking_lot lock: a forked child goes on with it, and parking_lot's table of waiting threads is not made
// for that.
static KERNEL: Mutex<Option<Kernel>> = Mutex::new(None);

thread_local! {
    static HELD_OVER_FORK: RefCell<Option<MutexGuard<'static, Option<Kernel>>>> = const { RefCell::new(None) };
}

/// This task's kernel, locked.
pub(crate) struct Locked {
    kernel: MutexGuard<'static, Option<Kernel>>,
    /// What came up meanwhile and has to wait for files: behind the lock here, it is done when that has been given back.
    errands: Errands,
}

impl Drop for Locked {
    fn drop(&mut self) {
        if let Some(kernel) = &mut *self.kernel
            && !kernel.errands.is_empty()
        {
            self.errands.0.append(&mut kernel.errands);
        }
    }
}

impl std::ops::Deref for Locked {
    type Target = Kernel;

    fn deref(&self) -> &Kernel {
        match &*self.kernel {
            Some(kernel) => kernel,
            None => unreachable!("lock() fills it in"),
        }
    }
}

impl std::ops::DerefMut for Locked {
    fn deref_mut(&mut self) -> &mut Kernel {
        self.kernel.get_or_insert_with(Kernel::new)
    }
}

/// Locks this task's kernel, which is made at the first use.
pub(crate) fn lock() -> Locked {
    let mut guard = KERNEL.lock().unwrap_or_else(PoisonError::into_inner);
    if guard.is_none() {
        limits::at_first_use();
        fork::at_fork(before_fork, after_fork_in_parent, after_fork_in_child);
        *guard = Some(Kernel::new());
    }
    Locked {
        kernel: guard,
        errands: Errands::default(),
    }
}

/// Takes this task's bootstrap names out of the directory when the process exits: nobody else would until they are
/// looked for.
pub(super) fn withdraw_names_at_exit() {
    fork::at_exit(withdraw_names);
}

extern "C" fn withdraw_names() {
    // Another thread may be in the kernel for ever: an exit waits for nobody.
    let Ok(mut guard) = KERNEL.try_lock() else {
        return;
    };
    let mut errands = Errands::default();
    if let Some(kernel) = &mut *guard {
        kernel.withdraw_services();
        errands.0.append(&mut kernel.errands);
    }
    drop(guard);
    drop(errands);
    remove_spare_place();
}

/// No thread is in the kernel while the process is copied.
extern "C" fn before_fork() {
    let mut guard = KERNEL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(kernel) = &mut *guard {
        kernel.memory.before_fork();
    }
    HELD_OVER_FORK.with(|held| *held.borrow_mut() = Some(guard));
    aside::before_fork();
    foreign::before_fork();
}

extern "C" fn after_fork_in_parent() {
    foreign::after_fork_in_parent();
    aside::after_fork_in_parent();
    HELD_OVER_FORK.with(|held| held.borrow_mut().take());
}

/// A forked child has no rights. Dropping the parent's tables closes the child's copies of its descriptors.
extern "C" fn after_fork_in_child() {
    aside::after_fork_in_child();
    foreign::after_fork_in_child(|| {
        HELD_OVER_FORK.with(|held| {
            if let Some(mut guard) = held.borrow_mut().take()
                && let Some(kernel) = guard.take()
            {
                kernel.abandon();
            }
        });
    });
    crate::kernel::messages::parking::forget_parker();
    random::after_fork_in_child();
    environment::was_forked();
}

impl Kernel {
    /// In a forked child: closes this process's copies of the parent's descriptors, whatever shares them.
    fn abandon(self) {
        for (_, link) in self.links {
            Foreign::abandon(link.fd);
            if let Some(back) = link.back {
                Foreign::abandon(back.fd);
            }
        }
        for (_, back) in self.backs {
            // Without `shutdown`: the parent goes on with them (Slot rule 28). The others are closed with their port.
            back.abandon();
        }
        for (_, port) in self.ports {
            match port.home {
                Home::Remote(remote) => {
                    if let Some(end) = remote.send {
                        Foreign::abandon(end.fd);
                    }
                }
                Home::Local(local) => {
                    if let Some(watch) = local.watch {
                        watch.abandon();
                    }
                }
                Home::Kernel(_) | Home::Dead => {}
            }
        }
        for (_, set) in self.sets {
            if let Some(watch) = set.watch {
                watch.abandon();
            }
        }
        if let Some(reaper) = self.reaper {
            reaper.abandon();
        }
        self.bequest.leave_open();
    }

    /// Gives a new task the names that every task has.
    pub(super) fn enter_well_known_names(&mut self) {
        for (object, name) in [
            (KernelObject::Task(TaskPort::Control), TASK_SELF),
            (KernelObject::Host, HOST_SELF),
        ] {
            self.enter_kernel_object(object, name);
        }
        self.passed = passed::take_over();
        let mut bootstrap = self.inherit();
        if let Some(end) = bootstrap_of_its_own() {
            // Slot rule 1: an end of which others may have a copy, whom a program between the two has started as well, is
            // only good for making another one.
            let own = if socket::peer(&end).is_some_and(|maker| maker.pid == process::parent()) {
                let link = random::number();
                self.new_remote(end, link, link, None)
            } else {
                self.over(&end)
            };
            self.release(std::mem::replace(&mut bootstrap, own));
        }
        if let Some(key) = bootstrap.port() {
            self.bootstrap = self.copy_send(key);
            // A fresh table has room, and the name is free: the first three follow each other.
            if self.place(bootstrap, Some(BOOTSTRAP)) != Ok(BOOTSTRAP) {
                // It is dead already. Its name must not come to mean something else.
                let _ = self.allocate(MACH_PORT_RIGHT_DEAD_NAME, Some(BOOTSTRAP));
            }
        } else {
            let key = self.enter_kernel_object(KernelObject::Bootstrap, BOOTSTRAP);
            self.bootstrap = self.copy_send(key);
        }
    }

    fn enter_kernel_object(
        &mut self,
        object: KernelObject,
        name: mach_port_name_t,
    ) -> crate::kernel::ports::ids::PortKey {
        let key = self.add_port(Home::Kernel(object));
        let entry = Entry::new(MACH_PORT_TYPE_SEND, 1, Object::Port(key));
        if self.space.insert_at(name, entry).is_ok()
            && let Some(port) = self.port_mut(key)
        {
            port.name = Some(name);
            port.srights = 1;
        }
        key
    }

    /// Whether a name stands for this task, by a port that is good for as much.
    pub(crate) fn is_self(&self, name: mach_port_name_t, least: TaskPort) -> bool {
        matches!(self.kernel_object(name), Some(KernelObject::Task(port)) if *port >= least)
    }

    /// A reference to a port of this task's.
    pub(crate) fn task_port(&mut self, which: TaskPort) -> Result<mach_port_name_t> {
        let known = self.ports.iter().find_map(|(key, port)| match port.home {
            Home::Kernel(KernelObject::Task(port)) if port == which => Some(key),
            _ => None,
        });
        let key = known.unwrap_or_else(|| self.add_port(Home::Kernel(KernelObject::Task(which))));
        let right = self.copy_send(key);
        self.copyout_right(right)
    }

    /// A right to the port of a thread of this task.
    pub(crate) fn thread_right(&mut self, thread: i32) -> Right {
        let known = self.ports.iter().find_map(|(key, port)| match port.home {
            Home::Kernel(KernelObject::Thread(named)) if named == thread => Some(key),
            _ => None,
        });
        let key =
            known.unwrap_or_else(|| self.add_port(Home::Kernel(KernelObject::Thread(thread))));
        self.copy_send(key)
    }

    /// Whether a name is a send right to a port on which another task receives.
    pub(crate) fn leads_elsewhere(&self, name: mach_port_name_t) -> bool {
        let entry = self.space.get(name);
        let right = entry.filter(|entry| entry.has(MACH_PORT_TYPE_SEND));
        right
            .and_then(Entry::port)
            .and_then(|key| self.port(key))
            .is_some_and(|port| matches!(port.home, Home::Remote(_)))
    }

    /// The kernel's object that a send right leads to.
    pub(crate) fn kernel_object(&self, name: mach_port_name_t) -> Option<&KernelObject> {
        let entry = self.space.get(name)?;
        match &self.port(entry.port()?)?.home {
            Home::Kernel(object) => Some(object),
            _ => None,
        }
    }
}

/// Takes over the descriptor that a parent left as this child's bootstrap port, and nobody else's.
fn bootstrap_of_its_own() -> Option<Foreign> {
    let end = taken_over(environment::take(INHERITED)?.to_str()?)?;
    socket::close_on_exec(&end).ok()?;
    Some(Foreign::own_end(end))
}
