//! Writing what was seen, as tables or as JSON.

use std::fs::File;
use std::io::{self, Write};

use serde::Serialize;

use crate::arguments::Target;
use crate::census::{Census, Row};
use crate::error::Failure;

/// Where it is written, and how.
pub(crate) struct Report {
    to: Box<dyn Write>,
    json: bool,
}

/// One line of JSON.
#[derive(Serialize)]
struct Entry<'a> {
    pid: i32,
    what: &'a str,
    names: Vec<&'a Row>,
}

impl Report {
    pub(crate) fn new(target: &Target) -> Result<Self, Failure> {
        let to: Box<dyn Write> = match &target.output {
            Some(path) => {
                Box::new(File::create(path).map_err(|error| Failure::Output(path.clone(), error))?)
            }
            None => Box::new(io::stderr()),
        };
        Ok(Self {
            to,
            json: target.json,
        })
    }

    /// Writes what a process has: `what` says at which moment.
    pub(crate) fn show(&mut self, pid: i32, what: &str, census: &Census) -> Result<(), Failure> {
        let text = if self.json {
            let names = census.values().collect();
            let line = serde_json::to_string(&Entry { pid, what, names });
            line.map_err(io::Error::from).map_err(Failure::Write)? + "\n"
        } else {
            table(pid, what, census)
        };
        let written = self.to.write_all(text.as_bytes());
        written
            .and_then(|()| self.to.flush())
            .map_err(Failure::Write)
    }
}

fn table(pid: i32, what: &str, census: &Census) -> String {
    let mut text = format!("process {pid}, {what}: {} names\n", census.len());
    if census.is_empty() {
        return text;
    }
    text += &format!(
        "{:>12}  {:<32}  {:<16}  {}\n",
        "name", "rights", "peers", "queue"
    );
    for row in census.values() {
        let rights: Vec<_> = row
            .rights
            .iter()
            .map(|(right, count)| format!("{right} {count}"))
            .collect();
        let name = format!("{:#x}", row.name);
        let peers: Vec<_> = row.peers.iter().map(ToString::to_string).collect();
        let (rights, peers) = (rights.join(", "), peers.join(" "));
        text += &format!("{name:>12}  {rights:<32}  {peers:<16}  {}\n", details(row));
    }
    text
}

fn details(row: &Row) -> String {
    if let Some(queue) = row.queue {
        let senders = if queue.has_senders {
            ""
        } else {
            ", no senders"
        };
        return format!("{} of {}{senders}", queue.messages, queue.limit);
    }
    if row.members.is_empty() {
        return String::new();
    }
    let members: Vec<_> = row
        .members
        .iter()
        .map(|name| format!("{name:#x}"))
        .collect();
    format!("members {}", members.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::census::Waiting;

    #[test]
    fn a_table_has_a_line_for_each_name() {
        let row = Row {
            name: 0x103,
            rights: [("receive", 1), ("send", 2)].into(),
            queue: Some(Waiting {
                messages: 1,
                limit: 5,
                has_senders: false,
            }),
            peers: vec![8, 9],
            members: Vec::new(),
        };
        let text = table(7, "now", &[(0x103, row)].into());
        let lines: Vec<_> = text.lines().map(str::trim_end).collect();
        assert_eq!(lines[0], "process 7, now: 1 names");
        let words: Vec<_> = lines[2].split_whitespace().collect();
        assert_eq!(
            words,
            [
                "0x103", "receive", "1,", "send", "2", "8", "9", "1", "of", "5,", "no", "senders"
            ]
        );
    }
}
