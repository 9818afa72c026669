//! From the bytes of an image file to a thumbnail: the part that is not trusted, and runs in helpers only.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, ImageResult, Limits, RgbaImage};

/// The most memory that decoding one image may take, in bytes: a file of some hundred bytes can claim more
/// pixels than the machine has memory for.
const MEMORY_LIMIT: u64 = 512 << 20;

/// A thumbnail and the size of what it was made of.
#[derive(Debug)]
pub(crate) struct Rendered {
    /// The thumbnail.
    pub(crate) thumbnail: RgbaImage,
    /// Width and height of the image as it is looked at, in pixels.
    pub(crate) source_size: (u32, u32),
}

/// Decodes `file`, whose format its first bytes tell, and scales it down to at most `edge` pixels a side.
pub(crate) fn render(file: &[u8], edge: u32) -> ImageResult<Rendered> {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY_LIMIT);
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format()?;
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    // The decoder minds what it needs for its work; the pixels that come out are ours to count.
    limits.reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;
    // A file without the tag, or with a broken one, is shown as it is stored.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    let source_size = (image.width(), image.height());
    let (width, height) = fit(source_size, edge);
    let thumbnail = image.thumbnail_exact(width, height).into_rgba8();
    Ok(Rendered {
        thumbnail,
        source_size,
    })
}

/// The largest size of the same shape with no side longer than `edge`, never larger than the size itself and
/// never empty.
pub(crate) fn fit((width, height): (u32, u32), edge: u32) -> (u32, u32) {
    let longer = width.max(height);
    if longer <= edge {
        return (width.max(1), height.max(1));
    }
    let scale = |side: u32| {
        let rounded =
            (u64::from(side) * u64::from(edge) + u64::from(longer) / 2) / u64::from(longer);
        u32::try_from(rounded).unwrap_or(edge).clamp(1, edge)
    };
    (scale(width), scale(height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn sample(name: &str) -> Vec<u8> {
        fs::read(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn shapes_are_kept() {
        assert_eq!(fit((1200, 800), 300), (300, 200));
        assert_eq!(fit((10, 20_000), 100), (1, 100));
        assert_eq!(fit((8, 6), 256), (8, 6));
        assert_eq!(fit((u32::MAX, 1), 4096), (4096, 1));
        assert_eq!(fit((u32::MAX, u32::MAX), 1), (1, 1));
        assert_eq!(fit((0, 0), 1), (1, 1));
    }

    #[test]
    fn every_sample_has_a_thumbnail() {
        for (name, source_size, size) in [
            ("night.bmp", (160, 120), (64, 48)),
            ("spiral.gif", (240, 240), (64, 64)),
            ("ripples.jpg", (480, 480), (64, 64)),
            ("tower.webp", (180, 900), (13, 64)),
            ("sixteen-bit.png", (300, 200), (64, 43)),
            ("tiny.png", (8, 6), (8, 6)),
        ] {
            let rendered = render(&sample(&format!("images/{name}")), 64).unwrap();
            assert_eq!(
                (rendered.source_size, rendered.thumbnail.dimensions()),
                (source_size, size),
                "{name}"
            );
        }
    }

    #[test]
    fn a_picture_taken_sideways_stands_upright() {
        let rendered = render(&sample("images/tree.jpg"), 64).unwrap();
        assert_eq!(rendered.source_size, (420, 640));
        // The sky is above and the meadow below.
        let [red, _, blue, _] = rendered.thumbnail.get_pixel(2, 2).0;
        assert!(blue > red);
        let [_, green, blue, _] = rendered.thumbnail.get_pixel(2, 62).0;
        assert!(green > blue);
    }

    #[test]
    fn transparency_is_kept() {
        let rendered = render(&sample("images/three-circles.png"), 64).unwrap();
        assert_eq!(rendered.thumbnail.get_pixel(0, 0).0[3], 0);
        assert_ne!(rendered.thumbnail.get_pixel(32, 20).0[3], 0);
    }

    #[test]
    fn broken_and_oversized_files_are_errors() {
        assert!(render(&sample("broken/corrupt.png"), 64).is_err());
        let bomb = render(&sample("broken/bomb.png"), 64).unwrap_err();
        assert!(matches!(bomb, image::ImageError::Limits(_)), "{bomb}");
        assert!(render(b"", 64).is_err());
        assert!(render(b"no image at all", 64).is_err());
    }
}
