//! Errors with everything that is behind them, in one line.

use std::error::Error;

/// What `error` says, and after it each cause that says something new.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        // Some libraries' errors repeat their causes.
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[derive(Debug, thiserror::Error)]
    enum Example {
        #[error("no thumbnail")]
        Outer(#[source] Box<Example>),
        #[error("cannot write: {0}")]
        Inner(#[source] io::Error),
    }

    #[test]
    fn every_cause_is_told_once() {
        let inner = Example::Inner(io::Error::other("disk full"));
        assert_eq!(
            with_causes(&Example::Outer(Box::new(inner))),
            "no thumbnail: cannot write: disk full"
        );
    }
}
