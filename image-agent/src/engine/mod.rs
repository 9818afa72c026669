//! Telling monitors over ports, in a process that links the agent.
//!
//! The audit library on Linux keeps the same rules with system calls of its own.

mod agent;
mod slot;
#[cfg(test)]
mod tests;

pub(crate) use agent::Agent;
