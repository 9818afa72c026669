use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::fd::{OwnedFd, RawFd};
use std::path::PathBuf;

use rendezvous_server::{BaseId, BaseIdError, RendezvousServer};
#[cfg(feature = "sandbox")]
use sandbox::Profile;

use crate::launch::environment::Changes;
use crate::launch::ports::Ports;
use crate::launch::resource::Resource;
use crate::launch::stdio::Stdio;
use crate::launch::watch::Monitors;

/// What a launcher has been told about its children.
///
/// A launch takes the ports out of it and leaves everything else for the next.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) program: OsString,
    /// The program's name for itself, if it is not `program`.
    pub(crate) arg0: Option<OsString>,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Changes,
    pub(crate) directory: Option<PathBuf>,
    /// Standard input, output and error; each launch has something for those
    /// that are not set.
    pub(crate) streams: [Option<Stdio>; 3],
    pub(crate) descriptors: Vec<(RawFd, OwnedFd)>,
    pub(crate) process_group: Option<i32>,
    pub(crate) setsid: bool,
    pub(crate) user: Option<u32>,
    pub(crate) users_group: Option<u32>,
    pub(crate) umask: Option<u32>,
    /// By resource, soft and hard.
    pub(crate) limits: BTreeMap<Resource, (u64, u64)>,
    #[cfg(feature = "sandbox")]
    pub(crate) profile: Option<Profile>,
    pub(crate) inherit_signal_mask: bool,
    pub(crate) kill_on_drop: bool,
    pub(crate) registrar: Result<Registrar, BaseIdError>,
    pub(crate) private_bootstrap: bool,
    pub(crate) ports: Ports,
    #[cfg(feature = "task-port")]
    pub(crate) task_port: bool,
    /// Who is told what the next child loads.
    pub(crate) image_monitors: Monitors,
}

/// Who registers the ports.
#[derive(Debug, Clone)]
pub(crate) enum Registrar {
    /// This process's server of that name, made when it is first wanted.
    Shared(BaseId),
    /// A server that the user has.
    Given(RendezvousServer),
}

impl Settings {
    pub(crate) fn new(program: &OsStr) -> Self {
        Self {
            program: program.to_owned(),
            arg0: None,
            arguments: Vec::new(),
            environment: Changes::default(),
            directory: None,
            streams: [None, None, None],
            descriptors: Vec::new(),
            process_group: None,
            setsid: false,
            user: None,
            users_group: None,
            umask: None,
            limits: BTreeMap::new(),
            #[cfg(feature = "sandbox")]
            profile: None,
            inherit_signal_mask: false,
            kill_on_drop: false,
            registrar: Ok(Registrar::Shared(BaseId::default())),
            private_bootstrap: false,
            ports: Ports::default(),
            #[cfg(feature = "task-port")]
            task_port: false,
            image_monitors: Monitors::default(),
        }
    }
}
