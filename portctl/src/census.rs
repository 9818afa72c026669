//! What a task has at one moment.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use task_port::{HeldName, Queue, Right, TaskError, TaskPort};

use crate::peers;

/// A name and what it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Row {
    pub(crate) name: u32,
    /// The kinds of rights, and how many references there are to each.
    pub(crate) rights: BTreeMap<&'static str, u32>,
    /// Of a receive right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) queue: Option<Waiting>,
    /// The processes at the other end, as far as they are known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) peers: Vec<i32>,
    /// Of a port set: its members.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) members: Vec<u32>,
}

/// The messages behind a receive right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Waiting {
    pub(crate) messages: u32,
    pub(crate) limit: u32,
    pub(crate) has_senders: bool,
}

impl From<Queue> for Waiting {
    fn from(queue: Queue) -> Self {
        Self {
            messages: queue.messages,
            limit: queue.limit,
            has_senders: queue.has_senders,
        }
    }
}

/// All names, by name.
pub(crate) type Census = BTreeMap<u32, Row>;

/// What a right is called.
const fn word(right: Right) -> &'static str {
    match right {
        Right::Send => "send",
        Right::Receive => "receive",
        Right::SendOnce => "send-once",
        Right::PortSet => "port-set",
        Right::DeadName => "dead-name",
    }
}

/// Lists a task's names. One that goes meanwhile is left out.
pub(crate) fn take(task: &TaskPort) -> Result<Census, TaskError> {
    let mut census = Census::new();
    let mut peers = peers::of(task)?;
    for held in task.names()? {
        let at_other_end = peers.remove(&held.name).unwrap_or_default();
        match row(task, held, at_other_end) {
            Ok(row) => {
                census.insert(held.name, row);
            }
            Err(TaskError::Gone) => return Err(TaskError::Gone),
            Err(_) => {}
        }
    }
    Ok(census)
}

fn row(task: &TaskPort, held: HeldName, peers: BTreeSet<i32>) -> Result<Row, TaskError> {
    let mut rights = BTreeMap::new();
    for right in Right::ALL {
        if held.has(right) {
            rights.insert(word(right), task.references(held.name, right)?);
        }
    }
    let queue = held.has(Right::Receive).then(|| task.queue(held.name));
    let members = held.has(Right::PortSet).then(|| task.members(held.name));
    Ok(Row {
        name: held.name,
        rights,
        queue: queue.transpose()?.map(Waiting::from),
        peers: peers.into_iter().collect(),
        members: members.transpose()?.unwrap_or_default(),
    })
}

/// What is in `later` and was not in `earlier`: names, and references beyond those that there were.
pub(crate) fn grown(earlier: &Census, later: &Census) -> Census {
    let before = |name: u32, right: &str| {
        let row = earlier.get(&name);
        row.and_then(|row| row.rights.get(right))
            .copied()
            .unwrap_or(0)
    };
    let rows = later.iter().filter_map(|(&name, row)| {
        let more = row.rights.iter().filter_map(|(&right, &count)| {
            let more = count.saturating_sub(before(name, right));
            (more > 0).then_some((right, more))
        });
        let rights: BTreeMap<_, _> = more.collect();
        let grown = Row {
            rights,
            ..row.clone()
        };
        (!grown.rights.is_empty()).then_some((name, grown))
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn census(rows: &[(u32, &[(&'static str, u32)])]) -> Census {
        let row = |&(name, rights): &(u32, &[(&'static str, u32)])| {
            let row = Row {
                name,
                rights: rights.iter().copied().collect(),
                queue: None,
                peers: Vec::new(),
                members: Vec::new(),
            };
            (name, row)
        };
        rows.iter().map(row).collect()
    }

    #[test]
    fn what_grows_is_new_names_and_more_references() {
        let earlier = census(&[
            (1, &[("send", 2)]),
            (2, &[("receive", 1)]),
            (3, &[("send", 1)]),
        ]);
        let later = census(&[
            (1, &[("send", 5)]),
            (2, &[("receive", 1), ("send", 1)]),
            (4, &[("dead-name", 1)]),
        ]);
        let expected = census(&[
            (1, &[("send", 3)]),
            (2, &[("send", 1)]),
            (4, &[("dead-name", 1)]),
        ]);
        assert_eq!(grown(&earlier, &later), expected);
        assert!(grown(&later, &later).is_empty());
    }
}
