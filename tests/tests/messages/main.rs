//! Messages: how they are made and taken apart, how they wait, and rights that travel in them.

mod descriptors;
mod headers;
mod layout;
mod limits;
mod moving;
mod order;
mod queues;
mod receiving;
mod sets;
