//! Reading `.defs` files.

mod argument;
mod lexer;
mod parser;
mod specification;
mod types;

pub use parser::parse;
