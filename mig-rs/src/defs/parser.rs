//! Statements.

use std::collections::HashMap;

use mach_interface::describe::{Interface, Routine, Type};

use crate::Error;
use crate::defs::lexer::{self, Token, error};

/// Reads a `.defs` file.
///
/// # Errors
///
/// [`Error::Defs`].
pub fn parse(text: &str) -> Result<Interface, Error> {
    let mut parser = Parser {
        tokens: lexer::tokens(text)?,
        next: 0,
        types: HashMap::new(),
        limits: (None, None),
    };
    parser.file()
}

pub(super) struct Parser {
    tokens: Vec<(Token, usize)>,
    next: usize,
    /// The types that the file has declared.
    pub(super) types: HashMap<String, Type>,
    /// What `waittime` and `sendtime` say of the routines that follow.
    limits: (Option<u32>, Option<u32>),
}

/// Statements that say nothing of the wire; each ends with a semicolon.
const PASSED: [&str; 15] = [
    "import",
    "uimport",
    "simport",
    "dimport",
    "iimport",
    "rcsid",
    "error",
    "serverprefix",
    "userprefix",
    "serverdemux",
    "msgoption",
    "usertypelimit",
    "onstacklimit",
    "consumeonsenderror",
    "usespecialreplyport",
];

impl Parser {
    fn file(&mut self) -> Result<Interface, Error> {
        let (mut head, mut routines) = (None, Vec::new());
        while self.peek().is_some() {
            if self.sign(';') {
                continue;
            }
            let word = self.word()?;
            match word.to_ascii_lowercase().as_str() {
                "subsystem" => head = Some(self.subsystem()?),
                "type" => self.type_declaration()?,
                "skip" => {
                    let count = match self.peek() {
                        Some(Token::Number(_)) => self.number()?,
                        _ => 1,
                    };
                    routines.extend((0..count).map(|_| None));
                    self.expect(';')?;
                }
                "routine" => routines.push(Some(self.routine(false)?)),
                "simpleroutine" => routines.push(Some(self.routine(true)?)),
                "waittime" => self.limits.0 = self.limit()?,
                "nowaittime" => self.limits.0 = None,
                "sendtime" => self.limits.1 = self.limit()?,
                "nosendtime" => self.limits.1 = None,
                passed if PASSED.contains(&passed) => {
                    while !self.sign(';') {
                        self.advance()?;
                    }
                }
                _ => return Err(self.error(&format!("{word} is no statement of a .defs file"))),
            }
        }
        let Some((name, base)) = head else {
            return Err(self.error("there is no `subsystem NAME NUMBER;`"));
        };
        Ok(Interface::new(&name, base, routines))
    }

    fn subsystem(&mut self) -> Result<(String, i32), Error> {
        let mut name = self.word()?;
        while ["kerneluser", "kernelserver"].contains(&name.to_ascii_lowercase().as_str()) {
            name = self.word()?;
        }
        let base =
            i32::try_from(self.number()?).map_err(|_| self.error("the base is too large"))?;
        self.expect(';')?;
        Ok((name, base))
    }

    fn type_declaration(&mut self) -> Result<(), Error> {
        let name = self.word()?;
        self.expect('=')?;
        let of = self.specification(&name)?;
        self.expect(';')?;
        self.types.insert(name, of);
        Ok(())
    }

    fn routine(&mut self, simple: bool) -> Result<Routine, Error> {
        let name = self.word()?;
        let arguments = self.arguments(simple)?;
        self.expect(';')?;
        let mut routine = Routine::new(&name, simple, Vec::new(), Vec::new());
        routine.arguments = arguments;
        Ok(routine.with_limits(self.limits.0, self.limits.1))
    }

    /// A time in milliseconds. What C alone can tell is not known here: for such calls, clients say how long they may take.
    fn limit(&mut self) -> Result<Option<u32>, Error> {
        let limit = match self.advance()? {
            Token::Number(limit) => Some(
                u32::try_from(limit).map_err(|_| self.error("the time has more than 32 bits"))?,
            ),
            _ => None,
        };
        while !self.sign(';') {
            self.advance()?;
        }
        Ok(limit)
    }

    pub(super) const fn position(&self) -> usize {
        self.next
    }

    pub(super) const fn go_back(&mut self, position: usize) {
        self.next = position;
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(token, _)| token)
    }

    pub(super) fn peek_word(&self) -> Option<String> {
        match self.peek() {
            Some(Token::Word(word)) => Some(word.to_ascii_lowercase()),
            _ => None,
        }
    }

    pub(super) fn advance(&mut self) -> Result<Token, Error> {
        let token = self.peek().cloned();
        self.next += 1;
        token.ok_or_else(|| self.error("the file ends within a statement"))
    }

    /// Whether this sign comes next; if so it is passed.
    pub(super) fn sign(&mut self, sign: char) -> bool {
        let is_next = self.peek() == Some(&Token::Sign(sign));
        self.next += usize::from(is_next);
        is_next
    }

    pub(super) fn expect(&mut self, sign: char) -> Result<(), Error> {
        if self.sign(sign) {
            Ok(())
        } else {
            Err(self.error(&format!("{sign:?} is missing")))
        }
    }

    pub(super) fn word(&mut self) -> Result<String, Error> {
        match self.advance()? {
            Token::Word(word) => Ok(word),
            other => Err(self.error(&format!("{other:?} stands where a word should"))),
        }
    }

    fn number(&mut self) -> Result<usize, Error> {
        match self.advance()? {
            Token::Number(number) => Ok(number),
            other => Err(self.error(&format!("{other:?} stands where a number should"))),
        }
    }

    /// A sum of products, as sizes are written.
    pub(super) fn size(&mut self) -> Result<usize, Error> {
        let mut sum = self.product()?;
        loop {
            let result = if self.sign('+') {
                sum.checked_add(self.product()?)
            } else if self.sign('-') {
                sum.checked_sub(self.product()?)
            } else {
                return Ok(sum);
            };
            sum = result.ok_or_else(|| self.error("the size is none"))?;
        }
    }

    fn product(&mut self) -> Result<usize, Error> {
        let mut product = self.factor()?;
        loop {
            let result = if self.sign('*') {
                product.checked_mul(self.factor()?)
            } else if self.sign('/') {
                product.checked_div(self.factor()?)
            } else {
                return Ok(product);
            };
            product = result.ok_or_else(|| self.error("the size is none"))?;
        }
    }

    fn factor(&mut self) -> Result<usize, Error> {
        if self.sign('(') {
            let size = self.size()?;
            self.expect(')')?;
            return Ok(size);
        }
        self.number()
    }

    pub(super) fn error(&self, what: &str) -> Error {
        let at = self
            .next
            .saturating_sub(1)
            .min(self.tokens.len().saturating_sub(1));
        error(self.tokens.get(at).map_or(1, |(_, line)| *line), what)
    }
}
