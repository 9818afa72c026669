//! Tables, in Markdown.

use comfy_table::{Table, presets::ASCII_MARKDOWN};

use crate::args::Mode;
use crate::groups::Group;
use crate::harness::series::{Race, Series};
use crate::report::stats::{Spread, ratios, spread};
use crate::report::target::{GROWTH, target};

/// A heading, and a table for each race.
pub(super) fn section(group: Group, mode: Mode, races: &[Race]) -> String {
    let place = match mode {
        Mode::Pinned => "all on one processor",
        Mode::Free => "not pinned",
    };
    let mut text = format!("\n### {}: {place}\n", group.title());
    for race in races {
        if let Some(level) = race.level {
            text += &format!("\n{level} {}:\n", group.unit());
        }
        text += &format!("\n{}\n", table(group, mode, race, races.first()));
    }
    text
}

fn table(group: Group, mode: Mode, race: &Race, first: Option<&Race>) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header([
        "what",
        "time",
        "quartiles",
        "ratio",
        "quartiles",
        "processor",
        "target",
    ]);
    let Some(unit) = race.series.first() else {
        return table;
    };
    for series in &race.series {
        let (taken, ratio) = (
            spread(series.times.iter().copied()),
            ratios(&series.times, &unit.times),
        );
        table.add_row([
            name(series),
            time(taken.median),
            format!("{} to {}", time(taken.low), time(taken.high)),
            number(ratio.median),
            range(ratio),
            time(spread(series.cpu.iter().copied()).median),
            aim(group, mode, race, first, series),
        ]);
    }
    table
}

fn name(series: &Series) -> String {
    if series.fairness.is_empty() {
        return series.name.clone();
    }
    let least = spread(series.fairness.iter().copied()).median;
    format!("{} (least share {least:.2})", series.name)
}

/// The target of a row, and what it has come to where that is not the ratio beside it.
fn aim(group: Group, mode: Mode, race: &Race, first: Option<&Race>, series: &Series) -> String {
    if let Some(first) = first.filter(|first| group.grows() && first.level != race.level) {
        let now = relative(race, series);
        let then = find(first, &series.name).map(|series| relative(first, series));
        let level = first.level.unwrap_or_default();
        return match then {
            // The unit is the same at all levels by definition.
            Some(then) if race.series[0].name != series.name => {
                let growth = now / then;
                format!("≤ {GROWTH} × that at {level}: {}", mark(growth, GROWTH))
            }
            _ => String::new(),
        };
    }
    let Some(target) = target(group, mode, race.level, &series.name) else {
        return String::new();
    };
    let Some(against) = target.against else {
        let now = relative(race, series);
        return format!(
            "≤ {}{}",
            target.at_most,
            if now > target.at_most {
                " (missed)"
            } else {
                ""
            }
        );
    };
    let other = find(race, against).map(|other| ratios(&series.times, &other.times).median);
    let other = other.unwrap_or(f64::NAN);
    format!(
        "≤ {} × {against}: {}",
        target.at_most,
        mark(other, target.at_most)
    )
}

fn mark(value: f64, at_most: f64) -> String {
    let missed = if value > at_most { " (missed)" } else { "" };
    format!("{}{missed}", number(value))
}

fn relative(race: &Race, series: &Series) -> f64 {
    let unit = race
        .series
        .first()
        .map_or(&series.times, |unit| &unit.times);
    ratios(&series.times, unit).median
}

fn find<'a>(race: &'a Race, name: &str) -> Option<&'a Series> {
    race.series.iter().find(|series| series.name == name)
}

fn range(spread: Spread) -> String {
    format!("{} to {}", number(spread.low), number(spread.high))
}

fn number(value: f64) -> String {
    match value {
        value if value >= 10.0 => format!("{value:.1}"),
        value if value >= 0.1 => format!("{value:.2}"),
        value => format!("{value:.3}"),
    }
}

/// A time in a unit that leaves three digits or so.
fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        ns if ns < 1e3 => format!("{ns:.0} ns"),
        ns if ns < 1e5 => format!("{:.2} µs", ns / 1e3),
        ns if ns < 1e6 => format!("{:.0} µs", ns / 1e3),
        ns => format!("{:.2} ms", ns / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &str, times: &[f64]) -> Series {
        Series {
            name: name.to_owned(),
            times: times.to_owned(),
            cpu: times.to_owned(),
            fairness: Vec::new(),
        }
    }

    fn race(level: Option<u64>, second: (&str, f64)) -> Race {
        let series = vec![series("raw", &[1e3; 3]), series(second.0, &[second.1; 3])];
        Race { level, series }
    }

    #[test]
    fn a_missed_target_shows() {
        let text = |times| {
            section(
                Group::Rights,
                Mode::Pinned,
                &[race(None, ("calls, copied", times))],
            )
        };
        assert!(text(1.4e3).contains("≤ 1.5 "));
        assert!(!text(1.4e3).contains("missed"));
        assert!(text(1.6e3).contains("≤ 1.5 (missed)"));
    }

    #[test]
    fn growth_is_against_the_first_level() {
        let races = [
            race(Some(10), ("calls", 2e3)),
            race(Some(100), ("calls", 3e3)),
        ];
        let text = section(Group::Names, Mode::Free, &races);
        assert!(
            text.contains("≤ 1.15 × that at 10: 1.50 (missed)"),
            "{text}"
        );
    }

    #[test]
    fn times_have_a_unit_that_fits() {
        let times = [950.0, 2_000.0, 100_000.0, 1_500_000.0].map(time);
        assert_eq!(times, ["950 ns", "2.00 µs", "100 µs", "1.50 ms"]);
    }
}
