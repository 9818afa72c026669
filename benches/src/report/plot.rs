//! Plots: for each race a bar of every contender's ratio, with its quartiles; for groups that grow, a line.

use std::ops::Range;
use std::path::Path;

use plotters::prelude::*;

use crate::args::Mode;
use crate::groups::Group;
use crate::harness::series::Race;
use crate::report::stats::{Spread, ratios};
use crate::{Error, Result};

const WIDTH: u32 = 900;
/// The height of a bar with the space around it.
const BAR: u32 = 34;
/// What a plot has above and below.
const FRAME: u32 = 120;
/// Room for names.
const NAMES: u32 = 300;
const COLOR: RGBColor = RGBColor(70, 110, 160);

/// Writes the plots of a group.
pub(super) fn plot(folder: &Path, group: Group, mode: Mode, races: &[Race]) -> Result<()> {
    for race in races {
        let (mut file, mut title) = (
            format!("{}-{}", group.word(), mode.word()),
            format!("{}, {}", group.title(), mode.word()),
        );
        if let Some(level) = race.level {
            file += &format!("-{level}");
            title += &format!(", {level} {}", group.unit());
        }
        bars(&folder.join(file + ".svg"), &title, race)?;
    }
    if group.grows() && races.len() > 1 {
        let file = format!("{}-{}.svg", group.word(), mode.word());
        let title = format!("{}, {}", group.title(), mode.word());
        lines(&folder.join(file), &title, group.unit(), races)?;
    }
    Ok(())
}

/// The contenders' names with their ratios to the first.
fn relative(race: &Race) -> Vec<(&str, Spread)> {
    let Some(unit) = race.series.first() else {
        return Vec::new();
    };
    let all = race.series.iter();
    all.map(|series| (series.name.as_str(), ratios(&series.times, &unit.times)))
        .collect()
}

/// From a little below the smallest to a little above the largest, with 1 in it.
fn around(values: impl Iterator<Item = f64>) -> Range<f64> {
    let (low, high) = values.fold((1.0_f64, 1.0_f64), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    low / 1.5..high * 1.5
}

fn bars(file: &Path, title: &str, race: &Race) -> Result<()> {
    let rows = relative(race);
    let count = i32::try_from(rows.len())?;
    let size = (WIDTH, FRAME + BAR * rows.len() as u32);
    let area = SVGBackend::new(file, size).into_drawing_area();
    area.fill(&WHITE).map_err(drawn)?;
    let scale = around(
        rows.iter()
            .flat_map(|(_, spread)| [spread.low, spread.high]),
    );
    let begin = scale.start;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 20))
        .margin(10)
        .x_label_area_size(45)
        .y_label_area_size(NAMES)
        .build_cartesian_2d(scale.log_scale(), (0..count - 1).into_segmented())
        .map_err(drawn)?;
    // The first is at the top.
    let name_at = |at: &SegmentValue<i32>| match at {
        SegmentValue::CenterOf(at) => rows
            .get((count - 1 - at).unsigned_abs() as usize)
            .map_or_else(String::new, |(name, _)| (*name).to_owned()),
        _ => String::new(),
    };
    chart
        .configure_mesh()
        .disable_y_mesh()
        .x_desc("time, divided by that of the first row")
        .x_label_formatter(&|value| format!("{value:.2}"))
        .y_label_formatter(&name_at)
        .y_labels(rows.len())
        .label_style(("sans-serif", 14))
        .draw()
        .map_err(drawn)?;
    let places = (0..count).rev().zip(&rows);
    chart
        .draw_series(places.clone().map(|(at, (_, spread))| {
            let corners = [
                (begin, SegmentValue::Exact(at)),
                (spread.median, SegmentValue::Exact(at + 1)),
            ];
            let mut bar = Rectangle::new(corners, COLOR.mix(0.6).filled());
            bar.set_margin(6, 6, 0, 0);
            bar
        }))
        .map_err(drawn)?;
    chart
        .draw_series(places.map(|(at, (_, spread))| {
            let middle = SegmentValue::CenterOf(at);
            PathElement::new([(spread.low, middle.clone()), (spread.high, middle)], BLACK)
        }))
        .map_err(drawn)?;
    area.present().map_err(drawn)
}

fn lines(file: &Path, title: &str, unit: &str, races: &[Race]) -> Result<()> {
    let level = |race: &Race| race.level.unwrap_or(1).max(1) as f64;
    let all: Vec<_> = races
        .iter()
        .map(|race| (level(race), relative(race)))
        .collect();
    let area = SVGBackend::new(file, (WIDTH, 500)).into_drawing_area();
    area.fill(&WHITE).map_err(drawn)?;
    let medians = all
        .iter()
        .flat_map(|(_, rows)| rows.iter().map(|(_, spread)| spread.median));
    let levels = all.iter().map(|(level, _)| *level);
    let (least, most) = levels.fold((f64::MAX, 0.0_f64), |(least, most), level| {
        (least.min(level), most.max(level))
    });
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 20))
        .margin(10)
        .x_label_area_size(45)
        .y_label_area_size(60)
        .build_cartesian_2d((least..most).log_scale(), 0.0..around(medians).end)
        .map_err(drawn)?;
    chart
        .configure_mesh()
        .x_desc(unit)
        .y_desc("time, divided by that of raw send/recv")
        .draw()
        .map_err(drawn)?;
    let names: Vec<_> = all[0].1.iter().map(|(name, _)| *name).collect();
    for (at, name) in names.into_iter().enumerate() {
        let color = Palette99::pick(at).to_rgba();
        let points = all
            .iter()
            .filter_map(|(level, rows)| Some((*level, rows.get(at)?.1.median)));
        chart
            .draw_series(LineSeries::new(points, color.stroke_width(2)))
            .map_err(drawn)?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], color));
    }
    chart
        .configure_series_labels()
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK)
        .draw()
        .map_err(drawn)?;
    area.present().map_err(drawn)
}

/// The library's errors have a type for each way of drawing.
fn drawn(error: impl std::fmt::Display) -> Error {
    error.to_string().into()
}
