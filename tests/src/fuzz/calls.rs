//! Sequences of calls in one task, against the model of them.

use arbitrary::Unstructured;

use crate::model::call::Call;
use crate::model::player::Player;
use crate::model::real;
use crate::model::step::Step;

/// The longest sequence.
const LONGEST: usize = 100;

/// Plays the sequence that the bytes draw.
///
/// # Panics
/// If the calls do not do what the model says, or leave something behind.
pub fn run(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let mut drawn = Vec::new();
    while !input.is_empty() && drawn.len() < LONGEST {
        // Less than a draw needs is the end.
        let Ok(step) = input.arbitrary::<Step>() else {
            break;
        };
        drawn.push(step);
    }
    let mut player = Player::new(1, |_, call: &Call| real::run(call));
    let played = player.follow(&drawn);
    player.finish(played).unwrap_or_else(|why| panic!("{why}"));
}
