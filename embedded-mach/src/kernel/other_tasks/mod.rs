//! Other tasks: the links to them, the rights that come and go by these, and what is found by name or inherited.

pub(crate) mod arrivals;
pub(crate) mod awaited;
pub(crate) mod bequest;
pub(crate) mod budget;
pub(crate) mod complaints;
pub(crate) mod deleted_names;
pub(crate) mod directory;
pub(crate) mod ends;
pub(crate) mod link;
pub(crate) mod passed;
pub(crate) mod reaper;
pub(crate) mod slots;
pub(crate) mod transfer;

#[cfg(test)]
mod races;
#[cfg(test)]
mod strangers;
