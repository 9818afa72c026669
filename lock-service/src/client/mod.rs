//! The clients' side.

#[cfg(feature = "tokio")]
mod asynchronous;
mod error;
#[cfg(feature = "tokio")]
mod event_stream;
mod events;
mod options;
mod session;
mod volumes;

use std::time::Duration;

pub use error::LockError;
#[cfg(feature = "tokio")]
pub use event_stream::LockEventStream;
pub use events::{EventsError, LockEvents, Observed};
pub use options::LockOptions;
pub use session::{LockClient, LockGuard};
pub use volumes::{RebootGuard, VolumeClient, VolumeGuard};

/// How long the service may take for what needs no waiting.
const PATIENCE: Duration = Duration::from_secs(30);

/// The exit status that a guard gives when a panic drops it: `EX_SOFTWARE`.
const PANICKED: i32 = 70;

/// The exit status of work that ends by a guard's drop.
fn status_of_drop() -> i32 {
    if std::thread::panicking() {
        PANICKED
    } else {
        0
    }
}
