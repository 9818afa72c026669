//! Inputs of the fuzzers that were hard once, or lead to much, played in order.
//!
//! An executable of its own: each target compares all that the process has before and after.

use std::path::Path;

use rendezvous_tests::fuzz;
use rendezvous_tests::second::alone;

/// Plays the inputs that are kept for a target.
fn play(target: &str, run: fn(&[u8])) {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = package.join("fuzz/seeds").join(target);
    let files = folder.read_dir().expect("kept inputs").flatten();
    let mut files: Vec<_> = files.map(|file| file.path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no input is kept");
    for file in files {
        let input = std::fs::read(&file).expect("an input");
        let played = std::panic::catch_unwind(|| run(&input));
        assert!(played.is_ok(), "{}", file.display());
    }
}

#[test]
fn sequences_of_calls_are_as_the_model_says() {
    alone("sequences_of_calls_are_as_the_model_says", || {
        play("calls", fuzz::calls::run);
    });
}

#[test]
fn descriptions_are_read_whatever_they_are() {
    alone("descriptions_are_read_whatever_they_are", || {
        play("descriptions", fuzz::descriptions::run);
    });
}

#[test]
fn messages_are_read_whatever_they_are() {
    alone("messages_are_read_whatever_they_are", || {
        play("messages", fuzz::messages::run);
    });
}

#[test]
fn a_server_answers_whatever_it_is_sent() {
    alone("a_server_answers_whatever_it_is_sent", || {
        play("server", fuzz::server::run);
    });
}

#[test]
fn a_typed_server_answers_whatever_it_is_sent() {
    alone("a_typed_server_answers_whatever_it_is_sent", || {
        play("typed", fuzz::typed::run);
    });
}

/// With `WRITE_SEEDS=1` they are written.
#[test]
fn the_typed_server_has_a_request_of_each_kind_to_begin_with() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/typed");
    for (name, bytes) in fuzz::typed::seeds() {
        let file = folder.join(format!("request-{name}"));
        if std::env::var_os("WRITE_SEEDS").is_some() {
            std::fs::write(&file, &bytes).expect("the folder is there");
        }
        let kept = std::fs::read(&file).expect("made with WRITE_SEEDS=1");
        assert_eq!(kept, bytes, "{name}");
    }
}

#[test]
fn replies_that_lie_are_refused() {
    alone("replies_that_lie_are_refused", || {
        play("reply", fuzz::reply::run);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn packets_are_read_whatever_they_are() {
    alone("packets_are_read_whatever_they_are", || {
        play("packets", fuzz::packets::run);
    });
}
