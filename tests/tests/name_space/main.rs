//! A task's name space: names, the rights and references under them, what guards them and tells of them.

#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod attributes;
mod by_message;
mod guards;
mod names;
mod references;
mod reply_ports;
mod rights;
