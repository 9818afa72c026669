//! What a helper offers to its parent.
//!
//! The parent never decodes anything that comes from an image file: pixels of a stated size cannot be malformed, only
//! of the wrong length.

use image::RgbaImage;
use mach_interface::{Plain, subsystem};
use mach_ports::{Error, OolMemory, ReturnCode};
use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::printable::printable;
use crate::render::Rendered;

/// A helper.
#[subsystem(base = 0x7468_776b)]
pub(crate) trait Thumbnails {
    /// A thumbnail of an image file, of at most `edge` pixels a side. `fault` is one to let happen:
    /// [`crate::fault::Fault::to_wire`].
    #[out(verdict, memory)]
    fn make(
        &self,
        file: OolMemory,
        edge: u32,
        fault: u32,
    ) -> Result<(Verdict, OolMemory), ReturnCode>;
}

/// [`Verdict::made`]: the memory is a thumbnail's pixels, RGBA, one byte each, row by row.
const MADE: u32 = 1;
/// [`Verdict::made`]: the memory is the reason why there is none, in UTF-8.
const REFUSED: u32 = 0;

/// The longest reason that is shown, in bytes: a helper gone astray must not fill the table.
const LONGEST_REASON: usize = 300;

/// What became of an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, Plain)]
#[repr(C)]
pub(crate) struct Verdict {
    made: u32,
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

/// An answer as a helper sends it.
pub(crate) fn write_answer(answer: Answer) -> Result<(Verdict, OolMemory), Error> {
    match answer {
        Ok(Rendered {
            thumbnail,
            source_size,
        }) => {
            let verdict = Verdict {
                made: MADE,
                source_width: source_size.0,
                source_height: source_size.1,
                width: thumbnail.width(),
                height: thumbnail.height(),
            };
            Ok((verdict, OolMemory::copy_of(&thumbnail)?))
        }
        Err(reason) => Ok((Verdict::default(), OolMemory::copy_of(reason.as_bytes())?)),
    }
}

/// The answer of a helper that was asked for at most `edge` pixels a side.
pub(crate) fn read_answer(
    verdict: Verdict,
    memory: &[u8],
    edge: u32,
) -> Result<Answer, MalformedAnswer> {
    let Verdict {
        made,
        source_width,
        source_height,
        width,
        height,
    } = verdict;
    match made {
        MADE => {
            if !(1..=edge).contains(&width) || !(1..=edge).contains(&height) {
                return Err(MalformedAnswer::Size {
                    width,
                    height,
                    edge,
                });
            }
            let length = MalformedAnswer::Length {
                width,
                height,
                length: memory.len(),
            };
            if u64::try_from(memory.len()) != Ok(u64::from(width) * u64::from(height) * 4) {
                return Err(length);
            }
            let thumbnail = RgbaImage::from_raw(width, height, memory.to_vec()).ok_or(length)?;
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

    fn made() -> (Verdict, OolMemory) {
        let thumbnail = RgbaImage::from_fn(3, 2, |x, y| image::Rgba([x as u8, y as u8, 7, 255]));
        write_answer(Ok(Rendered {
            thumbnail,
            source_size: (30, 20),
        }))
        .unwrap()
    }

    /// The reason that arrives of one.
    fn told(reason: &str) -> String {
        let (verdict, memory) = write_answer(Err(reason.to_owned())).unwrap();
        read_answer(verdict, &memory, 3).unwrap().unwrap_err()
    }

    #[test]
    fn a_thumbnail_survives_the_way() {
        let (verdict, memory) = made();
        let answer = read_answer(verdict, &memory, 3).unwrap().unwrap();
        assert_eq!(answer.source_size, (30, 20));
        assert_eq!(answer.thumbnail.dimensions(), (3, 2));
        assert_eq!(answer.thumbnail.get_pixel(2, 1).0, [2, 1, 7, 255]);
    }

    #[test]
    fn a_reason_survives_the_way_without_its_control_characters() {
        assert_eq!(told("bad\x1b[31m\nzlib"), "bad [31m zlib");
    }

    #[test]
    fn a_long_reason_is_cut_even_within_a_character() {
        let reason = told(&("ü".repeat(1000) + "x"));
        assert_eq!(reason.chars().count(), LONGEST_REASON / 2);
    }

    #[test]
    fn answers_of_a_helper_gone_astray_are_refused() {
        let (verdict, memory) = made();
        let read = |verdict, memory: &[u8], edge| read_answer(verdict, memory, edge).unwrap_err();
        let (width, height) = (3, 2);
        assert_eq!(
            read(verdict, &memory, 2),
            MalformedAnswer::Size {
                width,
                height,
                edge: 2
            }
        );
        assert_eq!(
            read(verdict, &memory[1..], 3),
            MalformedAnswer::Length {
                width,
                height,
                length: 23
            }
        );
        let empty = Verdict {
            width: 0,
            ..verdict
        };
        assert!(matches!(read(empty, &[], 3), MalformedAnswer::Size { .. }));
        let unknown = Verdict { made: 9, ..verdict };
        assert_eq!(read(unknown, &memory, 3), MalformedAnswer::Verdict(9));
    }
}
