//! The clients' side.

mod error;
mod options;
mod session;
mod volumes;

pub use error::LockError;
pub use options::LockOptions;
pub use session::{LockClient, LockGuard};
pub use volumes::{RebootGuard, VolumeClient, VolumeGuard};

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
