//! What the documents link to: files and folders of this repository, and headings in these.

use std::collections::{BTreeMap, HashMap};
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::none;
use crate::sources::{root, sources};

/// What a document links to, and what can be linked to in it.
#[derive(Debug, Default)]
struct Document {
    links: Vec<String>,
    headings: Vec<String>,
}

impl Document {
    fn read(text: &str) -> Self {
        let mut found = Self::default();
        let mut heading: Option<String> = None;
        let mut times: HashMap<String, u32> = HashMap::new();
        for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    found.links.push(dest_url.into_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::Text(text) | Event::Code(text) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&text);
                    }
                }
                Event::End(TagEnd::Heading(_)) => {
                    let anchor = anchor(&heading.take().unwrap_or_default());
                    let before = times.entry(anchor.clone()).or_default();
                    found.headings.push(match *before {
                        0 => anchor,
                        before => format!("{anchor}-{before}"),
                    });
                    *before += 1;
                }
                _ => {}
            }
        }
        found
    }
}

/// What GitHub calls a heading in a link.
fn anchor(heading: &str) -> String {
    let lower = heading.trim().to_lowercase();
    let kept = lower
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().replace(' ', "-")
}

/// The path without `..`; `None` if it leaves the repository.
fn resolved(path: &Path) -> Option<PathBuf> {
    let mut resolved = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if !resolved.pop() => return None,
            Component::ParentDir | Component::CurDir => {}
            part => resolved.push(part),
        }
    }
    Some(resolved)
}

/// What is wrong with a link of the document at `path`.
fn complaint(
    path: &Path,
    link: &str,
    documents: &BTreeMap<PathBuf, Document>,
) -> Option<&'static str> {
    let (file, heading) = link.split_once('#').unwrap_or((link, ""));
    let folder = path.parent().unwrap_or(Path::new(""));
    let target = match file {
        "" => path.to_owned(),
        file => match resolved(&folder.join(file)) {
            Some(target) => target,
            None => return Some("leads out of the repository"),
        },
    };
    let known = || {
        documents
            .get(&target)?
            .headings
            .iter()
            .find(|known| *known == heading)
    };
    match heading {
        _ if !root().join(&target).exists() => Some("there is no such file"),
        "" => None,
        _ => known().is_none().then_some("the file has no such heading"),
    }
}

#[test]
fn every_relative_link_leads_somewhere() {
    let sources = sources().into_iter();
    let documents: BTreeMap<_, _> = sources
        .filter(|source| source.path.ends_with(".md"))
        .map(|source| (PathBuf::from(source.path), Document::read(&source.text)))
        .collect();
    assert!(documents.contains_key(Path::new("README.md")));
    none(documents.iter().flat_map(|(path, document)| {
        // What has a colon has a scheme.
        let relative = document.links.iter().filter(|link| !link.contains(':'));
        relative.filter_map(|link| {
            let complaint = complaint(path, link, &documents)?;
            Some(format!("{}: {link}: {complaint}", path.display()))
        })
    }));
}

#[test]
fn links_and_headings_are_found() {
    let document = Document::read(
        "# One `thing`, and more\n[a](b.md#c) `[no](link)`\n\n```\n[no](link)\n```\n# One\n# One\n\n\
         | [in a](table) |\n|---|\n| ![an](image) |\n",
    );
    assert_eq!(document.links, ["b.md#c", "table", "image"]);
    assert_eq!(document.headings, ["one-thing-and-more", "one", "one-1"]);
}

#[test]
fn what_is_wrong_with_a_link_is_said() {
    let here = Path::new("docs/guide.md");
    let documents = BTreeMap::from([(here.to_owned(), Document::read("# One\n"))]);
    for (link, expected) in [
        ("../README.md", None),
        ("#one", None),
        ("#two", Some("the file has no such heading")),
        ("README.md", Some("there is no such file")),
        ("../../README.md", Some("leads out of the repository")),
    ] {
        assert_eq!(complaint(here, link, &documents), expected, "{link}");
    }
}
