//! Rights on their way: on Linux all processes of an ordinary user together may have as many descriptors in messages that
//! nobody has received as each may have open, which are few where that limit is low.

use std::fs::File;

use nix::fcntl::{Flock, FlockArg};

/// Keeps other tests that have many rights on their way from having them meanwhile, in whatever process.
#[derive(Debug)]
pub struct Many {
    // Without the folder that this was built in there is nothing that all know.
    _lock: Option<Flock<File>>,
}

/// Waits until no other test has many rights on their way.
#[must_use]
pub fn many() -> Many {
    let folder = File::open(env!("CARGO_MANIFEST_DIR")).ok();
    let lock = folder.and_then(|folder| Flock::lock(folder, FlockArg::LockExclusive).ok());
    Many { _lock: lock }
}
