//! The whole program, with its helpers.

mod common;
#[cfg(target_os = "linux")]
mod linux_kernels;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::terminal::lines_on_terminal;
use common::{broken, kill, run, sample, start, wait_until_gone};

#[test]
fn every_sample_gets_its_thumbnail() {
    let done = run(&["--helpers", "2", "--size", "48"], &[sample("")]);
    assert_eq!(done.code(), 0, "{}", done.stderr);
    assert_eq!(done.stderr, "");
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("images");
    let mut helpers = HashSet::new();
    let mut count = 0;
    for sample in samples
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        if sample
            .extension()
            .is_some_and(|extension| extension != "md")
        {
            let stem = sample.file_stem().unwrap().to_str().unwrap();
            let (width, height) = done.size_of(&format!("{stem}.png"));
            assert!(
                width.max(height) == 48 || stem == "tiny",
                "{stem}: {width} × {height}"
            );
            helpers.insert(done.helper(sample.file_name().unwrap().to_str().unwrap()));
            count += 1;
        }
    }
    assert_eq!(done.out.path().read_dir().unwrap().count(), count + 1);
    assert!((1..=2).contains(&helpers.len()));
    let (width, height) = done.size_of("contact-sheet.png");
    assert!(width > 3 * 48 && height > 3 * 48);
}

#[test]
fn the_samples_are_taken_if_nothing_is_named() {
    let done = run(&["--helpers", "2", "--size", "8"], &[]);
    assert_eq!(done.code(), 0, "{}", done.stderr);
    assert_eq!(done.line("tree.jpg")[2..5], ["420", "×", "640,"]);
}

#[test]
fn the_table_tells_sizes() {
    let done = run(
        &["--helpers", "1", "--size", "60"],
        &[sample("sixteen-bit.png")],
    );
    let line = done.line("sixteen-bit.png");
    assert_eq!(line[2..5], ["300", "×", "200,"]);
    assert_eq!(line[7..10], ["60", "×", "40,"]);
    assert_eq!(done.size_of("sixteen-bit.png"), (60, 40));
}

#[test]
fn the_table_tells_how_helpers_are_locked() {
    let missing = sandbox::Profile::ports_only().missing();
    let done = run(
        &["--helpers", "1"],
        &[sample("tiny.png"), "/dev/null".into()],
    );
    if missing.is_empty() {
        assert!(
            done.line("tiny.png").ends_with(&["ports", "only"]),
            "{}",
            done.stdout
        );
        // What no helper had is not locked.
        assert!(!done.line("null").contains(&"ports"), "{}", done.stdout);
    } else {
        assert!(
            done.stderr
                .contains("To go on all the same, add --without "),
            "{}",
            done.stderr
        );
    }
}

#[test]
fn broken_images_cost_themselves_only() {
    let inputs = [
        broken("corrupt.png"),
        sample("tiny.png"),
        broken("bomb.png"),
        sample("night.bmp"),
    ];
    let done = run(&["--helpers", "1"], &inputs);
    assert_eq!(done.code(), 1);
    assert!(
        done.stderr.starts_with("2 of 4 images failed:\n"),
        "{}",
        done.stderr
    );
    for image in ["corrupt.png", "bomb.png"] {
        assert!(
            done.stderr
                .contains(&format!("{image}: cannot be decoded: ")),
            "{}",
            done.stderr
        );
    }
    // A decoder that says no has done its work: the helper stays.
    let helpers: HashSet<_> = ["corrupt.png", "tiny.png", "bomb.png", "night.bmp"]
        .map(|image| done.helper(image))
        .into();
    assert_eq!(helpers.len(), 1);
    assert_eq!(done.size_of("tiny.png"), (8, 6));
    assert!(!done.out.path().join("corrupt.png").exists());
}

#[test]
fn a_helper_that_crashes_is_replaced() {
    let inputs = [sample("night.bmp"), sample("tiny.png"), sample("tiles.gif")];
    let done = run(&["--helpers", "1", "--chaos", "crash:tiny.png"], &inputs);
    assert_eq!(done.code(), 1);
    assert!(
        done.stderr.contains("1 of 3 images failed:\n"),
        "{}",
        done.stderr
    );
    assert!(
        done.stderr
            .contains("tiny.png: the helper ended: signal: 6 (SIGABRT)"),
        "{}",
        done.stderr
    );
    assert_eq!(done.helper("night.bmp"), done.helper("tiny.png"));
    assert_ne!(done.helper("tiny.png"), done.helper("tiles.gif"));
    assert_eq!(done.size_of("tiles.png"), (256, 96));
}

#[test]
fn a_helper_that_hangs_is_replaced() {
    let inputs = [sample("night.bmp"), sample("tiny.png"), sample("tiles.gif")];
    // The time is long enough for the sound images, even on a machine that is busy.
    let done = run(
        &[
            "--helpers",
            "1",
            "--timeout",
            "5",
            "--chaos",
            "hang:tiny.png",
        ],
        &inputs,
    );
    assert_eq!(done.code(), 1);
    assert!(
        done.stderr
            .contains("tiny.png: no answer within 5s, the helper was replaced\n"),
        "{}",
        done.stderr
    );
    assert_ne!(done.helper("tiny.png"), done.helper("tiles.gif"));
}

#[test]
fn a_helper_that_is_killed_is_replaced() {
    let inputs = [sample("tiny.png"), sample("tiles.gif")];
    let flags = [
        "--helpers",
        "1",
        "--timeout",
        "3600",
        "--chaos",
        "hang:tiny.png",
    ];
    let (run, helper) = start(&flags, &inputs).hanging_helper();
    kill(helper);
    let done = run.finish();
    assert_eq!(done.code(), 1);
    assert_eq!(done.helper("tiny.png"), helper);
    assert!(
        done.stderr
            .contains("tiny.png: the helper ended: signal: 9 (SIGKILL)\n"),
        "{}",
        done.stderr
    );
    assert_ne!(done.helper("tiles.gif"), helper);
}

#[test]
fn helpers_go_with_their_parent_even_when_they_hang() {
    let flags = [
        "--helpers",
        "1",
        "--timeout",
        "3600",
        "--chaos",
        "hang:tiny.png",
    ];
    let (mut run, helper) = start(&flags, &[sample("tiny.png")]).hanging_helper();
    run.kill();
    assert_eq!(run.finish().status.code(), None);
    wait_until_gone(helper);
}

#[test]
fn a_file_that_is_missing_or_no_file_is_a_failure_of_its_own() {
    let inputs = [
        PathBuf::from("/nowhere/a.png"),
        PathBuf::from("/dev/null"),
        sample("tiny.png"),
    ];
    let done = run(&["--helpers", "3"], &inputs);
    assert_eq!(done.code(), 1);
    assert!(
        done.stderr
            .contains("/nowhere/a.png: cannot be read: No such file or directory"),
        "{}",
        done.stderr
    );
    assert!(
        done.stderr.contains("/dev/null: not a file\n"),
        "{}",
        done.stderr
    );
    assert_eq!(done.size_of("tiny.png"), (8, 6));
}

#[test]
fn what_makes_no_sense_is_said_at_once() {
    for flags in [
        ["--helpers", "0"],
        ["--timeout", "soon"],
        ["--chaos", "tiny.png"],
    ] {
        let done = run(&flags, &[sample("tiny.png")]);
        assert_eq!(done.code(), 2, "{flags:?}");
        assert!(done.stderr.contains(flags[0]), "{}", done.stderr);
    }
    let empty = tempfile::tempdir().unwrap();
    let done = run(&[], &[empty.path().to_owned()]);
    assert_eq!(done.code(), 1);
    assert!(
        done.stderr
            .starts_with("thumbnails: no images in the folder "),
        "{}",
        done.stderr
    );
}

#[test]
fn chaos_that_would_not_come_is_refused_before_any_work() {
    let inputs = [sample("tiny.png"), sample("tiles.gif")];
    for (flags, text) in [
        (
            &["--chaos", "crash:tiny.png", "--chaos", "hang:tiny.gif"][..],
            "thumbnails: --chaos: none of the images is called tiny.gif\n",
        ),
        (
            &["--chaos", "hang:images/tiny.png"],
            "thumbnails: --chaos: none of the images is called images/tiny.png \
             (the name is that of the file, without its folder)\n",
        ),
        (
            &["--chaos", "crash:tiny.png", "--chaos", "hang:tiny.png"],
            "thumbnails: --chaos: tiny.png is named twice\n",
        ),
    ] {
        let done = run(flags, &inputs);
        assert_eq!((done.code(), done.stderr.as_str()), (1, text));
        assert_eq!(done.stdout, "");
        assert_eq!(done.out.path().read_dir().unwrap().count(), 0);
    }
}

#[test]
fn chaos_meets_every_file_of_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("tiny.png");
    std::fs::copy(sample("tiny.png"), &copy).unwrap();
    // The same file twice is two images.
    let inputs = [copy.clone(), sample("tiny.png"), copy];
    let done = run(&["--helpers", "1", "--chaos", "crash:tiny.png"], &inputs);
    assert_eq!(done.code(), 1);
    assert!(
        done.stderr.contains("3 of 3 images failed:\n"),
        "{}",
        done.stderr
    );
    let place = format!(
        "0 of 3 thumbnails made; contact-sheet.png is in {}\n",
        done.out.path().display()
    );
    assert!(done.stdout.ends_with(&place), "{}", done.stdout);
    assert_eq!(done.out.path().read_dir().unwrap().count(), 1);
}

#[test]
fn a_narrow_terminal_gets_a_list() {
    let inputs = [sample("three-circles.png"), sample("sixteen-bit.png")];
    let lines = lines_on_terminal(40, &["--helpers", "1", "--size", "60"], &inputs);
    for line in [
        "three-circles.png",
        "  in     256 × 256, 7.51 KiB",
        "sixteen-bit.png",
        "  in     300 × 200, 8.39 KiB",
    ] {
        assert!(lines.iter().any(|found| found == line), "{lines:#?}");
    }
    for line in &lines {
        // The last line is as long as the folder's name.
        let fits = line.chars().count() <= 40 || line.starts_with("2 of 2 thumbnails made");
        assert!(fits, "{line:?} of {lines:#?}");
    }
    assert!(
        lines.iter().any(|line| line.contains("░ 0/2 ")),
        "{lines:#?}"
    );
}

#[test]
fn a_table_is_no_wider_than_the_terminal() {
    let inputs = [sample("three-circles.png"), broken("corrupt.png")];
    let lines = lines_on_terminal(80, &["--helpers", "1"], &inputs);
    let table = lines
        .iter()
        .skip_while(|line| !line.starts_with(" image "))
        .take_while(|line| !line.starts_with("1 of 2 thumbnails made"));
    let mut count = 0;
    for line in table {
        assert!(line.chars().count() <= 80, "{line:?} of {lines:#?}");
        count += 1;
    }
    assert!(count > 4, "{lines:#?}");
}

#[test]
fn a_helper_without_a_parent_says_so() {
    let output = Command::new(env!("CARGO_BIN_EXE_thumbnails"))
        .arg("--helper")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("thumbnails helper: "));
}

/// The program on the smallest sample, with thumbnails in `out`.
fn on_tiny(out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_thumbnails"));
    command.arg("--out").arg(out).arg(sample("tiny.png"));
    command
}

#[test]
fn images_are_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("image.png");
    std::fs::copy(sample("mandelbrot.png"), &image).unwrap();
    let before = std::fs::read(&image).unwrap();
    let output = on_tiny(folder.path()).arg(&image).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("would be overwritten"), "{stderr}");
    assert_eq!(std::fs::read(&image).unwrap(), before);
    assert_eq!(folder.path().read_dir().unwrap().count(), 1);
}

#[test]
fn a_table_that_nobody_reads_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = on_tiny(folder.path()).stdout(writer).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success(), "{}", output.status);
}

#[test]
fn the_table_is_shown_even_if_the_sheet_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("contact-sheet.png")).unwrap();
    let output = on_tiny(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(
        stdout.contains("8 × 6") && !stdout.contains("contact-sheet"),
        "{stdout}"
    );
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.starts_with("thumbnails: cannot write the contact sheet: "),
        "{stderr}"
    );
}
