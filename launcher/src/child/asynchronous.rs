//! Waiting for a child as a task of tokio.

use std::io;
use std::process::ExitStatus;

use rendezvous_server::Rendezvous;

use crate::Child;

impl Child {
    /// Waits, as a task, for the process to end, and reaps it. Any runtime will do, and no
    /// thread waits. If the future is dropped the process goes on as it was, and is still to be waited for.
    ///
    /// Standard input stays open, as in [`wait`](Self::wait).
    ///
    /// ```
    /// use std::time::Duration;
    /// use launcher::Launcher;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(async {
    /// let child = Launcher::new("/bin/sh").args(["-c", "exec sleep 600"]).spawn()?;
    /// let late = tokio::time::timeout(Duration::from_millis(1), child.wait_async()).await;
    /// assert!(late.is_err());
    /// child.kill()?;
    /// assert!(!child.wait_async().await?.success());
    /// # Ok(())
    /// # })
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    pub async fn wait_async(&self) -> io::Result<ExitStatus> {
        self.running.exit.occurred().await;
        let status = self.running.process.wait()?;
        self.reaped(status);
        Ok(status)
    }

    /// Waits, as a task, until the child has its ports, or will not have them; `None` if it was
    /// launched without. A child that has ended is settled soon.
    pub async fn rendezvous_async(&self) -> Option<Rendezvous> {
        Some(self.registration.as_ref()?.settled().await)
    }
}
