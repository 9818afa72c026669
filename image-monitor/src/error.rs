use mach_ports::dispatch::DispatchError;
use mach_ports::ffi::kern_return::{
    KERN_INVALID_ARGUMENT, KERN_RESOURCE_SHORTAGE, KERN_UREFS_OVERFLOW,
};
use mach_ports::{ReturnCode, SendError};

/// Why a monitor does not watch a process. It can be used again, unless it is in use or the system was short of something.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum AttachError {
    /// The process has eight monitors. One of them must be dropped first.
    #[error(
        "the process has as many monitors as it can have ({})",
        image_protocol::MAX_MONITORS
    )]
    NoSlot,
    /// The monitor watches a process, or did. The caller makes another.
    #[error("the monitor has a process already")]
    InUse,
    /// The process was launched without an agent, so there is nobody to tell anything. The caller launches it with a monitor.
    #[error("the process was launched without an agent")]
    NoAgent,
    /// The agent does not take the monitor: it is gone, as after another program was executed, or stuck.
    #[error("the process's agent cannot be told of the monitor")]
    Agent(#[source] SendError),
    /// The system is short of a resource.
    #[error(transparent)]
    Mach(#[from] mach_ports::Error),
    /// The system is short of a resource.
    #[error(transparent)]
    Dispatch(#[from] DispatchError),
}

impl AttachError {
    /// The code that macOS's call has for it.
    #[must_use]
    pub fn code(&self) -> ReturnCode {
        match self {
            Self::NoSlot => ReturnCode::new(KERN_UREFS_OVERFLOW),
            Self::InUse | Self::NoAgent => ReturnCode::new(KERN_INVALID_ARGUMENT),
            Self::Mach(error) => error.code(),
            Self::Agent(SendError::Refused(error)) => error.code(),
            Self::Agent(SendError::DestinationDead) => ReturnCode::TERMINATED,
            Self::Agent(SendError::TimedOut(_)) => ReturnCode::OPERATION_TIMED_OUT,
            Self::Agent(_) | Self::Dispatch(_) => ReturnCode::new(KERN_RESOURCE_SHORTAGE),
        }
    }
}

mach_ports::debug_with_causes!(AttachError);
