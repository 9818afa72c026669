//! The text of a `.defs` file.
