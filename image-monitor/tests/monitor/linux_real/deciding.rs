//! The process waits, so that the monitor can decide.

use std::time::Instant;

use image_monitor::{Event, ImageMonitor, MonitorOptions, Snapshot};

use crate::LONG;
use crate::fake::{next, waiting};
use crate::linux_real::Stage;

#[test]
fn a_library_does_not_run_before_the_answer_and_is_mapped_until_it() {
    let Some(stage) = Stage::new() else { return };
    let (monitor, notices) = waiting();
    let mut loader = stage.launch(&[&monitor]);
    assert!(matches!(next(&notices).answer(), Event::Load(_)));
    let main = next(&notices);
    assert_eq!(main.event(), &Event::Main);
    drop(main);
    assert_eq!(loader.hear(), "main");

    loader.tell(&format!("load {}", stage.library().display()));
    let notice = next(&notices);
    let image = notice.event().images()[0].clone();
    assert_eq!(image.path, stage.library());
    assert!(!stage.constructed().exists());
    drop(notice);
    assert_eq!(loader.hear(), "loaded");
    assert!(stage.constructed().exists());

    loader.tell("unload");
    let notice = next(&notices);
    assert!(matches!(notice.event(), Event::Unload(images) if *images == [image.clone()]));
    // Its destructors have run; its memory is there.
    assert!(stage.destructed().exists());
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", loader.child.id())).unwrap();
    assert!(
        maps.contains(&format!("{:x}-", image.load_address)),
        "{maps}"
    );
    drop(notice);
    assert_eq!(loader.hear(), "unloaded");
    let now = Snapshot::of(loader.child.id()).unwrap();
    assert_eq!(now.images.at(image.load_address), None);
}

#[test]
fn who_is_killed_while_it_waits_runs_nothing_more() {
    let Some(stage) = Stage::new() else { return };
    let (monitor, notices) = waiting();
    let mut loader = stage.launch(&[&monitor]);
    for _ in 0..2 {
        drop(next(&notices));
    }
    assert_eq!(loader.hear(), "main");
    loader.tell(&format!("load {}", stage.library().display()));
    let notice = next(&notices);
    loader.child.kill().unwrap();
    drop(notice);
    assert!(matches!(next(&notices).event(), Event::Exit(_)));
    assert!(!loader.child.wait().unwrap().success());
    assert!(!stage.constructed().exists());
    drop(monitor);
}

#[test]
fn a_monitor_that_is_dropped_lets_the_process_go() {
    let Some(stage) = Stage::new() else { return };
    // Longer than anything here takes: it is not the deadline that lets it go.
    let options = MonitorOptions::new().deadline(2 * LONG);
    let (monitor, notices) = ImageMonitor::queue(options).unwrap();
    let mut loader = stage.launch(&[&monitor]);
    let kept = next(&notices);
    drop(monitor);
    let begun = Instant::now();
    assert_eq!(loader.hear(), "main");
    loader.load(stage.library());
    assert!(begun.elapsed() < LONG);
    drop(kept);
}
