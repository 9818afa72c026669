//! The whole program, with its helpers.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sandbox::Profile;

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn harness(out: &Path, flags: &[&str], inputs: &[PathBuf]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_harness"));
    // Where the system cannot lock helpers up, the rest is to be tested all the same.
    if !Profile::ports_only().missing().is_empty() {
        command.arg("--unlocked");
    }
    command
        .args(flags)
        .arg("--out")
        .arg(out)
        .args(inputs)
        .output()
        .unwrap()
}

fn text(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn what_is_faulty_is_found_and_kept() {
    let out = tempfile::tempdir().unwrap();
    let faulty =
        ["index", "nesting", "step", "block"].map(|name| sample(&format!("faulty/{name}.bin")));
    let flags = ["--runs", "0", "--timeout", "1500"];
    let (code, stdout, stderr) = text(&harness(out.path(), &flags, &faulty));
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    assert!(stdout.ends_with("4 inputs, 4 findings\n"), "{stdout}");
    for line in [
        "crash      1 × panicked at ",
        "crash      1 × overflowed its stack\n",
        "hang       1 × no answer in time\n",
        "6 bytes in ",
    ] {
        assert!(stdout.contains(line), "{line}: {stdout}");
    }
    let kept = |extension: &str| -> Vec<PathBuf> {
        let files = out
            .path()
            .read_dir()
            .unwrap()
            .map(|entry| entry.unwrap().path());
        files
            .filter(|file| file.extension().is_some_and(|found| found == extension))
            .collect()
    };
    let mut inputs: Vec<_> = kept("bin")
        .iter()
        .map(|file| std::fs::read(file).unwrap())
        .collect();
    let mut given: Vec<_> = faulty
        .iter()
        .map(|file| std::fs::read(file).unwrap())
        .collect();
    inputs.sort();
    given.sort();
    assert_eq!(inputs, given);
    let told = kept("txt")
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect::<String>();
    assert!(
        told.contains("index out of bounds: the len is 1 but the index is 9"),
        "{told}"
    );

    // What is kept leads to the same again.
    let again = tempfile::tempdir().unwrap();
    let panic = kept("txt").into_iter().find(|file| {
        std::fs::read_to_string(file)
            .unwrap()
            .starts_with("panicked")
    });
    let input = panic.unwrap().with_extension("bin");
    let (code, stdout, _) = text(&harness(again.path(), &["--runs", "0"], &[input]));
    assert_eq!(code, Some(1), "{stdout}");
    assert!(stdout.contains("panicked at "), "{stdout}");
}

#[test]
fn sound_inputs_are_no_findings_and_changed_ones_lead_to_some() {
    let out = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = text(&harness(out.path(), &["--runs", "0"], &[]));
    assert_eq!(
        (code, &*stdout),
        (Some(0), "5 inputs, 0 findings\n"),
        "{stderr}"
    );
    assert_eq!(out.path().read_dir().unwrap().count(), 0);

    // These few changes come soon upon the index that is not checked.
    let indexed = [sample("corpus/indexed.bin")];
    let (code, stdout, stderr) = text(&harness(out.path(), &["--runs", "300"], &indexed));
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    assert!(stdout.contains("panicked at "), "{stdout}");
    assert!(stdout.contains("301 inputs, "), "{stdout}");
}

#[test]
fn what_makes_no_sense_is_said() {
    let out = tempfile::tempdir().unwrap();
    let (code, _, stderr) = text(&harness(out.path(), &[], &["/nowhere/at-all".into()]));
    assert_eq!(code, Some(2));
    assert!(
        stderr.starts_with("harness: cannot read /nowhere/at-all: "),
        "{stderr}"
    );
    let alone = Command::new(env!("CARGO_BIN_EXE_harness"))
        .arg("--helper")
        .output()
        .unwrap();
    let (code, _, stderr) = text(&alone);
    assert_eq!(code, Some(2));
    assert!(stderr.starts_with("harness: "), "{stderr}");
}
