//! Images of programs, of which none are told: `mach-o/dyld.h`.

pub use crate::calls::refused::loader::*;
