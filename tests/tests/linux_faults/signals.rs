//! A parent and its child, of which one is killed or stopped at each step.

use super::calls::{complaint, program, said, unharmed};
use super::draw::drawn;
use super::driver::{Deed, Of, Plan, run};
use super::filter;
use super::scenes::{HELD, LATE, performed};

const PARENT: Of = Of::Process(0);
/// The first of the two children.
const CHILD: Of = Of::Process(1);

/// Does something at the steps of one of the two, and collects what is wrong with what comes of it.
fn at_each_step(
    scene: &str,
    of: Of,
    deed: Deed,
    wrong: impl Fn(&super::driver::Ran, &str) -> Option<String>,
) {
    if performed() || !filter::is_possible() {
        return;
    }
    // Who is in a hurry may be too late without any harm; the steps are those of who is not.
    let steps_of = "launch";
    let (steps, held) = unharmed(steps_of, "warm", of);
    let mut complaints = Vec::new();
    for (at, _) in drawn(steps, 1) {
        let plan = Plan { of, at, deed };
        let mut program = program(scene, "warm");
        // Whoever is in a hurry does not wait for what comes late.
        if matches!(deed, Deed::Stop) && scene == steps_of {
            program.env(LATE, "1");
        }
        let ran = run(program.env(HELD, &held), Some(plan));
        let wrong = wrong(&ran, &held);
        complaints.extend(wrong.map(|why| format!("{scene}, step {at}: {why}")));
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// The children of a parent that was killed come to their end.
#[test]
fn a_parent_is_killed() {
    at_each_step("launch", PARENT, Deed::Kill, |ran, _| {
        let calm = !ran.hung && !ran.errors.contains("panicked");
        (!calm).then(|| format!("a child hangs or panics: {}", ran.errors))
    });
}

/// The parent notices, serves the other child, and has nothing left of the first.
#[test]
fn a_child_is_killed() {
    at_each_step("launch", CHILD, Deed::Kill, complaint);
}

/// The other child is served before the first goes on, and then that is, too.
#[test]
fn a_child_is_stopped() {
    at_each_step("launch", CHILD, Deed::Stop, |ran, held| {
        let ill = (said(ran).0 != Some("well")).then(|| format!("{ran:?}"));
        complaint(ran, held).or(ill)
    });
}

/// The children wait for it, as long as their deadline says.
#[test]
fn a_parent_is_stopped() {
    at_each_step("launch", PARENT, Deed::Stop, |ran, held| {
        let ill = (said(ran).0 != Some("well")).then(|| format!("{ran:?}"));
        complaint(ran, held).or(ill)
    });
}

/// Children that do not wait for as long as it is stopped give up, and the parent finds that out.
#[test]
fn a_parent_is_stopped_for_longer_than_its_children_wait() {
    at_each_step("hurried", PARENT, Deed::Stop, complaint);
}
