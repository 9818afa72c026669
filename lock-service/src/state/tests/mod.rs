//! Tests of the machine alone.

mod counters;
mod keeping;
mod model;
mod queues;
mod world;
