use std::fmt;

/// The longest that is kept. Linkers write 8, 16 or 20 bytes.
const MAX: usize = 64;

/// What the linker has put into an image to tell it from all others: the GNU build id of an ELF file, the UUID of a
/// Mach-O file.
///
/// It is written in hexadecimal, as debuggers and symbol servers have it.
///
/// ```
/// use image_monitor::BuildId;
///
/// let id = BuildId::new(&[0xde, 0xad, 0xbe, 0xef]).ok_or("none")?;
/// assert_eq!(id.to_string(), "deadbeef");
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BuildId(Box<[u8]>);

impl BuildId {
    /// An id of these bytes; `None` if there are none, or too many for an id: more than 64.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        (1..=MAX).contains(&bytes.len()).then(|| Self(bytes.into()))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The first 16 bytes, filled up with zeros: what dyld's messages have room for.
    #[must_use]
    pub fn uuid(&self) -> [u8; 16] {
        let mut uuid = [0; 16];
        for (place, byte) in uuid.iter_mut().zip(&self.0) {
            *place = *byte;
        }
        uuid
    }
}

impl fmt::Display for BuildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in &self.0 {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for BuildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BuildId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_a_length() {
        assert_eq!(BuildId::new(&[]), None);
        assert_eq!(BuildId::new(&[0; 65]), None);
        assert!(BuildId::new(&[0; 64]).is_some());
    }

    #[test]
    fn a_uuid_is_the_beginning_of_a_longer_id() {
        let long: Vec<u8> = (1..=20).collect();
        assert_eq!(BuildId::new(&long).unwrap().uuid()[..], long[..16]);
        let mut short = [0; 16];
        short[..2].copy_from_slice(&[7, 8]);
        assert_eq!(BuildId::new(&[7, 8]).unwrap().uuid(), short);
    }
}
