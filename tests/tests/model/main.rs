//! Sequences of calls, played by the real calls and by the model of them.

mod killed;
mod one_task;
mod two_tasks;
