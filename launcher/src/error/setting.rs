use std::ffi::OsString;
use std::os::fd::RawFd;

/// Something that no child can have: the caller erred.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// A port that an earlier launch has taken, successful or not, and that was not
    /// given anew under its key.
    #[error(
        "the port under key {key:#x} went with an earlier launch, and none was given for this one"
    )]
    PortMoved {
        /// The key.
        key: u32,
    },
    /// Who leads a session leads a group of its own, and can be in no other.
    #[error("the leader of a session cannot join a process group")]
    GroupOfSession,
    /// C strings end at a NUL.
    #[error("{text:?} has a NUL byte")]
    Nul {
        /// The text.
        text: OsString,
    },
    /// Names of variables are not empty and have no `=`.
    #[error("{name:?} cannot name a variable")]
    VariableName {
        /// The name.
        name: OsString,
    },
    /// 0 to 2 are set as standard input, output and error.
    #[error("descriptors 0 to 2 are the standard streams")]
    StandardStream,
    /// Two descriptors under one number.
    #[error("two descriptors have one number")]
    Collision,
    /// No process can have a descriptor of that number, by its limits.
    #[error("descriptor numbers go from 3 to {max}")]
    OutOfRange {
        /// The largest number that the limits allow.
        max: RawFd,
    },
}

mach_ports::debug_with_causes!(SettingError);
