//! The contact sheet: all thumbnails on one picture, each above its name.

use image::imageops::{self, FilterType};
use image::{Rgba, RgbaImage};

use crate::label;
use crate::render::fit;

/// Pixels between a thumbnail and the edge of its cell.
const MARGIN: u32 = 8;
/// Pixels below a thumbnail for its name.
const CAPTION: u32 = label::CHARACTER + MARGIN;
/// The most pixels of a sheet: with many images each is shown smaller.
const MOST_PIXELS: u32 = 64_000_000;

const PAPER: Rgba<u8> = Rgba([246, 244, 240, 255]);
const INK: Rgba<u8> = Rgba([60, 60, 70, 255]);
const MISSING: Rgba<u8> = Rgba([190, 50, 50, 255]);

/// A sheet with a cell for each image.
#[derive(Debug)]
pub(crate) struct Sheet {
    canvas: RgbaImage,
    columns: u32,
    edge: u32,
}

impl Sheet {
    /// A sheet for `count` thumbnails of at most `edge` pixels a side.
    pub(crate) fn new(count: usize, edge: u32) -> Self {
        let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
        let columns = (count - 1).isqrt() + 1;
        let rows = count.div_ceil(columns);
        let edge = shown_edge(count, edge);
        let canvas =
            RgbaImage::from_pixel(columns * cell_width(edge), rows * cell_height(edge), PAPER);
        Self {
            canvas,
            columns,
            edge,
        }
    }

    /// Puts a thumbnail into the cell of image `index`, in the middle of it.
    pub(crate) fn place(&mut self, index: usize, thumbnail: &RgbaImage, name: &str) {
        let size = fit(thumbnail.dimensions(), self.edge);
        let (left, top) = self.cell(index);
        let x = left + MARGIN + (self.edge - size.0) / 2;
        let y = top + MARGIN + (self.edge - size.1) / 2;
        if size == thumbnail.dimensions() {
            imageops::overlay(&mut self.canvas, thumbnail, x.into(), y.into());
        } else {
            let smaller = imageops::resize(thumbnail, size.0, size.1, FilterType::Triangle);
            imageops::overlay(&mut self.canvas, &smaller, x.into(), y.into());
        }
        self.caption(left, top, name, INK);
    }

    /// Marks the cell of image `index` as that of an image without a thumbnail.
    pub(crate) fn cross_out(&mut self, index: usize, name: &str) {
        let (left, top) = self.cell(index);
        for step in 0..self.edge {
            for x in [step, self.edge - 1 - step] {
                if let Some(pixel) = self
                    .canvas
                    .get_pixel_mut_checked(left + MARGIN + x, top + MARGIN + step)
                {
                    *pixel = MISSING;
                }
            }
        }
        self.caption(left, top, name, MISSING);
    }

    /// The finished picture.
    pub(crate) fn picture(&self) -> &RgbaImage {
        &self.canvas
    }

    /// The upper left corner of a cell.
    fn cell(&self, index: usize) -> (u32, u32) {
        let index = u32::try_from(index).unwrap_or(0);
        (
            index % self.columns * cell_width(self.edge),
            index / self.columns * cell_height(self.edge),
        )
    }

    fn caption(&mut self, left: u32, top: u32, name: &str, color: Rgba<u8>) {
        let center = left + cell_width(self.edge) / 2;
        let line = top + MARGIN + self.edge + MARGIN / 2;
        label::draw(
            &mut self.canvas,
            name,
            center,
            line,
            cell_width(self.edge),
            color,
        );
    }
}

/// The longest side that `count` pictures can have on one sheet, at most `edge` and at least one pixel.
fn shown_edge(count: u32, edge: u32) -> u32 {
    // A cell is no larger than the square of the mean of its sides.
    let mean_side = (MOST_PIXELS / count).isqrt();
    edge.min(mean_side.saturating_sub(2 * MARGIN + CAPTION / 2))
        .max(1)
}

fn cell_width(edge: u32) -> u32 {
    edge + 2 * MARGIN
}

fn cell_height(edge: u32) -> u32 {
    edge + 2 * MARGIN + CAPTION
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sheet_is_nearly_square() {
        for (count, columns, rows) in [
            (0, 1, 1),
            (1, 1, 1),
            (2, 2, 1),
            (4, 2, 2),
            (5, 3, 2),
            (14, 4, 4),
            (17, 5, 4),
        ] {
            let sheet = Sheet::new(count, 32);
            let expected = (columns * cell_width(32), rows * cell_height(32));
            assert_eq!(sheet.picture().dimensions(), expected, "{count} images");
        }
    }

    #[test]
    fn thumbnails_stand_in_their_cells() {
        let mut sheet = Sheet::new(4, 32);
        let red = Rgba([255, 0, 0, 255]);
        sheet.place(3, &RgbaImage::from_pixel(32, 16, red), "");
        let found: Vec<_> = sheet
            .picture()
            .enumerate_pixels()
            .filter(|(_, _, pixel)| **pixel == red)
            .collect();
        assert_eq!(found.len(), 32 * 16);
        let (left, top) = sheet.cell(3);
        assert_eq!((found[0].0, found[0].1), (left + MARGIN, top + MARGIN + 8));
    }

    #[test]
    fn what_is_transparent_shows_the_paper() {
        let mut sheet = Sheet::new(1, 32);
        sheet.place(0, &RgbaImage::new(32, 32), "");
        assert!(sheet.picture().pixels().all(|pixel| *pixel == PAPER));
    }

    #[test]
    fn many_images_are_shown_smaller() {
        assert_eq!(shown_edge(16, 256), 256);
        for count in [100, 1_000, 100_000] {
            let edge = shown_edge(count, 4096);
            assert!((1..1000).contains(&edge), "{count} images: {edge}");
            assert!(
                cell_width(edge) * cell_height(edge) * count <= MOST_PIXELS,
                "{count} images"
            );
        }
        assert_eq!(shown_edge(u32::MAX, 4096), 1);

        let mut sheet = Sheet::new(2, 32);
        sheet.place(0, &RgbaImage::from_pixel(200, 100, INK), "");
        let found: Vec<_> = sheet
            .picture()
            .enumerate_pixels()
            .filter(|(_, _, pixel)| **pixel == INK)
            .collect();
        assert_eq!(found.len(), 32 * 16);
    }

    #[test]
    fn missing_thumbnails_are_crossed_out() {
        let mut sheet = Sheet::new(1, 32);
        sheet.cross_out(0, "lost");
        assert_eq!(*sheet.picture().get_pixel(MARGIN, MARGIN), MISSING);
        assert_eq!(*sheet.picture().get_pixel(MARGIN + 31, MARGIN), MISSING);
    }
}
