//! Words and signs of a `.defs` file.

use crate::Error;

/// A word or a sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    Number(usize),
    Sign(char),
    /// A file in quotes or angle brackets, or another string.
    File(String),
}

/// The tokens, each with its line. Comments and lines for the C preprocessor are passed: includes bring types that are
/// known here.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, usize)>, Error> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    let mut line = 1;
    let mut at_start = true;
    while let Some(letter) = letters.next() {
        match letter {
            '\n' => {
                line += 1;
                at_start = true;
                continue;
            }
            letter if letter.is_whitespace() => continue,
            '#' if at_start => {
                let rest: String = take_while(&mut letters, |letter| letter != '\n');
                check_directive(rest.trim(), line)?;
            }
            '/' if letters.peek() == Some(&'/') => {
                take_while(&mut letters, |letter| letter != '\n');
            }
            '/' if letters.peek() == Some(&'*') => {
                letters.next();
                let mut last = ' ';
                loop {
                    match letters.next() {
                        Some('/') if last == '*' => break,
                        Some(letter) => {
                            line += usize::from(letter == '\n');
                            last = letter;
                        }
                        None => return Err(error(line, "a comment does not end")),
                    }
                }
            }
            '"' => {
                let file = take_while(&mut letters, |letter| letter != '"' && letter != '\n');
                letters.next();
                tokens.push((Token::File(file), line));
            }
            '<' => {
                let file = take_while(&mut letters, |letter| letter != '>' && letter != '\n');
                letters.next();
                tokens.push((Token::File(file), line));
            }
            letter if letter.is_ascii_digit() => {
                let mut digits = String::from(letter);
                digits += &take_while(&mut letters, |letter| letter.is_ascii_digit());
                let number = digits
                    .parse()
                    .map_err(|_| error(line, "the number is too large"))?;
                tokens.push((Token::Number(number), line));
            }
            letter if is_word(letter) => {
                let mut word = String::from(letter);
                word += &take_while(&mut letters, is_word);
                tokens.push((Token::Word(word), line));
            }
            sign if ":;,+-*/()=^~[]|{}".contains(sign) => tokens.push((Token::Sign(sign), line)),
            other => {
                return Err(error(
                    line,
                    &format!("there is no {other:?} in a .defs file"),
                ));
            }
        }
        at_start = false;
    }
    Ok(tokens)
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "_.$".contains(letter)
}

fn take_while(
    letters: &mut std::iter::Peekable<std::str::Chars<'_>>,
    wanted: impl Fn(char) -> bool,
) -> String {
    let mut taken = String::new();
    while let Some(letter) = letters.next_if(|letter| wanted(*letter)) {
        taken.push(letter);
    }
    taken
}

/// What is conditional cannot be decided here.
fn check_directive(directive: &str, line: usize) -> Result<(), Error> {
    let word = directive.split_whitespace().next().unwrap_or_default();
    if ["include", "import", "pragma"].contains(&word) || word.parse::<usize>().is_ok() {
        Ok(())
    } else {
        Err(error(
            line,
            &format!("#{word} is the C preprocessor's: run the file through `cpp -P` first"),
        ))
    }
}

pub(super) fn error(line: usize, what: &str) -> Error {
    Error::Defs {
        line,
        what: what.to_owned(),
    }
}
