//! A child's place among processes.

use crate::Launcher;

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
}
