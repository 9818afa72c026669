//! What was measured, as it goes from the process that measured it to the one that reports.

use serde::{Deserialize, Serialize};

/// One contender: a figure for each round.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Series {
    pub(crate) name: String,
    /// Nanoseconds for one operation.
    pub(crate) times: Vec<f64>,
    /// Nanoseconds of processor time for one operation, of all processes that take part.
    pub(crate) cpu: Vec<f64>,
    /// The smallest share of one sender, where 1 is the same for all; empty where there is one sender.
    pub(crate) fairness: Vec<f64>,
}

/// Contenders that were measured against each other.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Race {
    /// What of, where the group has more than one race: a number of children, or a size.
    pub(crate) level: Option<u64>,
    /// The first is what the others are divided by.
    pub(crate) series: Vec<Series>,
}
