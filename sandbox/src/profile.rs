//! What a helper may do besides its ports.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use crate::part::{Missing, Part};
use crate::{Namespace, sys};

/// What a process may do besides its ports.
///
/// ```
/// use std::time::Duration;
/// use sandbox::{Network, Profile};
///
/// let decoder = Profile::ports_only()
///     .read("/usr/share/color")
///     .memory(1 << 30)
///     .cpu_time(Duration::from_secs(60))
///     .descriptors(256);
/// # _ = decoder;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub(crate) paths: Vec<(Access, PathBuf)>,
    pub(crate) network: Network,
    pub(crate) namespaces: BTreeSet<Namespace>,
    pub(crate) processes: bool,
    pub(crate) inspectable: bool,
    pub(crate) limits: Limits,
    without: BTreeSet<Part>,
}

/// What becomes of the process that is locked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    /// It goes on as it is.
    Entering,
    /// It executes its program, which has to be loaded.
    Executing,
}

/// What may be done with a path and all below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
    Execute,
}

/// How far connections may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Network {
    /// No sockets but those that are there or arrive.
    #[default]
    None,
    /// The loopback: on macOS that of the machine. On Linux, where no filter tells addresses apart, it is one of its own, in a
    /// network namespace: the process reaches itself and what it starts, and no other reaches it.
    Loopback,
    /// Everywhere by internet protocols. Sockets in the file system and those with abstract names stay closed.
    Any,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Limits {
    /// Bytes.
    pub(crate) memory: Option<u64>,
    pub(crate) cpu_time: Option<Duration>,
    pub(crate) descriptors: Option<u32>,
}

impl Profile {
    /// Nothing besides ports: no path, no network, no new processes, no core dumps. The strictest.
    ///
    /// Memory, processor time and descriptors have the limits that they have, for only the program knows how much it needs:
    /// set them.
    ///
    /// On Linux what the process has of itself can be read: its own folder below `/proc`, and the files of its own code, by
    /// which a backtrace has names.
    #[must_use]
    pub fn ports_only() -> Self {
        Self {
            paths: Vec::new(),
            network: Network::None,
            namespaces: BTreeSet::new(),
            processes: false,
            inspectable: false,
            limits: Limits::default(),
            without: BTreeSet::new(),
        }
    }

    /// Lets it read the file at `path`, or all that is in the folder and below.
    ///
    /// The path must be there when the profile is entered. Links are followed then, and the file or folder itself is meant
    /// from there on, whatever has that name later.
    #[must_use]
    pub fn read(self, path: impl Into<PathBuf>) -> Self {
        self.allow(Access::Read, path)
    }

    /// Lets it write the file at `path`, or create, change and remove what is in the folder and below; as
    /// [`read`](Self::read), which it does not include. Owners, modes and times of files cannot be changed.
    #[must_use]
    pub fn write(self, path: impl Into<PathBuf>) -> Self {
        self.allow(Access::Write, path)
    }

    /// Lets it read and execute the program at `path`, or all in the folder and below. To start it as a process of its own
    /// takes [`start_processes`](Self::start_processes) as well.
    #[must_use]
    pub fn execute(self, path: impl Into<PathBuf>) -> Self {
        self.allow(Access::Execute, path)
    }

    fn allow(mut self, access: Access, path: impl Into<PathBuf>) -> Self {
        self.paths.push((access, path.into()));
        self
    }

    /// How far connections may go; nowhere otherwise.
    #[must_use]
    pub fn network(mut self, network: Network) -> Self {
        self.network = network;
        self
    }

    /// Has it have a namespace of its own, on Linux; none otherwise, but for the network of [`Network::Loopback`]. It is one
    /// wall more, for what is reached in spite of all else.
    ///
    /// Some systems refuse namespaces to ordinary users, and macOS has none: that is [`Part::Namespaces`].
    ///
    /// ```
    /// use sandbox::{Namespace, Profile};
    ///
    /// let alone = Profile::ports_only()
    ///     .namespace(Namespace::Pid)
    ///     .namespace(Namespace::Ipc);
    /// # _ = alone;
    /// ```
    #[must_use]
    pub fn namespace(mut self, namespace: Namespace) -> Self {
        self.namespaces.insert(namespace);
        self
    }

    /// Whether it is to have this namespace of its own, by [`namespace`](Self::namespace).
    #[must_use]
    pub fn has_namespace(&self, namespace: Namespace) -> bool {
        self.namespaces.contains(&namespace)
    }

    /// Lets it start processes, which are locked up as it is, of programs that it may [`execute`](Self::execute).
    ///
    /// They may read the system's libraries too. They and it may signal each other, and nobody else. On Linux they do not see
    /// their own folders below `/proc`, so calls that look at one's own memory and threads fail in them, unless the profile
    /// lets all of them [`read`](Self::read) `/proc`.
    #[must_use]
    pub fn start_processes(mut self) -> Self {
        self.processes = true;
        self
    }

    /// Limits the address space to so many bytes: program, libraries, stacks and all that is mapped. What goes beyond
    /// fails as if there were no memory, which ends a Rust program.
    ///
    /// It must be more than the process has when the profile is entered; a program of Rust has some 10 MiB, and each thread
    /// takes its stack of 2 MiB. On macOS it is a part that is [missing](Part::Memory).
    #[must_use]
    pub fn memory(mut self, bytes: u64) -> Self {
        self.limits.memory = Some(bytes);
        self
    }

    /// Limits the processor time of all its threads since its start, rounded up to seconds. At the limit it gets `SIGXCPU`,
    /// which ends it, and a second later `SIGKILL`.
    #[must_use]
    pub fn cpu_time(mut self, time: Duration) -> Self {
        self.limits.cpu_time = Some(time);
        self
    }

    /// Limits how many descriptors it has open at a time. On Linux each right between two processes is one.
    #[must_use]
    pub fn descriptors(mut self, count: u32) -> Self {
        self.limits.descriptors = Some(count);
        self
    }

    /// Leaves other processes of its user a view of it: debuggers, and on Linux `/proc`.
    ///
    /// Otherwise a process on Linux that has *entered* a profile is not dumpable: only root sees which program it
    /// executes, so a server that demands `PeerRequirement::Executable` of it cannot know. A process on which its parent
    /// imposed the profile can be looked at.
    #[must_use]
    pub fn inspectable(mut self) -> Self {
        self.inspectable = true;
        self
    }

    /// Does without a part where the system cannot do it.
    ///
    /// Where the system can, the part is there. [`missing`](Self::missing) says which are not, as does
    /// [`Entered::missing`](crate::Entered::missing).
    ///
    /// ```
    /// use sandbox::{Part, Profile};
    ///
    /// // Also on a kernel without landlock, where the helper can open files.
    /// let profile = Profile::ports_only().accept_without(Part::Files);
    /// for missing in profile.missing() {
    ///     println!("not locked: {missing}");
    /// }
    /// ```
    #[must_use]
    pub fn accept_without(mut self, part: Part) -> Self {
        self.without.insert(part);
        self
    }

    /// The parts of this profile that this system cannot do, whether accepted or not, where it is imposed. A process that
    /// enters it may lack [`Namespace::Pid`] besides.
    #[must_use]
    pub fn missing(&self) -> Vec<Missing> {
        sys::missing(self, For::Executing)
    }

    /// Those parts, if the profile does without each of them.
    pub(crate) fn accepted(&self, purpose: For) -> Result<Vec<Missing>, Vec<Missing>> {
        let missing = sys::missing(self, purpose);
        let refused: Vec<_> = missing
            .iter()
            .filter(|missing| !self.without.contains(&missing.part))
            .cloned()
            .collect();
        if refused.is_empty() {
            Ok(missing)
        } else {
            Err(refused)
        }
    }
}

impl Default for Profile {
    /// [`Profile::ports_only`].
    fn default() -> Self {
        Self::ports_only()
    }
}
