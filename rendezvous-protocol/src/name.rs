//! Where a rendezvous server is found: its name in the bootstrap namespace.

use std::fmt;

/// The base id of servers and clients that were given none.
///
/// Programs that ship under a bundle id should use theirs, as Chromium does.
pub const DEFAULT_BASE_ID: &str = "org.mach-rendezvous";

/// The bootstrap namespace holds names of at most this many bytes
/// (`BOOTSTRAP_MAX_NAME_LEN` is 128, with C's terminator).
pub const MAX_NAME_LEN: usize = 127;

const INFIX: &str = ".MachPortRendezvousServer.";
/// The decimal digits of the largest process id.
const MAX_PID_DIGITS: usize = 10;
const MAX_BASE_ID_LEN: usize = MAX_NAME_LEN - INFIX.len() - MAX_PID_DIGITS;

/// The first part of a server's name, checked.
///
/// It is checked where it is given, so that a name that no bootstrap namespace
/// can hold is reported to who chose it, and not to a child as "no such server".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BaseId(String);

impl BaseId {
    /// Accepts 1 to 91 printable ASCII characters without `/`.
    ///
    /// # Errors
    /// [`BaseIdError`] says what is wrong with `id`.
    pub fn new(id: impl Into<String>) -> Result<Self, BaseIdError> {
        let id = id.into();
        if id.is_empty() {
            return Err(BaseIdError::Empty);
        }
        if id.len() > MAX_BASE_ID_LEN {
            return Err(BaseIdError::TooLong { len: id.len() });
        }
        // On Linux the namespace is a directory: a slash would leave it.
        match id.chars().find(|c| !c.is_ascii_graphic() || *c == '/') {
            Some(character) => Err(BaseIdError::Character { character }),
            None => Ok(Self(id)),
        }
    }

    /// The name that the server in process `pid` checks in under:
    /// `<base id>.MachPortRendezvousServer.<pid>`, as Chromium's.
    ///
    /// ```
    /// # use rendezvous_protocol::BaseId;
    /// let id = BaseId::new("com.example.Viewer")?;
    /// assert_eq!(id.bootstrap_name(42), "com.example.Viewer.MachPortRendezvousServer.42");
    /// # Ok::<(), rendezvous_protocol::BaseIdError>(())
    /// ```
    #[must_use]
    pub fn bootstrap_name(&self, pid: i32) -> String {
        format!("{}{INFIX}{pid}", self.0)
    }

    /// The id as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for BaseId {
    /// [`DEFAULT_BASE_ID`].
    fn default() -> Self {
        Self(DEFAULT_BASE_ID.to_owned())
    }
}

impl fmt::Display for BaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no base id.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaseIdError {
    /// It has no characters.
    #[error("a base id cannot be empty")]
    Empty,
    /// The name made of it would be longer than [`MAX_NAME_LEN`].
    #[error("a base id of {len} bytes is too long, {MAX_BASE_ID_LEN} fit")]
    TooLong {
        /// Bytes of the refused id.
        len: usize,
    },
    /// It holds a character that not every bootstrap namespace can store.
    #[error("a base id cannot hold {character:?}")]
    Character {
        /// The first such character.
        character: char,
    },
}

mach_ports::debug_with_causes!(BaseIdError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_id_is_valid() {
        assert_eq!(BaseId::new(DEFAULT_BASE_ID), Ok(BaseId::default()));
    }

    #[test]
    fn the_longest_id_makes_the_longest_name() {
        let id = BaseId::new("x".repeat(MAX_BASE_ID_LEN)).unwrap();
        assert_eq!(id.bootstrap_name(i32::MAX).len(), MAX_NAME_LEN);
        let longer = "x".repeat(MAX_BASE_ID_LEN + 1);
        assert_eq!(
            BaseId::new(longer),
            Err(BaseIdError::TooLong {
                len: MAX_BASE_ID_LEN + 1
            })
        );
    }

    #[test]
    fn what_a_namespace_cannot_hold_is_refused() {
        assert_eq!(BaseId::new(""), Err(BaseIdError::Empty));
        for (id, character) in [("a/b", '/'), ("a\0", '\0'), ("a b", ' '), ("ä", 'ä')] {
            assert_eq!(BaseId::new(id), Err(BaseIdError::Character { character }));
        }
    }

    #[test]
    fn what_main_prints() {
        for (id, text) in [
            ("".to_owned(), "a base id cannot be empty"),
            ("x".repeat(92), "a base id of 92 bytes is too long, 91 fit"),
            ("a/b".to_owned(), "a base id cannot hold '/'"),
        ] {
            assert_eq!(format!("{:?}", BaseId::new(id).unwrap_err()), text);
        }
    }
}
