//! Which of this task's memory can leave without being copied: regions that are mapped from files of their own.

use std::collections::BTreeMap;
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use crate::sys::maps::Region;
use crate::sys::memory::FileId;

/// The file that a region was allocated with.
#[derive(Debug)]
pub(crate) struct MovableFile {
    pub(crate) fd: OwnedFd,
    pub(crate) id: FileId,
    /// In bytes, which are whole pages.
    pub(crate) size: usize,
}

/// A region, or what is left of one.
#[derive(Clone, Debug)]
pub(crate) struct Movable {
    pub(crate) range: Range<usize>,
    pub(crate) file: Arc<MovableFile>,
    /// Where the range begins in the file.
    pub(crate) offset: u64,
    /// Forked children have a copy, and not nothing.
    pub(crate) inherited: bool,
}

impl Movable {
    fn part(&self, range: Range<usize>) -> Self {
        Self {
            offset: self.offset + (range.start - self.range.start) as u64,
            range,
            file: Arc::clone(&self.file),
            ..*self
        }
    }
}

/// The regions, by the address at which each begins. None overlaps another.
#[derive(Debug, Default)]
pub(crate) struct MovableRegions {
    all: BTreeMap<usize, Movable>,
    /// How many bytes they have together.
    bytes: usize,
}

impl MovableRegions {
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// How many bytes all of them have.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// A new region is mapped at a place where there is none.
    pub(crate) fn add(&mut self, region: Movable) {
        self.bytes += region.range.len();
        self.all.insert(region.range.start, region);
    }

    /// The region that a range is, with all of its file.
    pub(crate) fn whole(&self, range: &Range<usize>) -> Option<&Movable> {
        let region = self.all.get(&range.start)?;
        let all = region.offset == 0 && region.range.len() == region.file.size;
        (all && region.range == *range && Arc::strong_count(&region.file) == 1).then_some(region)
    }

    /// The part of a region that a range is.
    pub(crate) fn part(&self, range: &Range<usize>) -> Option<Movable> {
        let (_, region) = self.all.range(..=range.start).next_back()?;
        (range.end <= region.range.end).then(|| region.part(range.clone()))
    }

    /// The region that shows a file at an address.
    pub(crate) fn showing(&self, file: FileId, address: usize) -> Option<&Movable> {
        let (_, region) = self.all.range(..=address).next_back()?;
        (address < region.range.end && region.file.id == file).then_some(region)
    }

    /// What overlaps a range, from the last to the first.
    fn overlapping(&self, range: &Range<usize>) -> impl Iterator<Item = &Movable> {
        let before_end = self.all.range(..range.end).rev();
        before_end
            .map(|(_, region)| region)
            .take_while(|region| region.range.end > range.start)
    }

    /// Takes what overlaps a range out of the table, cut to it.
    pub(crate) fn remove(&mut self, gone: &Range<usize>) -> Vec<Movable> {
        let touched: Vec<usize> = self
            .overlapping(gone)
            .map(|region| region.range.start)
            .collect();
        let mut removed = Vec::with_capacity(touched.len());
        for at in touched {
            let Some(region) = self.all.remove(&at) else {
                continue;
            };
            self.bytes -= region.range.len();
            let Range { start, end } = region.range;
            for rest in [start..gone.start, gone.end..end] {
                if !rest.is_empty() {
                    self.add(region.part(rest));
                }
            }
            removed.push(region.part(start.max(gone.start)..end.min(gone.end)));
        }
        removed
    }

    /// Says whether forked children have a copy of what overlaps a range.
    pub(crate) fn give_children(&mut self, range: &Range<usize>, given: bool) {
        for part in self.remove(range) {
            self.add(Movable {
                inherited: given,
                ..part
            });
        }
    }

    /// Forgets what is no longer mapped as it was, by a list of all that is.
    pub(crate) fn keep_mapped(&mut self, all: &[Region]) {
        let before = std::mem::take(self);
        for region in all.iter().filter(|region| region.shared) {
            let known: Vec<_> = before.overlapping(&region.range).collect();
            for known in known.into_iter().rev() {
                self.keep_part(known, region);
            }
        }
    }

    /// Keeps of what was known what a mapping shows.
    fn keep_part(&mut self, known: &Movable, mapped: &Region) {
        let start = mapped.range.start.max(known.range.start);
        let part = known.part(start..mapped.range.end.min(known.range.end));
        let shown = mapped.offset + (start - mapped.range.start) as u64;
        if mapped.file != known.file.id || shown != part.offset {
            return;
        }
        // A region of which parts allow different things is mapped in parts, and still one.
        match self.all.last_entry() {
            Some(mut last)
                if last.get().range.end == start && last.get().range.start >= known.range.start =>
            {
                last.get_mut().range.end = part.range.end;
                self.bytes += part.range.len();
            }
            _ => self.add(part),
        }
    }

    /// All regions.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Movable> {
        self.all.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::movable;

    fn region(start: usize, size: usize) -> Movable {
        let fd = movable::file(size).unwrap();
        let id = FileId::of(&fd).unwrap();
        Movable {
            range: start..start + size,
            file: Arc::new(MovableFile { fd, id, size }),
            offset: 0,
            inherited: true,
        }
    }

    fn with(regions: impl IntoIterator<Item = Movable>) -> MovableRegions {
        let mut all = MovableRegions::default();
        regions.into_iter().for_each(|region| all.add(region));
        all
    }

    fn ranges(regions: &MovableRegions) -> Vec<(Range<usize>, u64)> {
        let each = regions.iter();
        each.map(|region| (region.range.clone(), region.offset))
            .collect()
    }

    #[test]
    fn only_all_of_a_region_is_whole() {
        let mut all = with([region(100, 50)]);
        assert!(all.whole(&(100..150)).is_some());
        assert!(all.whole(&(100..149)).is_none() && all.whole(&(101..150)).is_none());
        assert_eq!(all.part(&(110..120)).map(|part| part.offset), Some(10));
        assert!(all.part(&(110..151)).is_none() && all.part(&(99..110)).is_none());
        all.remove(&(140..150));
        assert!(all.whole(&(100..140)).is_none(), "the file has more");
    }

    #[test]
    fn a_range_is_cut_out_of_all_that_it_touches() {
        let mut all = with([region(100, 50), region(150, 50), region(300, 50)]);
        let mut removed = all.remove(&(120..180));
        removed.sort_by_key(|part| part.range.start);
        let removed = with(removed);
        assert_eq!(ranges(&removed), [(120..150, 20), (150..180, 0)]);
        assert_eq!(ranges(&all), [(100..120, 0), (180..200, 30), (300..350, 0)]);
        assert_eq!(all.remove(&(310..320)).len(), 1);
        assert_eq!((all.len(), all.bytes()), (4, 80));
        assert!(all.remove(&(0..100)).is_empty() && all.remove(&(350..400)).is_empty());
    }

    #[test]
    fn what_children_get_is_said_of_parts() {
        let mut all = with([region(100, 50)]);
        all.give_children(&(110..120), false);
        let inherited: Vec<_> = all.iter().map(|part| part.inherited).collect();
        assert_eq!(inherited, [true, false, true]);
    }

    #[test]
    fn what_the_program_has_unmapped_is_forgotten() {
        let (one, two, gone) = (region(100, 50), region(150, 50), region(300, 50));
        let shown = |of: &Movable, range: Range<usize>, offset| Region {
            range,
            protection: 1,
            shared: true,
            file: of.file.id,
            offset,
            vital: false,
        };
        let mut copy = shown(&gone, 300..350, 0);
        copy.shared = false;
        let mapped = [
            // In two parts, of which nothing is missing.
            shown(&one, 100..120, 0),
            shown(&one, 120..150, 20),
            shown(&two, 170..190, 20),
            shown(&two, 190..200, 0),
            copy,
        ];
        let mut all = with([one, two, gone]);
        all.keep_mapped(&mapped);
        assert_eq!(ranges(&all), [(100..150, 0), (170..190, 20)]);
        assert_eq!(all.bytes(), 70);
        assert!(all.whole(&(100..150)).is_some());
    }

    #[test]
    fn what_is_mapped_in_one_piece_may_be_known_in_several() {
        let one = region(100, 50);
        let mapped = [Region {
            range: 100..150,
            protection: 1,
            shared: true,
            file: one.file.id,
            offset: 0,
            vital: false,
        }];
        let mut all = with([one]);
        all.give_children(&(110..120), false);
        let before = ranges(&all);
        all.keep_mapped(&mapped);
        assert_eq!(ranges(&all), before);
    }
}
