//! The child's task port.

use std::time::Duration;

use task_port::{AcceptError, TaskPort};

use crate::{Child, Launcher};

impl Launcher {
    /// Asks each child to lend its task port, by which its port names can be listed and worked on from here. The child
    /// must agree, by `ConnectOptions::offer_task_port`; it gets its ports either way. Off by default.
    pub fn task_port(&mut self, on: bool) -> &mut Self {
        self.settings.task_port = on;
        self
    }
}

impl Child {
    /// The child's task port, once the child has taken its ports and lends it, for which this waits so long. It is given
    /// once: clone it.
    ///
    /// # Errors
    /// [`AcceptError`]: the child was not asked, does not agree, has ended, or has not taken its ports in time.
    pub fn task_port(&self, timeout: Duration) -> Result<TaskPort, AcceptError> {
        let expected = self.task.0.as_ref().ok_or(AcceptError::NotAsked)?;
        expected.accept_from(self.id(), timeout)
    }
}
