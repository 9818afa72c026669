//! The table of `mach2`'s calls says what the sources do.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// What the table says of each call, by module and name.
fn table() -> BTreeMap<(String, String), String> {
    let text = fs::read_to_string(here("../docs/mach2.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split(" | ").map(str::trim);
        let mut cell = || cells.next().unwrap().trim_matches('`').to_owned();
        ((cell(), cell()), cell())
    })
    .collect()
}

/// The calls that the sources refuse, with their codes.
fn refused() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for file in fs::read_dir(here("src/calls/refused")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let text = text.split("\nrefused! {").skip(1);
        for group in text {
            let code = group
                .split("; ")
                .nth(1)
                .or_else(|| group.split(";\n").nth(1));
            let code = code.unwrap().split(';').next().unwrap().trim().to_owned();
            let names = group.split("fn ").skip(1);
            let names = names.map(|rest| rest.split('(').next().unwrap().to_owned());
            found.extend(names.map(|name| (name, code.clone())));
        }
    }
    found
}

#[test]
fn what_is_refused_is_in_the_table_with_its_code() {
    let table = table();
    let refused = refused();
    assert!(refused.len() > 60, "{refused:?}");
    for (name, code) in refused {
        let said = table.iter().find(|((_, call), _)| *call == name);
        let (_, said) = said.unwrap_or_else(|| panic!("{name} is not in the table"));
        assert_eq!(
            *said,
            format!("refused: `{code}`").trim_matches('`'),
            "{name}"
        );
    }
}

#[test]
fn the_table_lists_calls_that_there_are() {
    let items = fs::read_to_string(here("tests/switch/items.rs")).unwrap();
    let table = table();
    assert!(table.len() > 150);
    for (module, call) in table.keys() {
        let uses = items
            .split("use mach::")
            .filter(|text| text.starts_with(&format!("{module}::")));
        let listed = uses
            .filter_map(|text| text.split(';').next())
            .any(|text| text.contains(&format!("{call} as _")));
        assert!(listed, "{module}::{call}");
    }
}
