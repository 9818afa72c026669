//! A helper as the parent sees it: a process that answers, or is lost.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use launcher::{Child, Launcher, Stdio};
use mach_interface::{CallError, code};
use mach_ports::{Error, OolMemory, ReceiveRight, SendError};

use crate::fault::Fault;
use crate::protocol::{self, Answer, MalformedAnswer, ThumbnailsClient, WORK};

/// How long a helper that has let go of its ports may take to be gone. A process loses its ports while it
/// exits, a little before its exit can be seen.
const EXIT_TIME: Duration = Duration::from_secs(5);

/// A running helper. Dropping it ends the process: it is idle, or of no more use.
#[derive(Debug)]
pub(crate) struct Helper {
    child: Child,
    /// What it offers.
    thumbnails: ThumbnailsClient,
}

/// One image for a helper.
#[derive(Debug)]
pub(crate) struct Work {
    /// The image file's bytes.
    pub(crate) file: Vec<u8>,
    /// The longest side that the thumbnail may have, in pixels.
    pub(crate) edge: u32,
    /// What is to go wrong.
    pub(crate) fault: Option<Fault>,
}

/// Why a helper could not be started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LaunchError {
    /// This program cannot be found again.
    #[error("the program's own path is unknown")]
    Program(#[from] io::Error),
    /// Its ports could not be made.
    #[error(transparent)]
    Port(#[from] Error),
    /// The process could not be made.
    #[error(transparent)]
    Process(#[from] launcher::LaunchError),
}

/// How a helper was lost over its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Loss {
    /// It crashed, or was killed.
    #[error("the helper ended: {0}")]
    Ended(ExitStatus),
    /// It let go of its ports and lived on.
    #[error("the helper closed its ports")]
    Closed,
    /// It did not answer.
    #[error("no answer within {0:?}, the helper was replaced")]
    TimedOut(Duration),
    /// It answered what no sound helper would.
    #[error("senseless answer, the helper was replaced")]
    Malformed(#[from] MalformedAnswer),
    /// There is no memory for the file.
    #[error(transparent)]
    Memory(Error),
    /// It could not be asked.
    #[error("the helper could not be asked")]
    Call(#[source] CallError),
}

impl Helper {
    /// Starts this program again, as a helper.
    pub(crate) fn launch() -> Result<Self, LaunchError> {
        let work = ReceiveRight::new()?;
        let thumbnails = ThumbnailsClient::new(work.make_send()?);
        let child = Launcher::new(std::env::current_exe()?)
            .arg("--helper")
            .stdin(Stdio::Null)
            .stdout(Stdio::Null)
            .port(WORK, work)
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self { child, thumbnails })
    }

    /// The process id.
    pub(crate) fn id(&self) -> i32 {
        self.child.id()
    }

    /// Whether the process still runs.
    pub(crate) fn is_running(&self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Has one image worked on, for at most `timeout`. A helper that is lost over it is gone afterwards.
    pub(crate) fn ask(self, work: Work, timeout: Duration) -> Result<(Self, Answer), Loss> {
        let thumbnails = self.thumbnails.clone().with_timeout(timeout);
        let fault = Fault::to_wire(work.fault);
        let file = OolMemory::copy_of(&work.file).map_err(Loss::Memory)?;
        drop(work.file);
        let (verdict, memory) =
            thumbnails
                .make(file, work.edge, fault)
                .map_err(|error| match error {
                    CallError::ServerDied
                    | CallError::NotSent(SendError::DestinationDead)
                    | CallError::Failed(code::EXCEPTION) => self.autopsy(),
                    CallError::NoReplyInTime | CallError::NotSent(SendError::TimedOut(_)) => {
                        Loss::TimedOut(timeout)
                    }
                    error => Loss::Call(error),
                })?;
        let answer = protocol::read_answer(verdict, &memory, work.edge)?;
        Ok((self, answer))
    }

    /// What became of a process that has lost its ports.
    fn autopsy(&self) -> Loss {
        match self.child.wait_timeout(EXIT_TIME) {
            Ok(Some(status)) => Loss::Ended(status),
            Ok(None) | Err(_) => Loss::Closed,
        }
    }
}
