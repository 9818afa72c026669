use std::time::Duration;

use rendezvous_protocol::{BaseId, PeerCheck, PeerPolicy, PeerRequirement};

/// How long a client waits for its server, if it was not told otherwise.
///
/// A parent answers within the time that it takes to start a process; this is
/// for a machine that swaps.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(30);

/// Which server to ask, for how long, and what it must be.
///
/// ```
/// use std::time::Duration;
/// use rendezvous_client::{ConnectOptions, PeerPolicy, PeerRequirement};
///
/// let options = ConnectOptions::new()
///     .deadline(Duration::from_secs(5))
///     .require(PeerRequirement::SameUser, PeerPolicy::Enforce);
/// # _ = options;
/// ```
#[derive(Debug, Clone)]
// It can grow without `#[non_exhaustive]`: its fields are private.
pub struct ConnectOptions {
    pub(crate) base_id: Option<BaseId>,
    pub(crate) server_pid: Option<i32>,
    pub(crate) deadline: Duration,
    pub(crate) additional_data: bool,
    pub(crate) check: Option<PeerCheck>,
    pub(crate) offers_task_port: bool,
}

impl ConnectOptions {
    /// The server that started this process, [`DEFAULT_DEADLINE`], additional
    /// data included, no further requirement.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base_id: None,
            server_pid: None,
            deadline: DEFAULT_DEADLINE,
            additional_data: true,
            check: None,
            offers_task_port: false,
        }
    }

    /// Looks for servers under this base id, whatever the environment says.
    #[must_use]
    pub fn base_id(mut self, base_id: BaseId) -> Self {
        self.base_id = Some(base_id);
        self
    }

    /// Asks the server of process `pid` and no other.
    #[must_use]
    pub fn server_pid(mut self, pid: i32) -> Self {
        self.server_pid = Some(pid);
        self
    }

    /// Gives up after this time, counted from the call that connects.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Asks for the ports alone, by `'mrzv'`: the one request that every server
    /// knows.
    #[must_use]
    pub fn without_additional_data(mut self) -> Self {
        self.additional_data = false;
        self
    }

    /// Demands of the server what `requirement` says before any right of its
    /// reply is accepted.
    ///
    /// This adds to what is always demanded of a server found by name: that the
    /// reply comes from the process in the name, run by this process's user or
    /// by root.
    #[must_use]
    pub fn require(mut self, requirement: PeerRequirement, policy: PeerPolicy) -> Self {
        self.check = Some(PeerCheck {
            requirement,
            policy,
        });
        self
    }

    /// Lends this task's port to the parent, if its launcher asks for that: the parent can then list this task's port
    /// names, and make, move and release rights here, for as long as the client lives or until
    /// [`RendezvousClient::revoke_task_port`](crate::RendezvousClient::revoke_task_port). Off by default.
    ///
    /// Nobody but the process that started this one is answered.
    #[cfg(feature = "task-port")]
    #[must_use]
    pub fn offer_task_port(mut self, on: bool) -> Self {
        self.offers_task_port = on;
        self
    }
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self::new()
    }
}
