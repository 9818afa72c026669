//! Tests of the machine alone.

mod counters;
mod keeping;
mod looks;
mod model;
mod queues;
mod slow;
mod world;
