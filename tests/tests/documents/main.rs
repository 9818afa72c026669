//! The repository's own text: what its code refers to by number is written down, what that page refers to is there, and
//! links between pages lead somewhere.
//!
//! An executable of its own: it reads the sources, so that it runs only where they are.

mod links;
mod mentions;
mod page;
mod sources;

use std::collections::BTreeSet;

use mentions::{Mention, mentions, names};
use page::{Entry, entries};
use sources::{Source, sources, tests_in};

/// Where facts are written down, by the word that stands before "fact" in code. Facts of a kind that is not here have
/// no page yet.
const PAGES: [(&str, &str); 1] = [(mentions::MACH, MACH_PAGE)];

const MACH_PAGE: &str = "docs/mach-semantics.md";

/// The facts of a page, in its order.
fn facts(sources: &[Source], path: &str) -> Vec<Entry> {
    let page = sources.iter().find(|source| source.path == path);
    let facts = page.map(|page| entries(&page.text)).unwrap_or_default();
    assert!(!facts.is_empty(), "no fact in {path}");
    facts
}

/// A page, and the numbers of its facts.
struct Numbered {
    kind: &'static str,
    path: &'static str,
    numbers: BTreeSet<u32>,
}

fn numbered(sources: &[Source]) -> [Numbered; PAGES.len()] {
    PAGES.map(|(kind, path)| {
        let numbers = facts(sources, path)
            .iter()
            .map(|fact| fact.number)
            .collect();
        Numbered {
            kind,
            path,
            numbers,
        }
    })
}

/// What is wrong with a fact that is referred to.
fn complaint(mention: &Mention, pages: &[Numbered]) -> Option<String> {
    let number = mention.number;
    let Some(kind) = mention.kind else {
        return Some(format!(
            "whose is fact {number}? Write \"Mach fact {number}\" or \"MIG fact {number}\""
        ));
    };
    let Some(page) = pages.iter().find(|page| page.kind == kind) else {
        return Some(format!(
            "{kind} fact {number} has no page: {kind} is not in PAGES"
        ));
    };
    let missing = !page.numbers.contains(&number);
    missing.then(|| format!("{kind} fact {number} is not in {}", page.path))
}

#[track_caller]
fn none(complaints: impl IntoIterator<Item = String>) {
    let complaints: Vec<_> = complaints.into_iter().collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn every_fact_that_is_named_is_written_down() {
    let sources = sources();
    let pages = numbered(&sources);
    none(sources.iter().flat_map(|source| {
        let mentions = mentions(&source.text).chain(names(&source.text));
        mentions.filter_map(|mention| {
            let complaint = complaint(&mention, &pages)?;
            Some(format!("{}:{}: {complaint}", source.path, mention.line))
        })
    }));
}

#[test]
fn what_is_wrong_is_said() {
    let pages = numbered(&sources());
    let said = |kind, number| {
        complaint(
            &Mention {
                line: 1,
                kind,
                number,
            },
            &pages,
        )
        .unwrap_or_default()
    };
    assert_eq!(said(Some("Mach"), 39), "");
    assert!(said(Some("Mach"), 0).ends_with("is not in docs/mach-semantics.md"));
    assert!(said(None, 39).starts_with("whose is"));
    assert!(said(Some("other"), 39).ends_with("other is not in PAGES"));
}

#[test]
fn facts_are_numbered_one_by_one() {
    for (_, path) in PAGES {
        let numbers = facts(&sources(), path).into_iter().map(|fact| fact.number);
        none(
            numbers
                .zip(1..)
                .filter(|(got, expected)| got != expected)
                .map(|(got, expected)| format!("{path}: {got} stands where {expected} should")),
        );
    }
}

#[test]
fn every_test_that_the_page_names_exists() {
    let sources = sources();
    let mut complaints = Vec::new();
    for Entry {
        number,
        files,
        tests,
    } in facts(&sources, MACH_PAGE)
    {
        if files.is_empty() {
            complaints.push(format!("{MACH_PAGE}: Mach fact {number} has no tests"));
        }
        for file in files {
            let source = sources.iter().find(|source| source.path == file);
            if !source.is_some_and(|source| tested_in(source).any(|tested| tested == number)) {
                complaints.push(format!(
                    "{MACH_PAGE}: {file} has no test of Mach fact {number}"
                ));
            }
        }
        for test in tests {
            if !sources
                .iter()
                .any(|source| tests_in(&source.text).any(|name| name == test))
            {
                complaints.push(format!(
                    "{MACH_PAGE}: Mach fact {number} names {test}, which is no test"
                ));
            }
        }
    }
    none(complaints);
}

#[test]
fn every_test_of_a_fact_is_found_from_the_page() {
    let sources = sources();
    let facts = facts(&sources, MACH_PAGE);
    let mut complaints = BTreeSet::new();
    // Units stand beside the code that they try, and move with it.
    for source in sources
        .iter()
        .filter(|source| source.path.contains("/tests/"))
    {
        for number in tested_in(source) {
            let fact = facts.iter().find(|fact| fact.number == number);
            if !fact.is_some_and(|fact| fact.files.contains(&source.path)) {
                complaints.insert(format!(
                    "{MACH_PAGE}: Mach fact {number} does not name {}, which has tests of it",
                    source.path
                ));
            }
        }
    }
    none(complaints);
}

/// The facts that the tests of a source are called after.
fn tested_in(source: &Source) -> impl Iterator<Item = u32> {
    tests_in(&source.text)
        .flat_map(names)
        .map(|name| name.number)
}
