//! Races.

use crate::Result;
use crate::harness::Contender;
use crate::harness::series::Series;

/// Gives each contender a turn in each of so many rounds, after one that does not count. Who begins changes, so that
/// nobody always comes after the same one.
pub(crate) fn race(contenders: &mut [Contender], rounds: usize) -> Result<Vec<Series>> {
    let mut measured: Vec<_> = contenders
        .iter()
        .map(|contender| Series {
            name: contender.name.clone(),
            times: Vec::with_capacity(rounds),
            cpu: Vec::with_capacity(rounds),
            fairness: Vec::new(),
        })
        .collect();
    for contender in contenders.iter_mut() {
        contender.turn()?;
    }
    for round in 0..rounds {
        for turn in 0..contenders.len() {
            let at = (round + turn) % contenders.len();
            let (contender, series) = (&mut contenders[at], &mut measured[at]);
            let before = contender.cpu_time();
            let batch = contender.turn()?;
            let used = contender.cpu_time().saturating_sub(before);
            series.times.push(batch.each.as_secs_f64() * 1e9);
            series
                .cpu
                .push(used.as_secs_f64() * 1e9 / batch.operations as f64);
            series.fairness.extend(batch.fairness);
        }
    }
    Ok(measured)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_has_its_turn_in_each_round_and_another_begins() {
        let order = Rc::new(RefCell::new(String::new()));
        let mut contenders = ["a", "b", "c"].map(|name| {
            let order = Rc::clone(&order);
            Contender::timing(name, [], 1, move || {
                order.borrow_mut().push_str(name);
                Ok(Duration::from_nanos(7))
            })
        });
        let measured = race(&mut contenders, 3).unwrap();
        assert_eq!(*order.borrow(), "abcabcbcacab");
        for series in measured {
            assert_eq!(series.times, [7.0; 3]);
            assert_eq!(series.cpu.len(), 3);
        }
    }
}
