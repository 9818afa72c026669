use std::sync::Arc;

use crate::Image;

/// What happens to a watched process.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Images were mapped. Their constructors have not run, nor will they before the event is answered. The first tells
    /// of the program itself and all that it is linked with.
    ///
    /// What does not fit into one message comes as several of these, with one timestamp.
    Load(Vec<Arc<Image>>),
    /// Images will be unmapped once the event is answered. Their destructors have run.
    Unload(Vec<Arc<Image>>),
    /// All constructors have run, and `main` is next. Some runtimes, Go's for one, have no such moment.
    Main,
    /// The agent is gone, or tells this monitor nothing more, and the process lives. Nothing comes after this but the exit.
    AgentLost,
    /// The process has exited. Nothing comes after this.
    Exit(ExitCause),
}

impl Event {
    /// The images that it is about.
    #[must_use]
    pub fn images(&self) -> &[Arc<Image>] {
        match self {
            Self::Load(images) | Self::Unload(images) => images,
            _ => &[],
        }
    }

    /// Whether the process waits until it is answered.
    #[must_use]
    pub fn is_awaited(&self) -> bool {
        matches!(self, Self::Load(_) | Self::Unload(_) | Self::Main)
    }
}

/// How the watch of a process that has exited came to its end. How the process did, whoever waits for it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ExitCause {
    /// The program ran, and ended.
    #[error("the process has exited")]
    Ended,
    /// No agent ever spoke: the loader ignored it, or the program ended before its loader ran.
    #[error("the process has exited, and no agent was ever in it")]
    NeverAttached,
    /// The loader ended the process with status 127 when the agent was there and no library yet. On glibc any auditor has
    /// the loader lay out thread-local storage early, and a library that needs more of it in one place than is left
    /// cannot be loaded: [`MonitorOptions::static_tls`](crate::MonitorOptions::static_tls) leaves more.
    #[error(
        "the loader could not load the program under audit: it may need more static thread-local storage"
    )]
    LoaderFailed,
}
