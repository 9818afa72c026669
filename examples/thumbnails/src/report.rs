//! The table and the list of failures at the end.

use std::io::{self, Write};
use std::path::Path;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, LineStyle, Table};
use indicatif::BinaryBytes;

use crate::causes::with_causes;
use crate::outcome::Outcome;
use crate::plan::{CONTACT_SHEET, Job};
use crate::printable::printable;

/// Writes one line for each job; `outcomes` are in the order of `jobs`.
pub(crate) fn write_table(
    out: &mut dyn Write,
    jobs: &[Job],
    outcomes: &[Outcome],
) -> io::Result<()> {
    let under_the_names = LineStyle::none().fill('─').junction('─');
    let mut table = Table::new();
    table
        .load_style(NOTHING.header_separator(under_the_names))
        .set_header(["image", "helper", "in", "out", "ms"]);
    for (job, outcome) in jobs.iter().zip(outcomes) {
        table.add_row(row(job, outcome));
    }
    for column in [1, 4] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    writeln!(out, "{}", table.trim_fmt())
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
    let folder = folder.display();
    writeln!(
        out,
        "{made} of {} thumbnails made; they and {CONTACT_SHEET} are in {folder}",
        outcomes.len()
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

fn row(job: &Job, outcome: &Outcome) -> [String; 5] {
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
        write_table(&mut text, &jobs, &outcomes).unwrap();
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
            "good.png 4711 300 × 200, 1.00 KiB 64 × 43, 2.00 KiB 12"
        );
        assert_eq!(words(line("pipe")), "pipe not a file 12");
    }

    #[test]
    fn the_place_is_told() {
        let mut text = Vec::new();
        write_place(&mut text, &example().1, Path::new("there")).unwrap();
        let expected = "1 of 2 thumbnails made; they and contact-sheet.png are in there\n";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
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
