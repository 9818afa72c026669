//! The audit library in real programs: what monitors are told, when the program waits, and that it is not disturbed.
#![cfg(target_os = "linux")]

mod harness;
mod hostile;
mod images;
mod library;
mod monitors;
mod order;
mod processes;
mod undisturbed;
