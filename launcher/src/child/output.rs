//! What a child writes, to the end.

use std::io::{self, PipeReader, Read};
use std::panic::resume_unwind;
use std::process::Output;
use std::thread;

use crate::Child;

impl Child {
    /// Closes standard input if it is a pipe, reads standard output and error to
    /// their ends if these are, waits for the process to end, and reaps it.
    ///
    /// Both are read at the same time: a child may write any amount to either. A
    /// pipe comes to its end when nobody has it for output any more, be it the child
    /// or a process that it has left behind.
    ///
    /// ```
    /// use launcher::{Launcher, Stdio};
    /// use std::io::Write;
    ///
    /// let child = Launcher::new("tr")
    ///     .args(["a-z", "A-Z"])
    ///     .stdin(Stdio::Pipe)
    ///     .stdout(Stdio::Pipe)
    ///     .spawn()?;
    /// child.stdin.as_ref().ok_or("no pipe")?.write_all(b"loud")?;
    /// let output = child.wait_with_output()?;
    /// assert!(output.status.success());
    /// assert_eq!(output.stdout, b"LOUD");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Self::try_wait`], or why a pipe could not be read. The child is dropped
    /// then.
    pub fn wait_with_output(mut self) -> io::Result<Output> {
        drop(self.stdin.take());
        let (stdout, stderr) = read(self.stdout.take(), self.stderr.take())?;
        Ok(Output {
            status: self.wait()?,
            stdout,
            stderr,
        })
    }
}

/// Reads standard output and error, those of them that are pipes.
fn read(stdout: Option<PipeReader>, stderr: Option<PipeReader>) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let (Some(stdout), Some(stderr)) = (&stdout, &stderr) else {
        return Ok((to_end(stdout)?, to_end(stderr)?));
    };
    // Whichever was read last, the child might fill and wait for ever.
    thread::scope(|scope| {
        let stderr = thread::Builder::new().spawn_scoped(scope, || to_end(Some(stderr)))?;
        let stdout = to_end(Some(stdout));
        let stderr = stderr.join().unwrap_or_else(|panic| resume_unwind(panic));
        Ok((stdout?, stderr?))
    })
}

fn to_end(pipe: Option<impl Read>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
