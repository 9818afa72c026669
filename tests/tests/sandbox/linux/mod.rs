//! What the kernel answers to attacks from inside, and what a sandbox does where the kernel lacks something.

mod attacks;
mod lacking;
mod limits;
mod namespaces;
