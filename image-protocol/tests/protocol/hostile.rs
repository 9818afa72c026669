//! What the other process may send is refused, or means what it says; nothing is read outside of it.

use image_protocol::environment::Launch;
use image_protocol::{
    Attach, Event, HELLO, Hello, Image, LOAD, MAX_BODY, Malformed, Reply, Stamp, decode, encode,
    packet,
};
use proptest::collection::vec;
use proptest::prelude::*;

fn sound() -> Vec<u8> {
    let mut body = vec![0; 1024];
    let images = [&b"/a"[..], b"/bcd"].map(|path| Image {
        path,
        ..Image::default().with_build_id(&[1; 20])
    });
    let len = encode(&mut body, Stamp::default(), images.into_iter()).expect("two images fit");
    body.truncate(len);
    body
}

fn with(at: usize, value: u32) -> Vec<u8> {
    let mut body = sound();
    body[at..at + 4].copy_from_slice(&value.to_ne_bytes());
    body
}

fn why(body: &[u8]) -> Malformed {
    decode(LOAD, body).map(|_| ()).expect_err("a breach")
}

#[test]
fn each_rule_is_kept() {
    // Places in the body: 24 less than from the header.
    let (entry, detail) = (40, 40 + 2 * 32);
    for (body, error) in [
        (with(0, 1), Malformed::Version(1)),
        (with(0, 3), Malformed::Version(3)),
        (with(4, 3), Malformed::Array),
        (with(4, u32::MAX), Malformed::Array),
        (with(8, 0), Malformed::Array),
        (with(8, 24 + 39), Malformed::Array),
        (with(8, u32::MAX), Malformed::Array),
        (with(12, 23), Malformed::Array),
        (with(12, 100_000), Malformed::Array),
        (with(32, 60_000), Malformed::Array),
        (with(entry + 24, 5000), Malformed::Path),
        (with(entry + 24, u32::MAX), Malformed::Path),
        (with(entry + 28, 5000), Malformed::Path),
        // A zero byte, and what is behind it.
        (with(entry + 28, 4), Malformed::Path),
        (with(detail + 24, 33), Malformed::BuildId),
    ] {
        assert_eq!(why(&body), error);
    }
    assert_eq!(why(&vec![0; MAX_BODY + 1]), Malformed::Long);
    assert_eq!(decode(0x1234, &sound()).unwrap_err(), Malformed::Id(0x1234));
}

#[test]
fn what_is_cut_short_is_refused_at_every_length() {
    let body = sound();
    // The last bytes are padding.
    for len in 0..body.len() - 4 {
        why(&body[..len]);
    }
    let hello = Hello {
        monitor: 1,
        pid: 2,
        deadline_ms: 3,
        timestamp: 4,
    };
    for len in 0..Hello::LEN {
        assert!(matches!(
            decode(HELLO, &hello.bytes()[..len]),
            Err(Malformed::Short)
        ));
    }
    let reply = Reply::to(Stamp::default()).bytes();
    for len in 0..12 {
        assert_eq!(Reply::read(&reply[..len]), Err(Malformed::Short));
    }
    assert_eq!(Reply::read(&[0; 16]), Err(Malformed::Version(0)));
    assert_eq!(Attach::read(&[1, 0, 0]), Err(Malformed::Short));
}

#[test]
fn what_is_no_launch_is_none() {
    for value in [
        "",
        "1;t;4;1:2:3:4",
        "2;t;4",
        "2;t;4;",
        "2;x;4;1:2:3:4",
        "2;t;4;1:2:3:4;",
        "2;t;4;1:2:3",
        "2;t;4;1:2:3:4:5",
        "2;t;4;1:2:3:4,",
        "2;t;-4;1:2:3:4",
        "2;t;4;1:2:3:4294967296",
        "2;t;4;1:2:18446744073709551616:4",
        "2;t;4;1::3:4",
        "2;;;1:2:3:4,1:2:3:4,1:2:3:4,1:2:3:4,1:2:3:4,1:2:3:4,1:2:3:4,1:2:3:4,1:2:3:4",
    ] {
        assert_eq!(Launch::parse(value.as_bytes()), None, "{value}");
    }
    assert!(Launch::new(None, false, &[]).is_none());
    assert!(Launch::new(None, false, &[Default::default(); 9]).is_none());
}

proptest! {
    #[test]
    fn nothing_panics(bytes in vec(any::<u8>(), 0..400), id in prop::sample::select(vec![LOAD, HELLO])) {
        let _ = decode(id, &bytes);
        let _ = Reply::read(&bytes);
        let _ = Attach::read(&bytes);
        let _ = packet::open(&bytes);
        let _ = Launch::parse(&bytes);
    }

    #[test]
    fn a_changed_word_is_refused_or_stays_inside(at in 0_usize..50, value: u32) {
        let mut body = sound();
        let at = at * 4 % body.len();
        body[at..at + 4].copy_from_slice(&value.to_ne_bytes());
        if let Ok(Event::Load(images)) = decode(LOAD, &body) {
            for image in images.iter() {
                let range = body.as_ptr_range();
                prop_assert!(image.path.is_empty() || range.contains(&image.path.as_ptr()));
                prop_assert!(image.path.len() <= body.len() && image.build_id.len() <= 32);
            }
        }
    }

    #[test]
    fn a_changed_packet_is_refused_or_a_message(at in 0_usize..88, value: u8) {
        let mut bytes = vec![0; packet::HEAD + 8];
        packet::message(&mut bytes, 5, 8, None).unwrap();
        bytes[at] = value;
        if let Some(read) = packet::open(&bytes) {
            prop_assert!(!read.right && read.body.len() == 8);
        }
    }
}
