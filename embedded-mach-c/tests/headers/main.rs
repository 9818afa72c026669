//! The C headers compile alone and together, as C and as C++, and say what the Rust modules say.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests state what they expect, like the tests"
)]

mod agreement;
mod compilers;
mod prototypes;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use compilers::{compile, compilers, include_dir, scratch};

/// All headers, as one writes them between angle brackets.
fn headers() -> Vec<String> {
    fn walk(dir: &Path, root: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, found);
            } else if path.extension().is_some_and(|extension| extension == "h") {
                found.push(
                    path.strip_prefix(root)
                        .unwrap()
                        .to_str()
                        .unwrap()
                        .to_owned(),
                );
            }
        }
    }
    let mut found = Vec::new();
    walk(&include_dir(), &include_dir(), &mut found);
    found.sort();
    assert!(
        found.len() > 30,
        "the headers are in {}",
        include_dir().display()
    );
    found
}

/// The names that the library has to export.
fn listed() -> BTreeSet<String> {
    let list = fs::read_to_string(include_dir().join("symbols.txt")).unwrap();
    assert!(list.lines().is_sorted(), "symbols.txt is sorted");
    list.lines().map(str::to_owned).collect()
}

#[test]
fn every_header_compiles_alone() {
    let Some(compilers) = compilers() else { return };
    let dir = scratch("alone");
    let sources: Vec<PathBuf> = headers()
        .iter()
        .map(|header| {
            let source = dir.join(format!("{}.c", header.replace('/', "_")));
            // Twice, for the guard; the declaration because a file may not be empty.
            fs::write(
                &source,
                format!("#include <{header}>\n#include <{header}>\nextern int declaration;\n"),
            )
            .unwrap();
            source
        })
        .collect();
    for compiler in compilers {
        compile(compiler, &sources);
    }
}

#[test]
fn all_headers_compile_together_in_either_order() {
    let Some(compilers) = compilers() else { return };
    let dir = scratch("together");
    let lines: Vec<String> = headers()
        .iter()
        .map(|header| format!("#include <{header}>\n"))
        .collect();
    let sources = [dir.join("forwards.c"), dir.join("backwards.c")];
    fs::write(&sources[0], lines.concat()).unwrap();
    fs::write(
        &sources[1],
        lines.iter().rev().map(String::as_str).collect::<String>(),
    )
    .unwrap();
    for compiler in compilers {
        compile(compiler, &sources);
    }
}

#[test]
fn fact_65_messages_are_packed_to_four_bytes() {
    let Some(compilers) = compilers() else { return };
    for compiler in compilers {
        compile(
            compiler,
            &[Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c/layout.c")],
        );
    }
}

#[test]
fn the_examples_compile() {
    let Some(compilers) = compilers() else { return };
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples-c");
    let sources: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    for compiler in compilers {
        compile(compiler, &sources);
    }
}

/// `symbols.txt` is what the library has to export: each name that a header declares, and no other.
#[test]
fn the_list_of_symbols_is_that_of_the_headers() {
    let mut declared = BTreeSet::new();
    for header in headers() {
        let text = fs::read_to_string(include_dir().join(&header)).unwrap();
        for (_, declaration) in text
            .match_indices("\nextern ")
            .map(|(at, keyword)| text.split_at(at + keyword.len()))
        {
            if declaration.starts_with("\"C\"") {
                continue;
            }
            let (declaration, _) = declaration
                .split_once(';')
                .expect("a declaration ends in a semicolon");
            let before_arguments = declaration.split('(').next().unwrap();
            let is_part_of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            declared.insert(
                before_arguments
                    .rsplit(|c| !is_part_of_a_name(c))
                    .next()
                    .unwrap()
                    .to_owned(),
            );
        }
    }
    assert_eq!(listed(), declared);
}
