//! What a process does before it executes its program, in words: they are the arguments of the stub.

use std::ffi::{CStr, CString};

/// A resource's number, its soft and its hard limit.
pub(crate) type Limit = (i32, u64, u64);

/// Nothing is said of it.
const NONE: &str = "-";

/// What a process does of itself before it executes its program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) user: Option<u32>,
    pub(crate) group: Option<u32>,
    pub(crate) umask: Option<u32>,
    /// Those that it is to have.
    pub(crate) limits: Vec<Limit>,
    /// Those that it is to have where what there is is not lower.
    pub(crate) bounds: Vec<Limit>,
    /// What the system's sandbox takes.
    pub(crate) sandbox: Option<CString>,
}

impl Plan {
    /// How many words a plan has.
    pub(crate) const WORDS: usize = 6;

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn words(&self) -> Vec<CString> {
        [
            number(self.user),
            number(self.group),
            number(self.umask),
            limits(&self.limits),
            limits(&self.bounds),
        ]
        .into_iter()
        // Numbers and what is between them have no zero.
        .map(|word| CString::new(word).unwrap_or_default())
        .chain([self.sandbox.clone().unwrap_or_default()])
        .collect()
    }

    /// Of the words that [`words`](Self::words) makes.
    pub(crate) fn read(words: &[&CStr]) -> Option<Self> {
        let [user, group, umask, limits, bounds, sandbox] = words else {
            return None;
        };
        Some(Self {
            user: read_number(user)?,
            group: read_number(group)?,
            umask: read_number(umask)?,
            limits: read_limits(limits)?,
            bounds: read_limits(bounds)?,
            sandbox: (!sandbox.is_empty()).then(|| (*sandbox).to_owned()),
        })
    }
}

fn number(number: Option<u32>) -> String {
    number.map_or_else(|| NONE.to_owned(), |number| number.to_string())
}

fn limits(limits: &[Limit]) -> String {
    let limits: Vec<_> = limits
        .iter()
        .map(|(resource, soft, hard)| format!("{resource}:{soft}:{hard}"))
        .collect();
    limits.join(",")
}

fn read_limits(word: &CStr) -> Option<Vec<Limit>> {
    let limits = word.to_str().ok()?.split_terminator(',');
    limits.map(read_limit).collect()
}

fn read_number(word: &CStr) -> Option<Option<u32>> {
    match word.to_str().ok()? {
        NONE => Some(None),
        number => number.parse().ok().map(Some),
    }
}

fn read_limit(word: &str) -> Option<Limit> {
    let mut fields = word.split(':');
    let limit = (
        fields.next()?.parse().ok()?,
        fields.next()?.parse().ok()?,
        fields.next()?.parse().ok()?,
    );
    fields.next().is_none().then_some(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reread(plan: &Plan) -> Option<Plan> {
        let words = plan.words();
        let words: Vec<_> = words.iter().map(CString::as_c_str).collect();
        assert_eq!(words.len(), Plan::WORDS);
        Plan::read(&words)
    }

    #[test]
    fn what_is_written_is_read() {
        let full = Plan {
            user: Some(u32::MAX),
            group: Some(0),
            umask: Some(0o27),
            limits: vec![(8, 64, u64::MAX), (4, 0, 0)],
            bounds: vec![(0, 1, 2)],
            sandbox: Some(c"(version 1)\n(deny default)".to_owned()),
        };
        assert_eq!(reread(&full), Some(full.clone()));
        assert!(!full.is_empty());
        assert_eq!(reread(&Plan::default()), Some(Plan::default()));
        assert!(Plan::default().is_empty());
    }

    #[test]
    fn nothing_else_is_read() {
        let none = c"-";
        assert!(Plan::read(&[none, none, none, c"", c"", c""]).is_some());
        for words in [
            &[none, none, none, c"", c""][..],
            &[c"", none, none, c"", c"", c""],
            &[c"-1", none, none, c"", c"", c""],
            &[none, none, none, c"1:2", c"", c""],
            &[none, none, none, c"", c"1:2:3:4", c""],
        ] {
            assert_eq!(Plan::read(words), None, "{words:?}");
        }
    }
}
