//! The child's variables.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::SettingError;

/// Changes to the variables that a child inherits, in the order they were asked
/// for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes {
    clear: bool,
    variables: BTreeMap<OsString, Option<OsString>>,
}

impl Changes {
    pub(crate) fn set(&mut self, name: &OsStr, value: &OsStr) {
        self.variables
            .insert(name.to_owned(), Some(value.to_owned()));
    }

    /// What the child will have for a variable, as things are.
    #[cfg(any(feature = "image-monitor", test))]
    pub(crate) fn value(&self, name: &str) -> Option<OsString> {
        match self.variables.get(OsStr::new(name)) {
            Some(change) => change.clone(),
            None if self.clear => None,
            None => std::env::var_os(name),
        }
    }

    pub(crate) fn remove(&mut self, name: &OsStr) {
        self.variables.insert(name.to_owned(), None);
    }

    pub(crate) fn clear(&mut self) {
        self.clear = true;
        self.variables.clear();
    }

    /// The child's variables as `NAME=value`: those that stay as they are, then those that were set.
    pub(crate) fn apply(
        self,
        inherited: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Vec<OsString>, SettingError> {
        let Self { clear, variables } = self;
        let is_name = |name: &OsStr| !name.is_empty() && !name.as_bytes().contains(&b'=');
        if let Some(name) = variables.keys().find(|name| !is_name(name)) {
            return Err(SettingError::VariableName { name: name.clone() });
        }
        let stays = |(name, _): &(OsString, OsString)| !variables.contains_key(name);
        let inherited = (!clear).then_some(inherited).into_iter().flatten();
        let mut all: Vec<_> = inherited
            .filter(stays)
            .map(|(name, value)| assignment(name, &value))
            .collect();
        let set = variables.into_iter();
        all.extend(set.filter_map(|(name, value)| Some(assignment(name, &value?))));
        Ok(all)
    }
}

fn assignment(name: OsString, value: &OsStr) -> OsString {
    let mut bytes = name.into_vec();
    // C's terminator included, which comes behind.
    bytes.reserve_exact(value.len() + 2);
    bytes.push(b'=');
    bytes.extend_from_slice(value.as_bytes());
    OsString::from_vec(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(changes: Changes) -> Result<Vec<OsString>, SettingError> {
        let inherited = [("HOME", "/"), ("PATH", "/bin")];
        changes.apply(
            inherited
                .map(|(name, value)| (name.into(), value.into()))
                .into_iter(),
        )
    }

    #[test]
    fn variables_are_inherited_set_and_removed() {
        let mut changes = Changes::default();
        changes.set("PATH".as_ref(), "/usr/bin".as_ref());
        changes.set("A".as_ref(), "b=c".as_ref());
        changes.remove("HOME".as_ref());
        changes.remove("NONE".as_ref());
        assert_eq!(apply(changes).unwrap(), ["A=b=c", "PATH=/usr/bin"]);
        let mut changes = Changes::default();
        changes.set("A".as_ref(), "1".as_ref());
        assert_eq!(apply(changes).unwrap(), ["HOME=/", "PATH=/bin", "A=1"]);
    }

    #[test]
    fn a_value_is_what_the_child_will_have() {
        let mut changes = Changes::default();
        assert_eq!(changes.value("PATH"), std::env::var_os("PATH"));
        changes.set("PATH".as_ref(), "/usr/bin".as_ref());
        assert_eq!(changes.value("PATH"), Some("/usr/bin".into()));
        changes.remove("PATH".as_ref());
        assert_eq!(changes.value("PATH"), None);
        changes.clear();
        assert_eq!(changes.value("PATH"), None);
    }

    #[test]
    fn clear_forgets_what_was_before() {
        let mut changes = Changes::default();
        changes.set("A".as_ref(), "1".as_ref());
        changes.clear();
        changes.set("B".as_ref(), "2".as_ref());
        assert_eq!(apply(changes).unwrap(), ["B=2"]);
    }

    #[test]
    fn what_cannot_be_a_name_is_refused() {
        for name in ["", "A=B", "="] {
            let mut changes = Changes::default();
            changes.set(name.as_ref(), "x".as_ref());
            assert_eq!(
                apply(changes),
                Err(SettingError::VariableName { name: name.into() })
            );
        }
    }
}
