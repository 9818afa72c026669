use std::path::PathBuf;

use super::*;
use crate::layout::{Layout, Segment};

fn image(name: &str, load_address: u64, timestamp: u64) -> Arc<Image> {
    let layout = Layout::new(vec![Segment {
        start: 0,
        size: 0x1000,
        file_offset: 0x200,
        file_size: 0x800,
    }]);
    Arc::new(Image {
        load_address,
        build_id: None,
        path: PathBuf::from(name),
        kind: crate::ImageKind::Library,
        namespace: 0,
        timestamp,
        told_size: 0,
        layout: layout.map(Arc::new),
    })
}

fn unknown(name: &str, load_address: u64) -> Arc<Image> {
    let mut image = Image::clone(&image(name, load_address, 1));
    image.layout = None;
    Arc::new(image)
}

fn name(location: Option<Location>) -> Option<String> {
    location.map(|found| found.image.path.display().to_string())
}

#[test]
fn an_address_is_found_in_its_image_and_file() {
    let mut list = ImageList::new(8);
    assert!(list.load(image("a", 0x1_0000, 1)));
    assert!(list.load(image("b", 0x3_0000, 1)));
    let found = list.find(0x3_0010).unwrap();
    assert_eq!((found.offset, found.file_offset), (0x10, Some(0x210)));
    assert_eq!(list.find(0x3_0900).unwrap().file_offset, None);
    for nowhere in [0, 0xffff, 0x1_1000, 0x3_1000, u64::MAX] {
        assert_eq!(list.find(nowhere), None, "{nowhere:#x}");
    }
    assert_eq!(list.at(0x3_0010), None);
    assert_eq!(list.present().len(), 2);
}

#[test]
fn an_image_of_unknown_size_hides_none() {
    let mut list = ImageList::new(8);
    list.load(image("a", 0x1_0000, 1));
    list.load(unknown("b", 0x1_0800));
    assert_eq!(name(list.find(0x1_0900)).as_deref(), Some("a"));
}

#[test]
fn who_was_at_a_reused_address_depends_on_the_time() {
    let mut list = ImageList::new(8);
    list.load(image("first", 0x1_0000, 10));
    list.unload(0x1_0000, 20);
    list.load(image("second", 0x1_0000, 30));
    // Its end was not told.
    list.load(image("third", 0x1_0000, 40));
    for (time, expected) in [
        (9, None),
        (10, Some("first")),
        (19, Some("first")),
        (20, None),
        (35, Some("second")),
        (40, Some("third")),
        (u64::MAX, Some("third")),
    ] {
        let found = name(list.find_at(0x1_0004, time));
        assert_eq!(found.as_deref(), expected, "{time}");
    }
    assert_eq!(list.past().len(), 2);
}

#[test]
fn what_another_has_told_already_is_no_news() {
    let mut first = ImageList::new(8);
    first.load(image("a", 0x1_0000, 1));
    first.load(image("b", 0x3_0000, 2));
    let mut second = ImageList::new(8);
    second.begin_with(&first);
    second.load(image("b", 0x3_0000, 2));
    assert!(second.present().eq(first.present()));
    assert_eq!(second.past().len(), 0);
}

#[test]
fn the_past_is_kept_as_far_as_was_said() {
    let mut list = ImageList::new(2);
    for round in 0..1000 {
        list.load(image(&round.to_string(), 0x1_0000, round));
        assert!(list.unload(0x1_0000, round).is_some());
        assert!(list.unload(0x1_0000, round).is_none());
    }
    let kept: Vec<_> = list.past().map(|past| past.image.path.clone()).collect();
    assert_eq!(kept, [PathBuf::from("998"), PathBuf::from("999")]);
    assert_eq!(list.present().len(), 0);
}

#[test]
fn what_says_that_it_has_too_many_is_not_believed() {
    let mut list = ImageList::new(0);
    for number in 0..MAX_IMAGES as u64 {
        assert!(list.load(unknown("x", number)));
    }
    assert!(!list.load(unknown("x", u64::MAX)));
    assert!(list.load(unknown("again", 5)));
    assert_eq!(list.present().len(), MAX_IMAGES);
    assert_eq!(list.past().len(), 0);
}
