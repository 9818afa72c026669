//! What the two sides write, the other reads; what breaks a rule, neither.

mod hostile;
#[cfg(target_os = "linux")]
mod packets;
mod round_trip;
