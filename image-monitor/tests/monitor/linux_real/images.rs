//! What is told of images is so.

use std::fs;
use std::sync::Arc;

use image_monitor::{Event, Image, ImageKind, MonitorState, Snapshot};

use crate::LONG;
use crate::fake::recording;
use crate::linux_real::Stage;

fn sorted(images: &image_monitor::ImageList) -> Vec<(u64, Option<u64>, String, ImageKind)> {
    let one = |image: &Arc<Image>| {
        let id = image.build_id.as_ref().map(ToString::to_string);
        (
            image.load_address,
            image.size(),
            id.unwrap_or_default(),
            image.kind,
        )
    };
    // The agent itself is in a namespace of its own, and does not tell of itself.
    let images = images.present().filter(|image| image.namespace == 0);
    images.map(one).collect()
}

#[test]
fn a_monitor_and_a_snapshot_agree() {
    let Some(stage) = Stage::new() else { return };
    let (monitor, _heard) = recording();
    let mut loader = stage.launch(&[&monitor]);
    assert_eq!(loader.hear(), "main");
    loader.load(stage.library());
    assert_eq!(monitor.state(), MonitorState::Attached);
    let snapshot = Snapshot::of(loader.child.id()).unwrap();
    assert_eq!(sorted(&monitor.images()), sorted(&snapshot.images));
    let images = monitor.images();
    let program = images
        .present()
        .find(|image| image.kind == ImageKind::Program);
    assert_eq!(program.unwrap().path, snapshot.program);
}

#[test]
fn an_address_leads_to_the_bytes_of_the_file() {
    let Some(stage) = Stage::new() else { return };
    let (monitor, _heard) = recording();
    let mut loader = stage.launch(&[&monitor]);
    assert_eq!(loader.hear(), "main");
    loader.load(stage.library());
    let address = loader.ask("where some_function");
    let address = u64::from_str_radix(address.trim_start_matches("0x"), 16).unwrap();
    let found = monitor.images().find(address).unwrap();
    assert_eq!(found.image.path, stage.library());
    // What is there in the process is there in the file.
    let memory = fs::File::open(format!("/proc/{}/mem", loader.child.id())).unwrap();
    let mut there = [0; 16];
    std::os::unix::fs::FileExt::read_exact_at(&memory, &mut there, address).unwrap();
    let file = fs::read(stage.library()).unwrap();
    let at = found.file_offset.unwrap() as usize;
    assert_eq!(file[at..at + 16], there);
    // And still is known when the library is gone.
    let while_loaded = found.image.timestamp;
    assert_eq!(loader.ask("unload"), "unloaded");
    let images = monitor.images();
    assert_eq!(images.find(address), None);
    assert_eq!(images.find_at(address, while_loaded), Some(found));
}

#[test]
fn a_thousand_libraries_at_one_address_are_told_apart() {
    let Some(stage) = Stage::new() else { return };
    let (monitor, heard) = recording();
    let mut loader = stage.launch(&[&monitor]);
    assert_eq!(loader.hear(), "main");
    let path = stage.library().display();
    assert_eq!(loader.ask(&format!("again 1000 {path}")), "done");
    let images = monitor.images();
    assert!(images.present().all(|image| image.path != stage.library()));
    let past: Vec<_> = images.past().collect();
    assert_eq!(past.len(), 1000);
    let mut last = 0;
    for gone in &past {
        assert_eq!(gone.image.path, stage.library());
        assert!(last <= gone.image.timestamp && gone.image.timestamp < gone.unloaded);
        last = gone.unloaded;
    }
    loader.child.kill().unwrap();
    let mut is_loaded = false;
    for event in heard.iter() {
        match &event {
            Event::Exit(_) => break,
            Event::Load(images) if images[0].path == stage.library() => {
                assert!(!std::mem::replace(&mut is_loaded, true));
            }
            Event::Unload(_) => assert!(std::mem::replace(&mut is_loaded, false)),
            _ => {}
        }
    }
    drop(monitor);
    assert!(heard.recv_timeout(LONG).is_err());
}
