//! What the kernel and the C library offer around messages: semaphores, a message server, bootstrap names.

mod bootstrap;
mod notification_objects;
mod semaphores;
mod server;
