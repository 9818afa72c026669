//! A helper as the parent sees it: a process that answers, or is lost.

use std::io;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use launcher::{Child, Launcher, Stdio};
use mach_ports::{
    Error, Message, Notification, ReceiveError, ReceiveOptions, ReceiveRight, ReceivedMessage,
    SendError, SendOptions, SendRight,
};
use zerocopy::IntoBytes;

use crate::fault::Fault;
use crate::protocol::{self, ANSWERS, Answer, MalformedAnswer, WORK, WORK_ID, WorkHeader};

/// How long a helper that has let go of its ports may take to be gone. A process loses its ports while it
/// exits, a little before its exit can be seen.
const EXIT_TIME: Duration = Duration::from_secs(5);

/// A running helper. Dropping it ends the process: it is idle, or of no more use.
#[derive(Debug)]
pub(crate) struct Helper {
    child: Child,
    /// Where it takes its work from.
    work: SendRight,
    /// Where its answers come in, and the news that it is gone.
    answers: ReceiveRight,
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
    /// The work could not be sent.
    #[error("the work could not be sent")]
    Send(#[source] SendError),
    /// An answer could not be received.
    #[error("the answer could not be received")]
    Receive(#[source] ReceiveError),
}

impl Helper {
    /// Starts this program again, as a helper.
    pub(crate) fn launch() -> Result<Self, LaunchError> {
        let work = ReceiveRight::new()?;
        let answers = ReceiveRight::new()?;
        let work_sender = work.make_send()?;
        let answer_sender = answers.make_send()?;
        // The helper will hold the only send right. When it is gone, however that came about, and every answer
        // that it sent has been received, the port says so.
        answers.request_no_senders(answers.make_send_once()?, 0)?;
        let child = Launcher::new(std::env::current_exe()?)
            .arg("--helper")
            .stdin(Stdio::Null)
            .stdout(Stdio::Null)
            .port(WORK, work)
            .port(ANSWERS, answer_sender)
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self {
            child,
            work: work_sender,
            answers,
        })
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
        let deadline = Instant::now() + timeout;
        let header = WorkHeader {
            edge: work.edge,
            fault: Fault::to_wire(work.fault),
        };
        let sent = Message::new(WORK_ID)
            .out_of_line(work.file)
            .bytes(header.as_bytes())
            .send(&self.work, &SendOptions::new().timeout(timeout));
        match sent {
            Ok(()) => {}
            Err(SendError::DestinationDead) => return Err(self.autopsy()),
            Err(SendError::TimedOut(_)) => return Err(Loss::TimedOut(timeout)),
            Err(error) => return Err(Loss::Send(error)),
        }
        let rest = deadline.saturating_duration_since(Instant::now());
        let answer = match self.answers.receive(&ReceiveOptions::new().timeout(rest)) {
            Ok(message) if is_no_senders(&message) => return Err(self.autopsy()),
            Ok(mut message) => {
                let memory = message.take_memory(0);
                protocol::read_answer(message.id(), message.body(), memory.as_deref(), work.edge)?
            }
            Err(ReceiveError::TimedOut) => return Err(Loss::TimedOut(timeout)),
            Err(error) => return Err(Loss::Receive(error)),
        };
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

fn is_no_senders(message: &ReceivedMessage) -> bool {
    matches!(message.notification(), Some(Notification::NoSenders { .. }))
}
