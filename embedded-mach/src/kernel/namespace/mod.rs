//! A task's name space: which names there are, what is under each, and the calls on them.

pub(crate) mod attributes;
pub(crate) mod census;
pub(crate) mod construct;
pub(crate) mod flavors;
pub(crate) mod guards;
pub(crate) mod insert;
pub(crate) mod members;
pub(crate) mod names;
pub(crate) mod references;
pub(crate) mod space;
