use std::fs::{File, OpenOptions};
use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{BorrowedFd, OwnedFd};

use nix::fcntl::{FcntlArg, fcntl};

/// What a child has for standard input, output or error.
#[derive(Debug, Default)]
#[non_exhaustive]
pub enum Stdio {
    /// The parent's.
    #[default]
    Inherit,
    /// `/dev/null`.
    Null,
    /// A new pipe for each child, whose other end the parent finds in the
    /// [`Child`](crate::Child).
    Pipe,
    /// An open file, or whatever else is behind a descriptor. Each child of the
    /// launcher has a copy of the descriptor, and the same open file; the launcher
    /// has its own until it is dropped or told something else. A pipe of which it
    /// holds an end does not come to its end.
    File(OwnedFd),
}

impl From<File> for Stdio {
    fn from(file: File) -> Self {
        Self::File(file.into())
    }
}

impl From<OwnedFd> for Stdio {
    fn from(fd: OwnedFd) -> Self {
        Self::File(fd)
    }
}

impl From<PipeReader> for Stdio {
    fn from(pipe: PipeReader) -> Self {
        Self::File(pipe.into())
    }
}

impl From<PipeWriter> for Stdio {
    fn from(pipe: PipeWriter) -> Self {
        Self::File(pipe.into())
    }
}

impl Stdio {
    /// The child's end, unless it is the parent's own stream, and the parent's if it is
    /// a pipe.
    ///
    /// `parents` is the stream to inherit; `ends` says which end of a pipe is
    /// the child's and which the parent's.
    pub(crate) fn open<P>(
        &self,
        parents: BorrowedFd<'_>,
        ends: impl FnOnce(PipeReader, PipeWriter) -> (OwnedFd, P),
    ) -> io::Result<(Option<OwnedFd>, Option<P>)> {
        let childs = match self {
            Self::Inherit => {
                // Nobody promises that a standard stream is open.
                fcntl(parents, FcntlArg::F_GETFD)?;
                return Ok((None, None));
            }
            Self::Null => OpenOptions::new()
                .read(true)
                .write(true)
                .open("/dev/null")?
                .into(),
            Self::File(fd) => fd.try_clone()?,
            Self::Pipe => {
                let (reader, writer) = io::pipe()?;
                let (childs, parents) = ends(reader, writer);
                return Ok((Some(childs), Some(parents)));
            }
        };
        Ok((Some(childs), None))
    }
}
