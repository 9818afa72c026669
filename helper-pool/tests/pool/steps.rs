//! A fault at each step of a helper's life: one process is struck, and the pool goes on.

use std::env;
use std::fs::File;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use helper_pool::{CallOptions, Loss, PoolError};

use crate::lab::{Fate, ORDER, pool};

/// In place of a file: each process is struck.
const ALWAYS: &str = "-";
/// Where a helper can be struck by what it was started with.
const STEPS: [&str; 4] = ["start", "rendezvous", "greeting", "end"];

/// Whether this process is to be struck at that step: the first one that finds the order's file missing is.
pub(crate) fn is_ordered(step: &str) -> bool {
    struck_at()
        .as_ref()
        .is_some_and(|(ordered, _)| ordered == step)
}

/// Lets happen what was ordered for that step.
pub(crate) fn strike_at(step: &str) {
    if let Some((ordered, fate)) = struck_at()
        && ordered == step
    {
        fate.strike();
    }
}

/// The step at which this process is struck, if it is.
fn struck_at() -> &'static Option<(String, Fate)> {
    static ORDERED: OnceLock<Option<(String, Fate)>> = OnceLock::new();
    ORDERED.get_or_init(|| {
        let order = env::var(ORDER).ok()?;
        let mut parts = order.split(',');
        let (step, fate, file) = (parts.next()?, parts.next()?, parts.next()?);
        let is_first = file == ALWAYS || File::create_new(file).is_ok();
        let fate = Fate::ALL
            .into_iter()
            .find(|known| format!("{known:?}") == fate)?;
        is_first.then(|| (step.to_owned(), fate))
    })
}

/// One helper is struck, at that step or in a call; all calls but that one have their results.
fn survive(step: &'static str, fate: Fate) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("struck");
    let (mut launcher, alive) = crate::lab::lab();
    launcher.env(ORDER, format!("{step},{fate:?},{}", file.display()));
    let pool = helper_pool::HelperPool::<crate::lab::LabClient>::builder(launcher)
        .stderr(helper_pool::Stderr::Keep)
        // What hangs or is stopped costs so much time; others that take longer are tried again.
        .start_deadline(Duration::from_secs(2))
        .exit_time(Duration::from_secs(2))
        .start_attempts(20)
        .build()
        .unwrap();
    for value in 0..3 {
        assert_eq!(
            pool.call(|lab| lab.echo(value)).unwrap(),
            value,
            "{step} {fate:?}"
        );
    }
    assert!(file.exists(), "{step} {fate:?}: nobody was struck");
    let by_themselves = pool.stop(crate::lab::SOON);
    let hangs = matches!(fate, Fate::Hang | Fate::Stop);
    assert_eq!(by_themselves, !(step == "end" && hangs), "{step} {fate:?}");
    let total = pool.stats().total;
    assert_eq!(total.succeeded, 3);
    assert!(
        total.start_failures > 0 || step == "end",
        "{step} {fate:?}: {total:?}"
    );
    drop(pool);
    alive.wait_for_none();
}

#[test]
fn every_step_of_a_helpers_life() {
    thread::scope(|scope| {
        for step in STEPS {
            for fate in Fate::ALL {
                scope.spawn(move || survive(step, fate));
            }
        }
    });
}

#[test]
fn a_helper_that_lets_go_of_its_port_and_lives_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("struck");
    let (mut launcher, alive) = crate::lab::lab();
    launcher.env(ORDER, format!("close,Hang,{}", file.display()));
    let pool = helper_pool::HelperPool::<crate::lab::LabClient>::builder(launcher)
        .build()
        .unwrap();
    // It may have let go already, which costs nothing, or be about to.
    match pool.call(|lab| lab.echo(1)) {
        Ok(value) => assert_eq!(value, 1),
        Err(error) => assert!(matches!(error.loss(), Some(Loss::Closed)), "{error:?}"),
    }
    for value in 0..3 {
        assert_eq!(pool.call(|lab| lab.echo(value)).unwrap(), value);
    }
    assert_eq!(pool.stats().total.started, 2);
    drop(pool);
    alive.wait_for_none();
}

#[test]
fn helpers_that_end_before_their_first_call_are_not_started_for_ever() {
    let (mut launcher, alive) = crate::lab::lab();
    launcher.env(ORDER, format!("close,Exit,{ALWAYS}"));
    let pool = helper_pool::HelperPool::<crate::lab::LabClient>::builder(launcher)
        .start_attempts(3)
        .build()
        .unwrap();
    let stats = crate::lab::stats_when(&pool, |stats| stats.total.start_failures == 3);
    assert_eq!(
        (stats.starting, stats.total.ended_idle),
        (0, 0),
        "{stats:?}"
    );
    // From now on one is started for a call, and no other.
    let error = pool.call(|lab| lab.echo(1)).unwrap_err();
    assert!(
        matches!(error, PoolError::NoHelper(_) | PoolError::Lost(_)),
        "{error:?}"
    );
    let stats = crate::lab::stats_when(&pool, |stats| stats.starting == 0);
    assert!(stats.total.start_failures <= 4, "{stats:?}");
    drop(pool);
    alive.wait_for_none();
}

#[test]
fn every_step_of_a_call() {
    thread::scope(|scope| {
        for fate in Fate::ALL {
            for before_the_answer in [true, false] {
                scope.spawn(move || {
                    let (pool, alive) = pool(1);
                    // What never ends is given up soon, and all that follows is waited for.
                    let soon = CallOptions::new().deadline(Duration::from_millis(500));
                    let struck = match before_the_answer {
                        true => pool.call_with(&soon, |lab| lab.strike(fate as u32)),
                        false => pool.call_with(&soon, |lab| lab.answer_and_strike(fate as u32)),
                    };
                    // A busy machine may have an answer be late.
                    assert!(
                        struck.is_err() || !before_the_answer,
                        "{fate:?}: {struck:?}"
                    );
                    // The next call may still meet the helper that is about to end.
                    let next = pool.call_with(&soon, |lab| lab.echo(7));
                    match next {
                        Ok(value) => assert_eq!(value, 7),
                        Err(error) => {
                            assert!(matches!(error, PoolError::Lost(_)), "{fate:?}: {error:?}");
                        }
                    }
                    for value in 0..3 {
                        assert_eq!(pool.call(|lab| lab.echo(value)).unwrap(), value, "{fate:?}");
                    }
                    drop(pool);
                    alive.wait_for_none();
                });
            }
        }
    });
}
