//! The table and the list of failures at the end.

use std::io::{self, Write};
use std::path::Path;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table};
use indicatif::BinaryBytes;

use crate::causes::with_causes;
use crate::outcome::Outcome;
use crate::plan::{CONTACT_SHEET, Job};
use crate::printable::printable;

/// What the table tells of an image.
const TITLES: [&str; 6] = ["image", "helper", "in", "out", "ms", "locked"];

/// What is narrower than this has no room for six columns side by side.
const NARROWEST_TABLE: u16 = 60;

/// Writes one line for each job, or what fits into so many columns; `outcomes` are in the order of `jobs`.
pub(crate) fn write_table(
    out: &mut dyn Write,
    jobs: &[Job],
    outcomes: &[Outcome],
    columns: Option<u16>,
) -> io::Result<()> {
    let rows = jobs
        .iter()
        .zip(outcomes)
        .map(|(job, outcome)| row(job, outcome));
    match columns {
        Some(..NARROWEST_TABLE) => write_list(out, rows),
        columns => writeln!(out, "{}", table(rows, columns).trim_fmt()),
    }
}

/// The table; cells that are too long for the columns there are take several lines.
fn table(rows: impl Iterator<Item = [String; 6]>, columns: Option<u16>) -> Table {
    let under_the_names = LineStyle::none().fill('─').junction('─');
    let mut table = Table::new();
    table
        .load_style(NOTHING.header_separator(under_the_names))
        .set_header(TITLES)
        .add_rows(rows);
    if let Some(columns) = columns {
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(columns);
    }
    for column in [1, 4] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table
}

/// Each image's name, and below it the rest, a line each.
fn write_list(out: &mut dyn Write, rows: impl Iterator<Item = [String; 6]>) -> io::Result<()> {
    for [image, rest @ ..] in rows {
        writeln!(out, "{image}")?;
        for (title, text) in TITLES.iter().skip(1).zip(rest) {
            if !text.is_empty() {
                writeln!(out, "  {title:<6} {text}")?;
            }
        }
    }
    Ok(())
}

/// Writes where the thumbnails are.
pub(crate) fn write_place(
    out: &mut dyn Write,
    outcomes: &[Outcome],
    folder: &Path,
) -> io::Result<()> {
    let made = outcomes
        .iter()
        .filter(|outcome| outcome.result.is_ok())
        .count();
    let what = match made {
        0 => format!("{CONTACT_SHEET} is"),
        1 => format!("it and {CONTACT_SHEET} are"),
        _ => format!("they and {CONTACT_SHEET} are"),
    };
    writeln!(
        out,
        "{made} of {} thumbnails made; {what} in {}",
        outcomes.len(),
        printable(&folder.to_string_lossy())
    )
}

/// Writes what failed and why; nothing if nothing did.
pub(crate) fn write_failures(
    out: &mut dyn Write,
    jobs: &[Job],
    outcomes: &[Outcome],
) -> io::Result<()> {
    let failed: Vec<_> = jobs
        .iter()
        .zip(outcomes)
        .filter_map(|(job, outcome)| Some((job, outcome.result.as_ref().err()?)))
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    writeln!(out, "{} of {} images failed:", failed.len(), jobs.len())?;
    for (job, failure) in failed {
        let source = printable(&job.source.to_string_lossy());
        writeln!(out, "  {source}: {}", with_causes(failure))?;
    }
    Ok(())
}

fn row(job: &Job, outcome: &Outcome) -> [String; 6] {
    let source_bytes = outcome
        .trace
        .source_bytes
        .map(|bytes| BinaryBytes(bytes).to_string())
        .unwrap_or_default();
    let (size_in, size_out) = match &outcome.result {
        Ok(made) => (
            format!("{}, {source_bytes}", pixels(made.source_size)),
            format!(
                "{}, {}",
                pixels(made.thumbnail_size),
                BinaryBytes(made.thumbnail_bytes)
            ),
        ),
        Err(failure) => (source_bytes, with_causes(failure)),
    };
    let helper = outcome
        .trace
        .helper
        .map(|pid| pid.to_string())
        .unwrap_or_default();
    [
        job.label(),
        helper,
        size_in,
        size_out,
        outcome.elapsed.as_millis().to_string(),
        outcome.trace.locked.clone(),
    ]
}

fn pixels((width, height): (u32, u32)) -> String {
    format!("{width} × {height}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Failure, Made, Trace};
    use std::path::PathBuf;
    use std::time::Duration;

    fn example() -> (Vec<Job>, Vec<Outcome>) {
        let job = |name: &str| Job {
            source: PathBuf::from(format!("in/{name}")),
            output: format!("{name}.png"),
        };
        let made = Made {
            source_size: (300, 200),
            thumbnail_size: (64, 43),
            thumbnail_bytes: 2048,
        };
        let outcome = |index, helper, result| Outcome {
            index,
            trace: Trace {
                helper,
                source_bytes: helper.map(|_| 1024),
                locked: helper.map(|_| "ports only".to_owned()).unwrap_or_default(),
            },
            elapsed: Duration::from_micros(12_700),
            result,
            pixels: None,
        };
        let outcomes = vec![
            outcome(0, Some(4711), Ok(made)),
            outcome(1, None, Err(Failure::NotAFile)),
        ];
        (vec![job("good.png"), job("pipe")], outcomes)
    }

    #[test]
    fn the_table_has_everything_of_an_image_in_one_line() {
        let (jobs, outcomes) = example();
        let mut text = Vec::new();
        write_table(&mut text, &jobs, &outcomes, None).unwrap();
        let text = String::from_utf8(text).unwrap();
        let line = |name: &str| {
            text.lines()
                .find(|line| line.contains(name))
                .unwrap()
                .to_owned()
        };
        let words = |line: String| {
            line.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(
            words(line("good.png")),
            "good.png 4711 300 × 200, 1.00 KiB 64 × 43, 2.00 KiB 12 ports only"
        );
        assert_eq!(words(line("pipe")), "pipe not a file 12");
    }

    #[test]
    fn where_a_table_has_no_room_there_is_a_list() {
        let (jobs, outcomes) = example();
        let mut text = Vec::new();
        write_table(&mut text, &jobs, &outcomes, Some(40)).unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "good.png\n  helper 4711\n  in     300 × 200, 1.00 KiB\n  out    64 × 43, 2.00 KiB\n  ms     12\n  locked ports only\n\
             pipe\n  out    not a file\n  ms     12\n"
        );
    }

    #[test]
    fn a_table_is_as_wide_as_it_may_be() {
        let (mut jobs, outcomes) = example();
        jobs[0].source = PathBuf::from("a name of many words that is rather long.png");
        for columns in 60..100 {
            let mut text = Vec::new();
            write_table(&mut text, &jobs, &outcomes, Some(columns)).unwrap();
            let text = String::from_utf8(text).unwrap();
            let widest = text.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(columns.into()), "{columns}:\n{text}");
            assert!(text.contains(" 4711 ") && text.contains(" 12 "), "{text}");
        }
    }

    #[test]
    fn what_is_there_is_told() {
        let (_, outcomes) = example();
        for (outcomes, expected) in [
            (
                &outcomes[..],
                "1 of 2 thumbnails made; it and contact-sheet.png are in there\n",
            ),
            (
                &outcomes[1..],
                "0 of 1 thumbnails made; contact-sheet.png is in there\n",
            ),
        ] {
            let mut text = Vec::new();
            write_place(&mut text, outcomes, Path::new("there")).unwrap();
            assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
    }

    #[test]
    fn failures_are_listed_with_their_paths() {
        let (jobs, outcomes) = example();
        let mut text = Vec::new();
        write_failures(&mut text, &jobs, &outcomes).unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "1 of 2 images failed:\n  in/pipe: not a file\n"
        );
    }

    #[test]
    fn success_needs_no_list() {
        let (jobs, outcomes) = example();
        let mut text = Vec::new();
        write_failures(&mut text, &jobs[..1], &outcomes[..1]).unwrap();
        assert!(text.is_empty());
    }
}
