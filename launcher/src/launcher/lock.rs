//! What a child may do besides its ports.

use sandbox::Profile;

use crate::Launcher;

impl Launcher {
    /// Locks the child up before it executes its program, which need not know of it and cannot get out.
    ///
    /// The program may read itself and the system's libraries, and execute itself, or what it has in memory, in its own
    /// place; all else is as the profile says, and the program can lock itself up further by [`Profile::enter`]. A script needs its interpreter allowed by
    /// [`Profile::execute`], and a program with libraries of its own their folder by [`Profile::read`].
    ///
    /// The descriptors that the child is
    /// given it has, whatever the profile says.
    ///
    /// ```no_run
    /// use launcher::{Launcher, Profile};
    ///
    /// let child = Launcher::new("/usr/libexec/decoder")
    ///     .profile(Profile::ports_only().memory(1 << 30).descriptors(256))
    ///     .spawn()?;
    /// # Ok::<(), launcher::LaunchError>(())
    /// ```
    ///
    /// On macOS the process executes the system's `sandbox-exec` before the program, after a shell that sets the limits, so
    /// [`arg0`](Self::arg0) is lost, and a program that cannot be executed is an exit status of 71 and no error of the launch.
    ///
    /// # Errors
    /// The launch fails with [`LaunchStep::Lock`](crate::LaunchStep::Lock) if this system cannot do all of it, unless
    /// the profile [does without](Profile::accept_without).
    pub fn profile(&mut self, profile: Profile) -> &mut Self {
        self.settings.profile = Some(profile);
        self
    }
}
