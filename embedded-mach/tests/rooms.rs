//! The rooms of `src/`: each module uses its own room and those below it, and no others.
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests state what they expect, like the tests"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// From the lowest to the highest.
const ROOMS: [&str; 5] = ["headers", "sys", "wire", "kernel", "calls"];
/// What stands above all rooms.
const ROOT: [&str; 3] = ["lib.md", "lib.rs", "linux.rs"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All Rust files of a folder and the folders in it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The modules at the crate's root that a text names, each with its line. `crate::{a, b::c}` names two.
fn named(text: &str) -> Vec<(usize, String)> {
    let code: Vec<&str> = text.lines().map(without_comment).collect();
    let code = code.join("\n");
    let mut found = Vec::new();
    for (at, start) in code.match_indices("crate::") {
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + start.len()..];
        let names = match rest.strip_prefix('{') {
            Some(list) => heads_of_list(list),
            None => vec![head(rest)],
        };
        found.extend(names.into_iter().map(|name| (line, name.to_owned())));
    }
    // The way out of a room by `super` ends at the room that it leads to.
    for (at, start) in code.match_indices("super::") {
        let name = head(&code[at + start.len()..]);
        if ROOMS.contains(&name) {
            let line = code[..at].matches('\n').count() + 1;
            found.push((line, name.to_owned()));
        }
    }
    found
}

fn without_comment(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// The identifier that a text begins with.
fn head(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    &text[..end.unwrap_or(text.len())]
}

/// The first identifier of each entry of a list that ends with its closing brace.
fn heads_of_list(list: &str) -> Vec<&str> {
    let (mut depth, mut starts, mut found) = (0, true, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => starts = true,
            _ if starts && !c.is_whitespace() => {
                starts = false;
                found.push(head(&list[at..]));
            }
            _ => {}
        }
    }
    found
}

/// What a text in a room names and may not, in words.
fn faults(room: &str, text: &str) -> Vec<String> {
    let height = ROOMS.iter().position(|name| *name == room).unwrap();
    let allowed = &ROOMS[..=height];
    named(text)
        .into_iter()
        .filter(|(_, name)| !allowed.contains(&name.as_str()))
        .map(|(line, name)| {
            format!("{line}: names crate::{name}, but {room} uses only {allowed:?}")
        })
        .collect()
}

#[test]
fn no_room_names_one_above_it() {
    let mut found = Vec::new();
    for room in ROOMS {
        for file in files(&source().join(room)) {
            let text = fs::read_to_string(&file).unwrap();
            let faults = faults(room, &text);
            found.extend(
                faults
                    .iter()
                    .map(|fault| format!("{}:{fault}", file.display())),
            );
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn nothing_stands_between_the_rooms() {
    let mut present: Vec<String> = fs::read_dir(source())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    present.sort();
    let mut expected = [&ROOMS[..], &ROOT[..]].concat();
    expected.sort_unstable();
    assert_eq!(present, expected, "src/ has five rooms, see its lib.rs");
}

#[test]
fn every_way_of_naming_a_room_is_seen() {
    for text in [
        "use crate::calls::rights;",
        "use crate::{\n    headers::port::{mach_port_t, natural_t},\n    calls,\n};",
        "fn f() { crate::calls::code(Ok(())) }",
        "use super::super::calls::rights;",
        // A path of the crate's root leads to calls, too: the header itself is in `headers`.
        "use crate::message::mach_msg;",
    ] {
        assert_eq!(faults("kernel", text).len(), 1, "{text}");
        assert_eq!(faults("headers", text).len(), 1, "{text}");
    }
    for text in [
        "// crate::calls tells more",
        "use crate::kernel::Kernel;",
        "use crate::{headers::port, kernel, sys::socket, wire};",
        "use super::{calls_of, Kernel};",
    ] {
        assert_eq!(faults("kernel", text), [""; 0], "{text}");
    }
}
