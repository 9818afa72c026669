//! A helper as the parent sees it: a process, what it says, and how it ends.

mod process;
mod reader;
mod tail;

pub(crate) use process::Helper;
pub(crate) use reader::Reader;
pub(crate) use tail::Tail;
