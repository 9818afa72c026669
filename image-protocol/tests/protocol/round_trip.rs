//! What is written is read as it was, whatever it is.

use image_protocol::environment::{Launch, Way};
use image_protocol::{
    Attach, Event, HELLO, Hello, Image, ImageFlags, LOAD, MAIN, MAX_BODY, Reply, Stamp, TooLong,
    UNLOAD, VERSION, decode, encode, in_parts, readdress,
};
use proptest::collection::vec;
use proptest::prelude::*;

#[derive(Clone, Debug)]
struct Owned {
    numbers: (u64, u64, u64, u32, u32),
    path: Vec<u8>,
    id: Vec<u8>,
}

impl Owned {
    fn image(&self) -> Image<'_> {
        let (load_address, bias, size, namespace, flags) = self.numbers;
        let image = Image {
            load_address,
            bias,
            size,
            namespace,
            flags: ImageFlags(flags),
            path: &self.path,
            ..Image::default()
        };
        image.with_build_id(&self.id)
    }
}

fn owned() -> impl Strategy<Value = Owned> {
    (
        any::<(u64, u64, u64, u32, u32)>(),
        vec(1_u8.., 0..80),
        vec(any::<u8>(), 0..40),
    )
        .prop_map(|(numbers, path, id)| Owned { numbers, path, id })
}

fn stamp() -> impl Strategy<Value = Stamp> {
    any::<(u64, u32, u32)>().prop_map(|(timestamp, sequence, monitor)| Stamp {
        timestamp,
        sequence,
        monitor,
    })
}

proptest! {
    #[test]
    fn images(images in vec(owned(), 0..60), stamp in stamp(), unload: bool, other: u32) {
        let mut buffer = [0xaa; MAX_BODY];
        let images: Vec<_> = images.iter().map(Owned::image).collect();
        let len = encode(&mut buffer, stamp, images.iter().copied()).unwrap();
        prop_assert!(len.is_multiple_of(4));
        readdress(&mut buffer, other);
        let (id, body) = (if unload { UNLOAD } else { LOAD }, &buffer[..len]);
        let (Event::Load(read) | Event::Unload(read)) = decode(id, body).unwrap() else {
            panic!("another message");
        };
        prop_assert_eq!(read.stamp(), Stamp { monitor: other, ..stamp });
        prop_assert_eq!(read.len(), images.len());
        prop_assert_eq!(read.iter().collect::<Vec<_>>(), images);
    }

    #[test]
    fn a_part_is_as_long_as_it_can_be(lengths in vec(0_usize..9000, 0..200)) {
        let paths: Vec<Vec<u8>> = lengths.iter().map(|len| vec![b'x'; *len]).collect();
        let mut buffer = [0; MAX_BODY];
        let mut told = Vec::new();
        let mut refused = Vec::new();
        in_parts(paths.len(), &mut |part| {
            let images = paths[part.clone()].iter().map(|path| Image { path, ..Image::default() });
            match encode(&mut buffer, Stamp::default(), images) {
                Ok(_) => told.extend(part),
                Err(TooLong) => {
                    refused.push(part);
                    return Err(TooLong);
                }
            }
            Ok(())
        });
        // None of these is too long by itself, so none is left out, and none comes twice.
        prop_assert_eq!(told, (0..paths.len()).collect::<Vec<_>>());
        prop_assert!(refused.iter().all(|part| part.len() > 1));
    }

    #[test]
    fn a_launch(ways in vec(any::<(u32, u32, u64, u32)>(), 1..=8), library: Option<u32>, tunables: bool) {
        let ways: Vec<Way> = ways
            .into_iter()
            .map(|(parent, number, cookie, deadline_ms)| Way { parent, number, cookie, deadline_ms })
            .collect();
        let launch = Launch::new(library, tunables, &ways).unwrap();
        prop_assert_eq!(launch.ways(), &ways);
        prop_assert_eq!(Launch::parse(launch.to_string().as_bytes()), Some(launch));
    }
}

#[test]
fn one_image_that_is_too_long_by_itself_is_left_out_and_ends_the_halving() {
    let mut tried = Vec::new();
    in_parts(4, &mut |part| {
        tried.push(part.clone());
        if part.contains(&2) {
            Err(TooLong)
        } else {
            Ok(())
        }
    });
    assert_eq!(tried, [0..4, 0..2, 2..4, 2..3, 3..4]);
}

#[test]
fn small_messages() {
    let hello = Hello {
        monitor: 7,
        pid: 4711,
        deadline_ms: 100,
        timestamp: u64::MAX - 1,
    };
    let Ok(Event::Hello(read)) = decode(HELLO, &hello.bytes()) else {
        panic!("another message");
    };
    assert_eq!(read, hello);

    let stamp = Stamp {
        timestamp: 3,
        sequence: 4,
        monitor: 5,
    };
    let mut buffer = [0; 64];
    let len = encode(&mut buffer, stamp, std::iter::empty()).unwrap();
    let Ok(Event::Main(read)) = decode(MAIN, &buffer[..len]) else {
        panic!("another message");
    };
    assert_eq!(read, stamp);

    let reply = Reply::to(stamp);
    assert_eq!((reply.monitor, reply.sequence), (5, 4));
    assert_eq!(Reply::read(&reply.bytes()), Ok(reply));
    let attach = Attach { deadline_ms: 9 };
    assert_eq!(Attach::read(&attach.bytes()), Ok(attach));
}

/// What a reader of dyld's version 1 sees: its fields, its entries and its strings, at their places.
#[test]
fn a_reader_of_dylds_layout_finds_everything() {
    let paths = [&b"/bin/one"[..], b"/lib/two"];
    let images = paths.map(|path| Image {
        load_address: 0x1122_3344_5566_7788,
        path,
        ..Image::default().with_build_id(&[9; 20])
    });
    let mut message = vec![0; 24 + 1024];
    let stamp = Stamp {
        timestamp: 0xabcd,
        ..Stamp::default()
    };
    encode(&mut message[24..], stamp, images.into_iter()).unwrap();
    let word = |at: usize| u32::from_ne_bytes(message[at..at + 4].try_into().unwrap());
    let long = |at: usize| u64::from_ne_bytes(message[at..at + 8].try_into().unwrap());
    assert_eq!((word(24), word(28), long(40)), (VERSION, 2, 0xabcd));
    let (entries, strings) = (word(32) as usize, word(36) as usize);
    for (index, path) in paths.iter().enumerate() {
        let entry = entries + index * 32;
        assert_eq!(message[entry..entry + 16], [9; 16]);
        assert_eq!(long(entry + 16), 0x1122_3344_5566_7788);
        let at = strings + word(entry + 24) as usize;
        let end = at + word(entry + 28) as usize;
        assert_eq!(&message[at..end], *path);
        assert_eq!(message[end], 0);
    }
}
