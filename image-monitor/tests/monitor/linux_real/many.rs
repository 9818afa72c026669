//! Several monitors of one process.

use std::time::{Duration, Instant};

use image_monitor::{AttachError, Event, ImageMonitor, MonitorOptions, MonitorState};
use launcher::{LaunchCause, LaunchStep, Launcher};
use mach_ports::ReturnCode;

use crate::fake::{next, recording, waiting};
use crate::linux_real::Stage;
use crate::{LONG, eventually};

#[test]
fn a_late_one_of_eight_is_left_alone_and_its_place_is_for_another() {
    let Some(stage) = Stage::new() else { return };
    let options = MonitorOptions::new().deadline(Duration::from_millis(100));
    let (late, its) = ImageMonitor::queue(options).unwrap();
    let (others, heard): (Vec<_>, Vec<_>) = (0..7).map(|_| recording()).unzip();
    let all: Vec<_> = std::iter::once(&late).chain(&others).collect();
    let mut loader = stage.launch(&all);
    let kept = next(&its);
    // It goes on without.
    assert_eq!(loader.hear(), "main");
    eventually("a zombie", || late.state() == MonitorState::Zombie);
    loader.load(stage.library());
    assert!(its.try_next().is_none());
    for heard in &heard {
        let mut loads = heard.iter().filter(|event| matches!(event, Event::Load(_)));
        assert!(loads.nth(1).is_some());
    }
    let ninth = waiting();
    let refused = loader.child.attach_image_monitor(&ninth.0).unwrap_err();
    assert_eq!(refused.code(), ReturnCode::new(19));
    drop((kept, late, its));
    eventually("its place is free", || {
        loader.child.attach_image_monitor(&ninth.0).is_ok()
    });
    // The next one starts clean.
    loader.tell("unload");
    let notice = next(&ninth.1);
    assert!(matches!(notice.event(), Event::Unload(_)));
    assert_eq!(ninth.0.state(), MonitorState::Attached);
    drop(notice);
    assert_eq!(loader.hear(), "unloaded");
    // What it was not told it has from the others.
    assert_eq!(
        ninth.0.images().present().len(),
        others[0].images().present().len()
    );
}

/// None of them answers. Had each been waited for by itself, sixteen seconds would pass.
#[test]
fn eight_that_are_late_are_waited_for_together() {
    let (monitors, notices): (Vec<_>, Vec<_>) = (0..8).map(|_| waiting()).unzip();
    let mut launcher = Launcher::new("true");
    for monitor in &monitors {
        launcher.image_monitor(monitor);
    }
    let begun = Instant::now();
    let child = launcher.spawn().unwrap();
    let kept: Vec<_> = notices.iter().map(next).collect();
    let told = Instant::now();
    assert!(child.wait_timeout(LONG).unwrap().unwrap().success());
    // Two seconds, as nobody has said otherwise; the rest is for a machine that is busy with something else.
    let (whole, waited) = (begun.elapsed(), told.elapsed());
    assert!(whole >= Duration::from_secs(2), "{whole:?}");
    assert!(waited < Duration::from_secs(14), "{waited:?}");
    drop(kept);
    for notices in &notices {
        assert!(matches!(next(notices).event(), Event::Exit(_)));
    }
}

#[test]
fn nine_are_too_many_to_launch_with() {
    let monitors: Vec<_> = (0..9).map(|_| recording().0).collect();
    let mut launcher = Launcher::new("true");
    for monitor in &monitors {
        launcher.image_monitor(monitor);
    }
    let error = launcher.spawn().unwrap_err();
    assert_eq!(error.step(), LaunchStep::ImageMonitors);
    assert!(matches!(
        error.cause(),
        LaunchCause::Attach(AttachError::NoSlot)
    ));
    // None of them has been used.
    for monitor in &monitors {
        assert_eq!(monitor.state(), MonitorState::Idle);
    }
    let child = launcher.image_monitor(&monitors[0]).spawn().unwrap();
    assert!(child.wait_timeout(LONG).unwrap().unwrap().success());
}

#[test]
fn each_has_its_own_list_and_answers_for_itself() {
    let Some(stage) = Stage::new() else { return };
    let (first, heard) = recording();
    let (second, notices) = waiting();
    let mut loader = stage.launch(&[&first, &second]);
    for _ in 0..2 {
        drop(next(&notices));
    }
    assert_eq!(loader.hear(), "main");
    loader.tell(&format!("load {}", stage.library().display()));
    let notice = next(&notices);
    eventually("the first has answered", || {
        heard
            .try_iter()
            .any(|event| !event.images().is_empty() && event.images()[0].path == stage.library())
    });
    assert!(!stage.constructed().exists());
    drop(notice);
    assert_eq!(loader.hear(), "loaded");
    assert!(first.images().present().eq(second.images().present()));
}
