//! Volumes: what is mounted, and folders that are declared to be one.

mod found;
mod mount;

pub use found::{Declared, Found, Left, find};
pub use mount::{Mount, Nature};
