//! Makes Rust interfaces of MIG's `.defs` files, and `.defs` files of Rust interfaces.
//!
//! What the two have in common is an [`Interface`]: [`parse_defs`] and [`parse_rust`] make one of a text,
//! [`Interface::to_defs`], [`Interface::to_c_header`] and [`to_rust`] a text of one.
//!
//! ```
//! let defs = "
//!     subsystem counter 700;
//!     type uint64_t = MACH_MSG_TYPE_INTEGER_64;
//!     type mach_port_t = MACH_MSG_TYPE_COPY_SEND;
//!     routine add(server : mach_port_t; in by : uint64_t; out now : uint64_t);
//! ";
//! let interface = mig_rs::parse_defs(defs)?;
//! let rust = mig_rs::to_rust(&interface)?;
//! assert!(rust.contains("fn add(&self, by: u64) -> Result<u64, ReturnCode>;"), "{rust}");
//! assert_eq!(mig_rs::parse_rust(&rust)?, [interface]);
//! # Ok::<(), mig_rs::Error>(())
//! ```

mod defs;
mod rust;

pub use defs::parse as parse_defs;
pub use mach_interface::describe::Interface;
pub use rust::{parse as parse_rust, print as to_rust};

/// Why a text is no interface, or an interface no text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A `.defs` file says what MIG would not accept, or what has no counterpart in Rust.
    #[error("line {line}: {what}")]
    Defs {
        /// The line.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// The text is no Rust.
    #[error("this is no Rust")]
    Rust(#[from] syn::Error),
    /// A trait says what this tool cannot read; the program's own `interface().to_defs()` can.
    #[error("{0}")]
    Trait(String),
}
