//! Rust traits: reading and writing.

mod parse;
mod print;
mod types;

pub use parse::parse;
pub use print::print;
