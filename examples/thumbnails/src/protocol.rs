//! What parent and helper say to each other, byte for byte.
//!
//! Work is an inline [`WorkHeader`] and the image file as out-of-line memory. The answer is an inline
//! [`AnswerHeader`] and, out of line, the thumbnail's pixels (RGBA, one byte each, row by row) or the reason why
//! there is none, in UTF-8. The parent never decodes anything that comes from an image file: pixels of a stated
//! size cannot be malformed, only of the wrong length.

use image::RgbaImage;
use rendezvous_client::key;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::printable::printable;
use crate::render::Rendered;

/// The key of the receive right that a helper takes its work from.
pub(crate) const WORK: u32 = key(b"work");
/// The key of the send right that a helper sends its answers to.
pub(crate) const ANSWERS: u32 = key(b"answ");

/// The `msgh_id` of work: `'thwk'`.
pub(crate) const WORK_ID: i32 = i32::from_be_bytes(*b"thwk");
/// The `msgh_id` of an answer: `'than'`.
pub(crate) const ANSWER_ID: i32 = i32::from_be_bytes(*b"than");

/// [`AnswerHeader::verdict`]: the out-of-line memory is a thumbnail.
const MADE: u32 = 0;
/// [`AnswerHeader::verdict`]: the out-of-line memory is a reason.
const REFUSED: u32 = 1;

/// The longest reason that is shown, in bytes: a helper gone astray must not fill the table.
const LONGEST_REASON: usize = 300;

/// The inline part of work. Both processes run the same program, so the numbers have the machine's byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct WorkHeader {
    /// The longest side that the thumbnail may have, in pixels.
    pub(crate) edge: u32,
    /// A fault to let happen: [`crate::fault::Fault::to_wire`].
    pub(crate) fault: u32,
}

/// The inline part of an answer.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(C)]
pub(crate) struct AnswerHeader {
    verdict: u32,
    source_width: u32,
    source_height: u32,
    width: u32,
    height: u32,
}

/// What a helper made of its work: a thumbnail, or a reason why there is none.
pub(crate) type Answer = Result<Rendered, String>;

/// What is wrong with a helper's answer. A helper that sends such a thing is no longer in its senses.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MalformedAnswer {
    /// Not an answer's id.
    #[error("unexpected message {0:#x}")]
    Id(i32),
    /// Inline part too short, or the out-of-line memory is missing.
    #[error("incomplete message")]
    Incomplete,
    /// Neither of the two verdicts.
    #[error("unknown verdict {0}")]
    Verdict(u32),
    /// A thumbnail of a size that was not asked for.
    #[error("thumbnail of {width} × {height} pixels, at most {edge} were asked for")]
    Size { width: u32, height: u32, edge: u32 },
    /// Fewer or more pixels than the stated size has.
    #[error("{length} bytes for {width} × {height} pixels")]
    Length {
        width: u32,
        height: u32,
        length: usize,
    },
}

/// Splits an answer into the two parts of a message: inline and out of line.
pub(crate) fn write_answer(answer: Answer) -> (AnswerHeader, Vec<u8>) {
    match answer {
        Ok(Rendered {
            thumbnail,
            source_size,
        }) => {
            let header = AnswerHeader {
                verdict: MADE,
                source_width: source_size.0,
                source_height: source_size.1,
                width: thumbnail.width(),
                height: thumbnail.height(),
            };
            (header, thumbnail.into_raw())
        }
        Err(reason) => (
            AnswerHeader {
                verdict: REFUSED,
                ..AnswerHeader::default()
            },
            reason.into_bytes(),
        ),
    }
}

/// The answer in a message from a helper that was asked for at most `edge` pixels a side.
pub(crate) fn read_answer(
    id: i32,
    inline: &[u8],
    memory: Option<&[u8]>,
    edge: u32,
) -> Result<Answer, MalformedAnswer> {
    if id != ANSWER_ID {
        return Err(MalformedAnswer::Id(id));
    }
    let (header, _) =
        AnswerHeader::read_from_prefix(inline).map_err(|_| MalformedAnswer::Incomplete)?;
    let memory = memory.ok_or(MalformedAnswer::Incomplete)?;
    let AnswerHeader {
        verdict,
        source_width,
        source_height,
        width,
        height,
    } = header;
    match verdict {
        MADE => {
            if !(1..=edge).contains(&width) || !(1..=edge).contains(&height) {
                return Err(MalformedAnswer::Size {
                    width,
                    height,
                    edge,
                });
            }
            if u64::try_from(memory.len()) != Ok(u64::from(width) * u64::from(height) * 4) {
                return Err(MalformedAnswer::Length {
                    width,
                    height,
                    length: memory.len(),
                });
            }
            let thumbnail = RgbaImage::from_raw(width, height, memory.to_vec())
                .ok_or(MalformedAnswer::Incomplete)?;
            Ok(Ok(Rendered {
                thumbnail,
                source_size: (source_width, source_height),
            }))
        }
        REFUSED => Ok(Err(reason(memory))),
        unknown => Err(MalformedAnswer::Verdict(unknown)),
    }
}

/// A reason from a helper, made fit for the table: one short line.
fn reason(bytes: &[u8]) -> String {
    let start = bytes.get(..LONGEST_REASON).unwrap_or(bytes);
    printable(&String::from_utf8_lossy(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> (AnswerHeader, Vec<u8>) {
        let thumbnail = RgbaImage::from_fn(3, 2, |x, y| image::Rgba([x as u8, y as u8, 7, 255]));
        write_answer(Ok(Rendered {
            thumbnail,
            source_size: (30, 20),
        }))
    }

    #[test]
    fn a_thumbnail_survives_the_way() {
        let (header, memory) = made();
        let answer = read_answer(ANSWER_ID, header.as_bytes(), Some(&memory), 3)
            .unwrap()
            .unwrap();
        assert_eq!(answer.source_size, (30, 20));
        assert_eq!(answer.thumbnail.dimensions(), (3, 2));
        assert_eq!(answer.thumbnail.get_pixel(2, 1).0, [2, 1, 7, 255]);
    }

    #[test]
    fn a_reason_survives_the_way_without_its_control_characters() {
        let (header, memory) = write_answer(Err("bad\x1b[31m\nzlib".to_owned()));
        let answer = read_answer(ANSWER_ID, header.as_bytes(), Some(&memory), 3).unwrap();
        assert_eq!(answer.unwrap_err(), "bad [31m zlib");
    }

    #[test]
    fn a_long_reason_is_cut_even_within_a_character() {
        let (header, memory) = write_answer(Err("ü".repeat(1000) + "x"));
        let reason = read_answer(ANSWER_ID, header.as_bytes(), Some(&memory), 3)
            .unwrap()
            .unwrap_err();
        assert_eq!(reason.chars().count(), LONGEST_REASON / 2);
    }

    #[test]
    fn answers_of_a_helper_gone_astray_are_refused() {
        let (header, memory) = made();
        let inline = header.as_bytes();
        let read = |id, inline: &[u8], memory: Option<&[u8]>, edge| {
            read_answer(id, inline, memory, edge).unwrap_err()
        };
        assert_eq!(read(1, inline, Some(&memory), 3), MalformedAnswer::Id(1));
        assert_eq!(
            read(ANSWER_ID, &inline[..16], Some(&memory), 3),
            MalformedAnswer::Incomplete
        );
        assert_eq!(
            read(ANSWER_ID, inline, None, 3),
            MalformedAnswer::Incomplete
        );
        assert_eq!(
            read(ANSWER_ID, inline, Some(&memory), 2),
            MalformedAnswer::Size {
                width: 3,
                height: 2,
                edge: 2
            }
        );
        assert_eq!(
            read(ANSWER_ID, inline, Some(&memory[1..]), 3),
            MalformedAnswer::Length {
                width: 3,
                height: 2,
                length: 23
            }
        );
        let empty = AnswerHeader { width: 0, ..header };
        assert!(matches!(
            read(ANSWER_ID, empty.as_bytes(), Some(&[]), 3),
            MalformedAnswer::Size { .. }
        ));
        let unknown = AnswerHeader {
            verdict: 9,
            ..header
        };
        assert_eq!(
            read(ANSWER_ID, unknown.as_bytes(), Some(&memory), 3),
            MalformedAnswer::Verdict(9)
        );
    }
}
