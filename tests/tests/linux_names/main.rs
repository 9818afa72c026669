//! Linux: bootstrap names where others of the same user, or of another, mean harm, and on machines of all kinds.
//!
//! - `blocked`: whatever is in the folder of names, nobody waits for it;
//! - `moved`: names that come with a receive right, and are not always what they are said to be;
//! - `removed`: what is removed from a folder of names, and what never is;
//! - `places`: which folders names are in, and what happens where one is another's or cannot be written;
//! - `numbers`: processes with one number in several pid namespaces;
//! - `world`: processes that run as another user, with other mounts, namespaces or limits.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod blocked;
mod moved;
mod numbers;
mod places;
mod removed;
mod world;
