//! Text from elsewhere, fit for a terminal.

/// `text` in one line, without what a terminal would obey: a file may be called anything.
pub(crate) fn printable(text: &str) -> String {
    let harmless = |character: char| match character {
        control if control.is_control() => ' ',
        other => other,
    };
    text.chars().map(harmless).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_replaced() {
        assert_eq!(printable("a\x1b[31m\nü\u{9b}b\0"), "a [31m ü b ");
    }
}
