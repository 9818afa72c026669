//! The rendezvous between processes: who meets whom, what rights go through it, and what becomes of the rest.

mod chromium;
mod deaths;
mod hostile;
mod launcher;
mod processes;
mod rights;
mod sandbox;
mod task_port;
mod task_port_calls;
mod wire;
