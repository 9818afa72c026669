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
    /// On macOS the process executes this program once more, as a stub that locks the process up before `main` and executes the
    /// child's program. There a process can be locked up once: such a program cannot enter a profile besides.
    ///
    /// # Errors
    /// The launch fails with [`LaunchStep::Lock`](crate::LaunchStep::Lock) if this system cannot do all of it, unless
    /// the profile [does without](Profile::accept_without).
    pub fn profile(&mut self, profile: Profile) -> &mut Self {
        self.settings.profile = Some(profile);
        self
    }
}
