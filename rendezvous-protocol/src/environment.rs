//! What a launcher tells its child besides the ports.
//!
//! A child can do without: it then looks up the default base id with its
//! parent's pid, as Chromium's does. The environment is set by whoever started
//! the process, who decides what the process is anyway; so it may *name* a
//! server. It proves nothing about one: the client still checks the pid and the
//! user of who answers.
//!
//! Variables outlive their purpose: a grandchild inherits them unless they are
//! replaced. Launchers therefore set or clear *all* of [`ALL`] for every child,
//! and a client asks its own parent before the process that the environment
//! names.

/// The base id, when it is not the default.
pub const BASE_ID: &str = "MACH_RENDEZVOUS_BASE_ID";

/// The pid of the server that the collection is registered with, in decimal.
///
/// It is the parent's, until a process stands between the two or the parent
/// has died: `getppid` then answers with another pid.
pub const SERVER_PID: &str = "MACH_RENDEZVOUS_SERVER_PID";

/// The port that *is* the rendezvous server, if the child was given it:
/// [`BOOTSTRAP`] or [`PASSED`]; else absent.
pub const PORT: &str = "MACH_RENDEZVOUS_PORT";

/// A value of [`PORT`]: the child's bootstrap port is the server.
pub const BOOTSTRAP: &str = "bootstrap";

/// A value of [`PORT`]: the child was passed a right to the server, by which it
/// asks instead of looking the server up. On Linux it is a descriptor, which the
/// embedded Mach finds by a variable of its own; on macOS nothing is passed.
///
/// Only the child itself has the right. A grandchild that inherits this variable
/// looks for its own parent's server.
pub const PASSED: &str = "passed";

/// Every variable of the rendezvous.
pub const ALL: [&str; 3] = [BASE_ID, SERVER_PID, PORT];
