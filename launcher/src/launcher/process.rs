//! A child's place among processes.

use crate::{Launcher, Resource};

impl Launcher {
    /// Puts the child into the process group `group`; 0 makes a new one, which the
    /// child leads and which has its pid for an id. Otherwise it is in the parent's.
    ///
    /// The terminal signals the group in its foreground: an interrupt from the
    /// keyboard does not reach the children in other groups. There must be a group
    /// of that id in the parent's session, or the launch fails with `EPERM`. It is
    /// there for as long as any process in it was not reaped.
    pub fn process_group(&mut self, group: i32) -> &mut Self {
        self.settings.process_group = Some(group);
        self
    }

    /// Has the child run as this user; in no supplementary groups, if this process is root. Its own group is set by
    /// [`gid`](Self::gid).
    ///
    /// A user for each sandbox keeps one from what is limited for each user: on Linux a process that parks rights in its own
    /// sockets keeps all processes of its user from sending any. Such a child takes its ports as any other; whatever else
    /// it opens, the program itself for one, must be its to open.
    ///
    /// Who is not permitted to do so gets `EPERM`. On macOS the process executes this program once more, as a stub that becomes
    /// the user before `main` and executes the child's program.
    pub fn uid(&mut self, id: u32) -> &mut Self {
        self.settings.user = Some(id);
        self
    }

    /// Has the child run with this group for its own; as [`uid`](Self::uid).
    pub fn gid(&mut self, id: u32) -> &mut Self {
        self.settings.users_group = Some(id);
        self
    }

    /// Limits a resource for the child: what holds, and up to where the child may raise it. `u64::MAX` is no limit.
    ///
    /// Whoever may not raise a hard limit gets `EPERM`, and `EINVAL` where the soft limit is above the hard one. On macOS a stub
    /// sets it, as for [`uid`](Self::uid). A [profile](Self::profile) only ever lowers what is set here.
    ///
    /// ```
    /// use launcher::{Launcher, Resource};
    ///
    /// let output = Launcher::new("sh")
    ///     .args(["-c", "ulimit -n"])
    ///     .rlimit(Resource::Descriptors, 100, 200)
    ///     .output()?;
    /// assert_eq!(output.stdout, b"100\n");
    /// # Ok::<(), launcher::RunError>(())
    /// ```
    pub fn rlimit(&mut self, resource: Resource, soft: u64, hard: u64) -> &mut Self {
        self.settings.limits.insert(resource, (soft, hard));
        self
    }

    /// The permissions that the files which the child creates do not get, such as `0o077`. Otherwise they are the parent's.
    ///
    /// On macOS a stub sets them, as for [`uid`](Self::uid).
    pub fn umask(&mut self, mask: u32) -> &mut Self {
        self.settings.umask = Some(mask);
        self
    }

    /// Whether the child leads a new session, without a controlling terminal.
    /// It then leads a process group as well, so [`process_group`](Self::process_group)
    /// with anything but 0 fails the launch.
    pub fn setsid(&mut self, setsid: bool) -> &mut Self {
        self.settings.setsid = setsid;
        self
    }

    /// Whether the child starts with those signals blocked that the launching
    /// thread has blocked, as a child of `std::process::Command` does. By default it
    /// starts with none blocked: threads that leave signals to others block them,
    /// and few programs expect to be started like that.
    ///
    /// Either way, SIGPIPE does what it does by default, which Rust programs change
    /// for themselves; other signals that the parent ignores the child ignores, and
    /// those that the parent handles do what they do by default.
    pub fn inherit_signal_mask(&mut self, inherit: bool) -> &mut Self {
        self.settings.inherit_signal_mask = inherit;
        self
    }

    /// Whether dropping the [`Child`](crate::Child) kills the process (`SIGKILL`)
    /// and reaps it, unless it was waited for. By default it runs on.
    ///
    /// The drop waits until the process is gone, for a second at most: one that the
    /// kernel holds for longer is reaped when it ends. Processes that the child has
    /// started run on, and so does the child if this process ends without dropping
    /// it.
    pub fn kill_on_drop(&mut self, kill: bool) -> &mut Self {
        self.settings.kill_on_drop = kill;
        self
    }
}
