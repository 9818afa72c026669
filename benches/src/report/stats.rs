//! Medians and quartiles.

/// What a number of figures come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    /// A quarter of the figures is below.
    pub(super) low: f64,
    pub(super) median: f64,
    /// A quarter of the figures is above.
    pub(super) high: f64,
}

/// The quartiles of at least one figure.
pub(super) fn spread(figures: impl IntoIterator<Item = f64>) -> Spread {
    let mut figures: Vec<_> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    Spread {
        low: quantile(&figures, 0.25),
        median: quantile(&figures, 0.5),
        high: quantile(&figures, 0.75),
    }
}

/// Between two neighbours it is where the line between them is.
fn quantile(sorted: &[f64], at: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = at * last as f64;
    let (below, above) = (
        sorted[place.floor() as usize],
        sorted[place.ceil() as usize],
    );
    below + (above - below) * place.fract()
}

/// Each figure divided by the one of the same round.
pub(super) fn ratios(figures: &[f64], units: &[f64]) -> Spread {
    spread(
        figures
            .iter()
            .zip(units)
            .map(|(figure, unit)| figure / unit),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_are_between_neighbours() {
        let expected = Spread {
            low: 1.75,
            median: 2.5,
            high: 3.25,
        };
        assert_eq!(spread([4.0, 1.0, 3.0, 2.0]), expected);
        assert_eq!(spread([7.0]).high, 7.0);
        assert!(spread([]).median.is_nan());
    }

    #[test]
    fn a_ratio_is_that_of_one_round() {
        // A machine that is half as fast in one round changes nothing.
        assert_eq!(ratios(&[3.0, 6.0], &[2.0, 4.0]).high, 1.5);
    }
}
