//! What a child writes, to the end.

use std::io::{self, PipeReader, Read};
use std::panic::resume_unwind;
use std::thread;

/// Reads standard output and error, those of them that are pipes.
pub(crate) fn read(
    stdout: Option<PipeReader>,
    stderr: Option<PipeReader>,
) -> io::Result<(Vec<u8>, Vec<u8>)> {
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
