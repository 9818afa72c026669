//! Facts that a text refers to by number.

/// The word for the facts of `docs/mach-semantics.md`.
pub(crate) const MACH: &str = "Mach";

/// Words that say whose fact it is.
const KINDS: [&str; 2] = [MACH, "MIG"];

/// A fact that is referred to.
#[derive(Debug, PartialEq)]
pub(crate) struct Mention {
    /// The line, from 1 on.
    pub(crate) line: usize,
    /// Whose it is, if the word before says that.
    pub(crate) kind: Option<&'static str>,
    pub(crate) number: u32,
}

/// The facts that a text refers to: one behind "fact", a list or a range behind "facts". A reference may go over lines.
pub(crate) fn mentions(text: &str) -> impl Iterator<Item = Mention> {
    let words: Vec<_> = words(text).collect();
    (0..words.len()).flat_map(move |at| {
        let (line, word) = words[at];
        let count = match word.trim_start_matches(is_mark) {
            "fact" | "Fact" => 1,
            "facts" | "Facts" => usize::MAX,
            _ => 0,
        };
        let before = at
            .checked_sub(1)
            .map(|before| words[before].1.trim_matches(is_mark));
        let kind = KINDS.into_iter().find(|kind| before == Some(kind));
        let listed = words[at + 1..].iter().map(|(_, word)| *word);
        let numbers = if count > 0 {
            numbers(listed)
        } else {
            Vec::new()
        };
        let mention = move |number| Mention { line, kind, number };
        numbers.into_iter().take(count).map(mention)
    })
}

fn is_mark(c: char) -> bool {
    !c.is_ascii_alphanumeric()
}

/// Words with their lines, without what makes a line a comment.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().zip(1..).flat_map(|(line, number)| {
        let line = line
            .trim_start()
            .trim_start_matches(['/', '!', '*', '#', '>']);
        line.split_whitespace().map(move |word| (number, word))
    })
}

/// The numbers at the beginning of these words: "25, 26 and 31", "1 to 3", "48-50".
fn numbers<'a>(words: impl Iterator<Item = &'a str>) -> Vec<u32> {
    let mut numbers = Vec::new();
    for word in words {
        if numbers.is_empty() || !["and", "or", "to"].contains(&word) {
            let parts: Result<Vec<u32>, _> = word
                .trim_matches(is_mark)
                .split(['-', '–'])
                .map(str::parse)
                .collect();
            let Ok(parts) = parts else { break };
            numbers.extend(parts);
            // A list goes on behind a comma, or nothing.
            if !word.ends_with(|c: char| c == ',' || c.is_ascii_digit()) {
                break;
            }
        }
    }
    numbers
}

/// The facts that names begin with: `fact_08_…`.
pub(crate) fn names(text: &str) -> impl Iterator<Item = Mention> {
    text.lines().zip(1..).flat_map(|(text, line)| {
        let names = text.split(|c| is_mark(c) && c != '_');
        names.filter_map(move |name| {
            let digits = name.strip_prefix("fact_")?.split('_').next()?;
            let number = digits.parse().ok()?;
            let kind = Some(MACH);
            Some(Mention { line, kind, number })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In pieces, and § stands for it below: this file is read as well.
    const WORD: &str = concat!("fa", "ct");

    fn found(text: &str) -> Vec<Mention> {
        mentions(&text.replace('§', WORD)).collect()
    }

    fn mach(line: usize, number: u32) -> Mention {
        let kind = Some(MACH);
        Mention { line, kind, number }
    }

    #[test]
    fn one_number_a_list_and_a_range() {
        assert_eq!(found("/// See Mach § 39."), [mach(1, 39)]);
        assert_eq!(
            found("(Mach §s 25, 26 and 31): 4"),
            [25, 26, 31].map(|n| mach(1, n))
        );
        assert_eq!(found("Mach §s 1 to 3, names"), [1, 3].map(|n| mach(1, n)));
        assert_eq!(found("Mach §s 48-50"), [48, 50].map(|n| mach(1, n)));
        assert_eq!(found("Mach § 3 and 4 more"), [mach(1, 3)]);
    }

    #[test]
    fn a_reference_goes_over_lines() {
        assert_eq!(
            found("\n// as in Mach\n    // §s 2\n/// and 3"),
            [2, 3].map(|n| mach(3, n))
        );
    }

    #[test]
    fn whose_it_is() {
        let said = |text| {
            found(text)
                .into_iter()
                .map(|mention| mention.kind)
                .collect::<Vec<_>>()
        };
        assert_eq!(said("MIG § 2"), [Some("MIG")]);
        for text in ["§ 7", "(§ 7)", "the §s 7", "Mach's § 7"] {
            assert_eq!(said(text), [None], "{text}");
        }
        assert_eq!(said("in § it is; a matter of §. 7"), []);
    }

    #[test]
    fn names_have_numbers() {
        let text = "§_08_of_names();\nx_§_9_y §_x §_10".replace('§', WORD);
        assert_eq!(names(&text).collect::<Vec<_>>(), [mach(1, 8), mach(2, 10)]);
    }
}
