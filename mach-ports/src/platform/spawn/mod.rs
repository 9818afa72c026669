//! Starting programs, without `unsafe`. Two things about it differ between the platforms beyond the calls: keeping
//! descriptors from the child, and giving it ports.

mod actions;
mod attributes;
mod before_exec;
mod inherited;

use std::ffi::CStr;
use std::io;
use std::os::fd::RawFd;

pub use actions::FileActions;
pub use attributes::{Attributes, ResourceLimit};
pub use before_exec::BeforeExec;
pub use inherited::InheritedPort;

use crate::right::SendRight;
use crate::sys;

/// The largest number that a descriptor can have in a child: actions take no larger one, whatever the limits say.
#[must_use]
pub fn last_descriptor() -> RawFd {
    sys::spawn::last_descriptor()
}

/// Keeps every descriptor from the child but those in `keep`, which name numbers in the *child*: each must be
/// the target of an earlier action of `actions`. To be called last.
///
/// # Errors
///
/// There is no memory.
pub fn close_others(
    actions: &mut FileActions,
    attributes: &mut Attributes,
    keep: &[RawFd],
) -> io::Result<()> {
    sys::spawn::close_others(&mut actions.0, &mut attributes.inner, keep)
}

/// Gives the child a bootstrap port. `Some` if the platform cannot do it by attributes alone but passes it as a
/// descriptor, which is to become number `target` in the child.
///
/// # Errors
///
/// The right is dead, or there are no descriptors left.
pub fn give_bootstrap(
    attributes: &mut Attributes,
    right: &SendRight,
    target: RawFd,
) -> io::Result<Option<InheritedPort>> {
    // Whether it is named there or only has its senders counted, it must not go before the spawn.
    let right = right.try_clone().map_err(io::Error::other)?;
    let right = attributes.bootstrap.insert(right);
    sys::spawn::give_bootstrap(&mut attributes.inner, right, target)
}

/// Passes a child a send right, for which the child asks with [`passed_port`](crate::platform::passed_port): its own
/// way to the port, which no other process has. `None` if the platform has no such way.
///
/// # Errors
///
/// As [`give_bootstrap`].
pub fn pass_port(right: &SendRight, target: RawFd) -> io::Result<Option<InheritedPort>> {
    sys::spawn::pass_port(right, target)
}

/// A process that was started.
#[derive(Debug)]
pub struct Spawned {
    pid: i32,
    pub(crate) handle: sys::spawn::Handle,
}

impl Spawned {
    /// Its process id.
    #[must_use]
    pub fn id(&self) -> i32 {
        self.pid
    }
}

/// Starts a program. One that is named without a slash is searched for along this process's `PATH`.
///
/// # Errors
///
/// What the kernel said: of the program, of an action, or of the process table. Of a search it may say of any of
/// these that there is no such file.
pub fn spawn(
    program: &CStr,
    actions: &FileActions,
    attributes: &Attributes,
    arguments: &[&CStr],
    environment: &[&CStr],
) -> io::Result<Spawned> {
    let (pid, handle) = sys::spawn::spawn(
        program,
        &actions.0,
        &attributes.inner,
        arguments,
        environment,
    )?;
    Ok(Spawned { pid, handle })
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;
    use std::io::Read;
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
    use std::ptr;

    use super::*;

    /// Runs a script of the shell with `output` as its descriptor 5, and everything else closed but the three
    /// standard descriptors and `kept`, which has the same number there.
    fn run(script: &str, output: &OwnedFd, kept: RawFd) {
        let mut actions = FileActions::new().unwrap();
        let mut attributes = Attributes::new().unwrap();
        actions.dup2(0, 0).unwrap();
        actions.dup2(1, 1).unwrap();
        actions.dup2(2, 2).unwrap();
        actions.dup2(output.as_raw_fd(), 5).unwrap();
        actions.dup2(kept, kept).unwrap();
        actions.change_directory(c"/").unwrap();
        attributes.unblock_signals().unwrap();
        attributes.reset_sigpipe().unwrap();
        attributes.process_group(0).unwrap();
        close_others(&mut actions, &mut attributes, &[0, 1, 2, 5, kept]).unwrap();
        let script = CString::new(script).unwrap();
        let arguments = [c"sh", c"-c", &script];
        let pid = spawn(
            c"/bin/sh",
            &actions,
            &attributes,
            &arguments,
            &[c"WORD=given"],
        )
        .unwrap()
        .id();
        let mut status = 0;
        // SAFETY: `status` is valid to write; the process is this test's child.
        assert_eq!(unsafe { libc::waitpid(pid, &mut status, 0) }, pid);
        assert_eq!(status, 0);
    }

    #[test]
    fn a_child_has_the_named_descriptors_only() {
        let (mut reader, writer) = io::pipe().unwrap();
        let writer = OwnedFd::from(writer);
        // One that a child would inherit if it was not kept from it.
        // SAFETY: the descriptor is open.
        let stray = unsafe { libc::dup(writer.as_raw_fd()) };
        // SAFETY: it was made on the line above.
        let stray = unsafe { OwnedFd::from_raw_fd(stray) };
        // SAFETY: the descriptor is open.
        let kept = unsafe { libc::fcntl(stray.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 6) };
        // SAFETY: it was made on the line above.
        let kept = unsafe { OwnedFd::from_raw_fd(kept) };
        let number = kept.as_raw_fd();
        assert!(stray.as_raw_fd() < 64 && number < 64);
        run(
            // Looks at numbers without a redirection, for which some shells open descriptors themselves.
            "pwd >&5; echo $WORD >&5
             n=3; while [ $n -lt 64 ]; do
                 if [ -e /dev/fd/$n ]; then echo $n >&5; fi
                 n=$((n + 1))
             done",
            &writer,
            number,
        );
        drop((writer, stray, kept));
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, format!("/\ngiven\n5\n{number}\n"));
    }

    #[test]
    fn a_session_is_led_by_the_child() {
        let mut actions = FileActions::new().unwrap();
        let mut attributes = Attributes::new().unwrap();
        attributes.new_session().unwrap();
        // It runs until its input ends: nobody tells the session of a process that has exited.
        let (reader, writer) = io::pipe().unwrap();
        actions.dup2(reader.as_raw_fd(), 0).unwrap();
        let pid = spawn(c"cat", &actions, &attributes, &[c"cat"], &[])
            .unwrap()
            .id();
        // SAFETY: takes and returns plain numbers.
        let ids = unsafe { [libc::getsid(pid), libc::getpgid(pid)] };
        assert_eq!(ids, [pid, pid]);
        drop(writer);
        // SAFETY: the status is not asked for; the process is this test's child.
        assert_eq!(unsafe { libc::waitpid(pid, ptr::null_mut(), 0) }, pid);
    }

    #[test]
    fn what_a_child_does_with_its_descriptors_changes_none_of_its_parents() {
        let (mut reader, writer) = io::pipe().unwrap();
        let writer = OwnedFd::from(writer);
        let (other, _) = io::pipe().unwrap();
        let mut actions = FileActions::new().unwrap();
        let mut attributes = Attributes::new().unwrap();
        // This one is something else in the child, and all others are closed there.
        let number = other.as_raw_fd();
        actions.dup2(writer.as_raw_fd(), number).unwrap();
        actions.close(reader.as_raw_fd()).unwrap();
        close_others(&mut actions, &mut attributes, &[number]).unwrap();
        let arguments = [c"x"];
        for program in [c"/nonexistent/program", c"/dev/null"] {
            spawn(program, &actions, &attributes, &arguments, &[]).unwrap_err();
        }
        let script = CString::new(format!("echo told >/dev/fd/{number}")).unwrap();
        let arguments = [c"sh", c"-c", &script];
        let pid = spawn(c"/bin/sh", &actions, &attributes, &arguments, &[])
            .unwrap()
            .id();
        // SAFETY: the status is not asked for; the process is this test's child.
        assert_eq!(unsafe { libc::waitpid(pid, ptr::null_mut(), 0) }, pid);
        drop(writer);
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, "told\n");
        // Nobody writes to that pipe, and nothing has come.
        let mut other = other;
        assert_eq!(other.read(&mut [0; 8]).unwrap(), 0);
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error() {
        let (actions, attributes) = (FileActions::new().unwrap(), Attributes::new().unwrap());
        for (program, kind) in [
            (c"/nonexistent/program", io::ErrorKind::NotFound),
            (c"/dev/null/program", io::ErrorKind::NotADirectory),
        ] {
            // A program without even its own name for an argument is an error of its own on some systems.
            let error = spawn(program, &actions, &attributes, &[program], &[]).unwrap_err();
            assert_eq!(error.kind(), kind);
        }
    }
}
