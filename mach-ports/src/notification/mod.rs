//! Notification objects: a state that several processes see, and the news that it has changed.
//!
//! - `board`: where the state stands, in words that any holder may write at any time;
//! - `object`: the object, with its rights.

mod board;
mod object;

pub use object::{Notification, NotificationError, Posted};
