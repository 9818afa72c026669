//! A page of facts.

/// A fact: what stands below a heading of the third order that begins with a number.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Entry {
    pub(crate) number: u32,
    /// The files behind "Tests", from the repository's folder on.
    pub(crate) files: Vec<String>,
    /// The tests that its text names.
    pub(crate) tests: Vec<String>,
}

/// The facts of a page, in its order.
pub(crate) fn entries(page: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    for line in page.lines() {
        if line.starts_with('#') {
            let heading = line
                .strip_prefix("### ")
                .and_then(|rest| rest.split_once(". "));
            // A heading without a number ends the fact before it.
            let number = heading.and_then(|(number, _)| number.parse().ok());
            entries.push(Entry {
                number: number.unwrap_or_default(),
                ..Entry::default()
            });
        } else if let Some(entry) = entries.last_mut() {
            if line.starts_with("*Tests:*") {
                entry.files.extend(links(line).map(str::to_owned));
            }
            entry.tests.extend(named(line).map(str::to_owned));
        }
    }
    entries.retain(|entry| entry.number != 0);
    entries
}

/// Where links lead that go up from `docs/`.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](../")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
}

/// Tests by their names, between backticks.
fn named(line: &str) -> impl Iterator<Item = &str> {
    let quoted = line.split('`').skip(1).step_by(2);
    quoted.filter(|word| word.starts_with("fact_") && word.is_ascii())
}

#[test]
fn a_page_is_read() {
    let page = "# Page\n`fact_01_of_none`\n### 1. One\nText, `fact_01_it_is_so`.\n\n\
        *Tests:* [a](../tests/a.rs), [b](../b.rs)\n## Group\n*Tests:* [c](../c.rs)\n### 12. Twelve\n";
    let one = Entry {
        number: 1,
        files: vec!["tests/a.rs".into(), "b.rs".into()],
        tests: vec!["fact_01_it_is_so".into()],
    };
    let twelve = Entry {
        number: 12,
        ..Entry::default()
    };
    assert_eq!(entries(page), [one, twelve]);
}
