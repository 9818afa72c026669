//! A mapped region and the state of its pages, as `/proc/self/smaps` tells.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::ops::Range;

use super::maps::{self, Region};
use crate::headers::vm_prot::{VM_PROT_EXECUTE, VM_PROT_READ, VM_PROT_WRITE, vm_prot_t};

/// A region, with bytes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) region: Region,
    pub(crate) present: u64,
    /// Of what is present.
    pub(crate) of_others_too: u64,
    pub(crate) written: u64,
    pub(crate) put_away: u64,
    /// What could be allowed.
    pub(crate) most: vm_prot_t,
    /// Forked children have it.
    pub(crate) inherited: bool,
}

/// The first region that ends above an address.
pub(crate) fn first_above(address: usize) -> io::Result<Option<Told>> {
    let mut told: Option<Told> = None;
    for line in BufReader::new(File::open("/proc/self/smaps")?).lines() {
        let line = line?;
        match (maps::parse(&line), &mut told) {
            (Some(_), Some(_)) => break,
            // What the kernel has there is no memory of the process.
            (Some(region), None) if isize::try_from(region.range.start).is_err() => {}
            (Some(region), None) if region.range.end > address => told = Some(Told::new(region)),
            (None, Some(told)) => told.take(&line),
            _ => {}
        }
    }
    Ok(told)
}

impl Told {
    fn new(region: Region) -> Self {
        Self {
            present: 0,
            of_others_too: 0,
            written: 0,
            put_away: 0,
            most: region.protection,
            inherited: true,
            region,
        }
    }

    /// Cuts it to a range that it overlaps. Of bytes, no more are counted than there are.
    pub(crate) fn cut(&mut self, range: &Range<usize>) {
        self.region = maps::cut(self.region.clone(), range);
        let len = self.region.range.len() as u64;
        for bytes in [
            &mut self.present,
            &mut self.of_others_too,
            &mut self.written,
            &mut self.put_away,
        ] {
            *bytes = len.min(*bytes);
        }
    }

    /// A line: `Name:   4 kB`, or flags of two letters.
    fn take(&mut self, line: &str) {
        let Some((name, value)) = line.split_once(':') else {
            return;
        };
        let mut words = value.split_ascii_whitespace();
        if name == "VmFlags" {
            let flags = words.collect::<Vec<_>>();
            let most = [
                ("mr", VM_PROT_READ),
                ("mw", VM_PROT_WRITE),
                ("me", VM_PROT_EXECUTE),
            ];
            let most = most.into_iter().filter(|(flag, _)| flags.contains(flag));
            self.most = most.fold(0, |all, (_, bit)| all | bit);
            self.inherited = !flags.contains(&"dc");
            return;
        }
        let kilobytes = words.next().and_then(|word| word.parse::<u64>().ok());
        let bytes = kilobytes.map_or(0, |count| count.saturating_mul(1024));
        match name {
            "Rss" => self.present = bytes,
            "Shared_Clean" => self.of_others_too += bytes,
            "Shared_Dirty" => {
                self.of_others_too += bytes;
                self.written += bytes;
            }
            "Private_Dirty" => self.written += bytes,
            "Swap" => self.put_away = bytes,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_understood() {
        let region = maps::parse("1000-3000 rw-s 0 00:01 7 /x").unwrap();
        let mut told = Told::new(region);
        for line in [
            "Rss:                  12 kB",
            "Shared_Clean:          4 kB",
            "Shared_Dirty:          1 kB",
            "Private_Dirty:         2 kB",
            "Swap:                  3 kB",
            "THPeligible:           0",
            "VmFlags: rd wr sh mr me dc",
            "no such line",
        ] {
            told.take(line);
        }
        assert_eq!((told.present, told.of_others_too), (12 << 10, 5 << 10));
        assert_eq!((told.written, told.put_away), (3 << 10, 3 << 10));
        assert_eq!(told.most, VM_PROT_READ | VM_PROT_EXECUTE);
        assert!(!told.inherited);
    }

    #[test]
    fn the_first_above_is_found() {
        let here = 7_u8;
        let at = (&raw const here) as usize;
        let told = first_above(at).unwrap().unwrap();
        assert!(told.region.range.contains(&at) && told.present > 0 && told.inherited);
        assert_eq!(told.most & VM_PROT_WRITE, VM_PROT_WRITE);
        assert_eq!(first_above(usize::MAX).unwrap(), None);
    }
}
