//! Text on pictures, in an 8 × 8 pixel face: enough for file names.

use font8x8::UnicodeFonts;
use image::{Rgba, RgbaImage};

/// Width and height of one character, in pixels.
pub(crate) const CHARACTER: u32 = 8;

/// Writes `text` with its middle at `center_x` and its upper edge at `top`, in at most `width` pixels: of a text
/// that is longer, the end is left out. What falls outside the canvas is not drawn.
pub(crate) fn draw(
    canvas: &mut RgbaImage,
    text: &str,
    center_x: u32,
    top: u32,
    width: u32,
    color: Rgba<u8>,
) {
    let text = shorten(text, usize::try_from(width / CHARACTER).unwrap_or(0));
    let length = u32::try_from(text.chars().count()).unwrap_or(0) * CHARACTER;
    let mut left = center_x.saturating_sub(length / 2);
    for character in text.chars() {
        for (y, row) in (top..).zip(glyph(character)) {
            for (x, bit) in (left..).zip(0..CHARACTER) {
                if row >> bit & 1 == 1
                    && let Some(pixel) = canvas.get_pixel_mut_checked(x, y)
                {
                    *pixel = color;
                }
            }
        }
        left += CHARACTER;
    }
}

/// The rows of a character, the leftmost pixel in the lowest bit.
fn glyph(character: char) -> [u8; 8] {
    let known = font8x8::BASIC_FONTS
        .get(character)
        .or_else(|| font8x8::LATIN_FONTS.get(character));
    known
        .or_else(|| font8x8::BASIC_FONTS.get('?'))
        .unwrap_or_default()
}

fn shorten(text: &str, most: usize) -> String {
    const MARK: &str = "..";
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept = most.saturating_sub(MARK.len());
    text.chars()
        .take(kept)
        .chain(MARK.chars())
        .take(most)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INK: Rgba<u8> = Rgba([0, 0, 0, 255]);

    fn inked(canvas: &RgbaImage) -> Vec<(u32, u32)> {
        canvas
            .enumerate_pixels()
            .filter(|(_, _, pixel)| **pixel == INK)
            .map(|(x, y, _)| (x, y))
            .collect()
    }

    #[test]
    fn long_names_lose_their_end() {
        assert_eq!(shorten("panorama.jpg", 12), "panorama.jpg");
        assert_eq!(shorten("panorama.jpg", 10), "panorama..");
        assert_eq!(shorten("panorama.jpg", 1), ".");
        assert_eq!(shorten("panorama.jpg", 0), "");
    }

    #[test]
    fn text_stands_in_the_middle_and_within_its_width() {
        let mut canvas = RgbaImage::new(100, 20);
        draw(&mut canvas, "HHHHHHHHHHHHHH", 50, 4, 32, INK);
        let inked = inked(&canvas);
        assert!(!inked.is_empty());
        assert!(
            inked
                .iter()
                .all(|(x, y)| (34..66).contains(x) && (4..12).contains(y))
        );
    }

    #[test]
    fn text_at_the_edge_and_in_other_scripts_is_no_trouble() {
        let mut canvas = RgbaImage::new(10, 10);
        draw(&mut canvas, "große 猫", 9, 7, 1000, INK);
        assert!(!inked(&canvas).is_empty());
    }
}
