//! Which steps and errors a run of the tests tries.

/// How many of a scene's steps a test tries, unless it is to try all.
const SOME: usize = 12;

/// What is asked for by `RENDEZVOUS_FAULTS`.
fn asked() -> Option<usize> {
    match std::env::var("RENDEZVOUS_FAULTS").as_deref() {
        Ok("all") => None,
        Ok(number) => Some(number.parse().expect("a number, or all")),
        Err(_) => Some(0),
    }
}

/// The pairs of steps and variants to be tried, of so many steps and variants.
///
/// Fewer than all are spread over the steps, each with another variant, and others with each number asked for.
pub(crate) fn drawn(steps: usize, variants: usize) -> Vec<(usize, usize)> {
    let Some(number) = asked() else {
        return (0..steps)
            .flat_map(|step| (0..variants).map(move |variant| (step, variant)))
            .collect();
    };
    let stride = steps.div_ceil(SOME).max(1);
    (number % stride..steps)
        .step_by(stride)
        .enumerate()
        .map(|(nth, step)| (step, (nth + number / stride) % variants))
        .collect()
}
