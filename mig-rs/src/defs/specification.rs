//! What stands behind `type NAME =`.

use mach_interface::describe::{MemoryWay, Sent, Type};

use crate::Error;
use crate::defs::lexer::Token;
use crate::defs::parser::Parser;
use crate::defs::types;

/// How many elements brackets say.
enum Bound {
    Any,
    UpTo(usize),
    Exactly(usize),
}

impl Parser {
    /// A type and what is said of its C types, which is of no interest. A number has the sign that `name` says.
    pub(super) fn specification(&mut self, name: &str) -> Result<Type, Error> {
        let of = self.basic()?;
        while let Some(word) = self.peek_word() {
            match word.as_str() {
                "ctype" | "cusertype" | "cservertype" => {
                    self.advance()?;
                    self.expect(':')?;
                    self.word()?;
                }
                "intran" | "outtran" | "destructor" => {
                    self.advance()?;
                    self.expect(':')?;
                    while !self.sign(')') {
                        self.advance()?;
                    }
                }
                _ => break,
            }
        }
        match (&of, types::number(name)) {
            (Type::Number(_), Some(number)) => Ok(Type::Number(number.into())),
            _ => Ok(of),
        }
    }

    fn basic(&mut self) -> Result<Type, Error> {
        if self.sign('^') {
            let of = self.basic()?;
            return self.out_of_line(of);
        }
        let word = self.word()?;
        match word.to_ascii_lowercase().as_str() {
            "array" => {
                let bound = self.bound()?;
                self.of()?;
                let element = self.basic()?;
                self.array(element, &bound)
            }
            "struct" => {
                let bound = self.bound()?;
                self.of()?;
                let element = self.basic()?;
                match bound {
                    Bound::Exactly(_) => self.array(element, &bound),
                    _ => Err(self.error("a struct has a fixed size")),
                }
            }
            "c_string" => match self.bound()? {
                Bound::UpTo(most) => Ok(Type::Text(most)),
                Bound::Exactly(size) => Ok(Type::FixedText(size)),
                Bound::Any => Err(self.error("a c_string has a bound")),
            },
            _ => self.named(&word),
        }
    }

    /// A type by its name, or MIG's own, maybe with what arrives behind a bar.
    fn named(&mut self, name: &str) -> Result<Type, Error> {
        let of = self
            .types
            .get(name)
            .cloned()
            .or_else(|| types::primitive(name))
            .or_else(|| types::known(name))
            .ok_or_else(|| {
                self.error(&format!(
                    "{name} is not declared here, and no type of mach/std_types.defs"
                ))
            })?;
        if !self.sign('|') {
            return Ok(of);
        }
        let arrives = types::primitive(&self.word()?);
        Ok(match (of, arrives) {
            // The sender says how, and it arrives as this.
            (
                Type::Port {
                    sent: Sent::Polymorphic,
                    ..
                },
                Some(arrives),
            ) => arrives,
            (of, _) => of,
        })
    }

    fn of(&mut self) -> Result<(), Error> {
        match self.peek_word().as_deref() {
            Some("of") => self.advance().map(drop),
            _ => Err(self.error("`of` is missing")),
        }
    }

    fn bound(&mut self) -> Result<Bound, Error> {
        self.expect('[')?;
        if self.sign(']') {
            return Ok(Bound::Any);
        }
        let bound = if self.peek() == Some(&Token::Sign('*')) {
            self.advance()?;
            if self.sign(':') {
                Bound::UpTo(self.size()?)
            } else {
                Bound::Any
            }
        } else {
            Bound::Exactly(self.size()?)
        };
        self.expect(']')?;
        Ok(bound)
    }

    fn array(&self, element: Type, bound: &Bound) -> Result<Type, Error> {
        let is_plain = matches!(
            element,
            Type::Number(_) | Type::Array(..) | Type::Struct(..)
        );
        Ok(match (element, bound) {
            (Type::Port { sent, nullable }, Bound::Exactly(count)) => Type::Ports {
                sent,
                nullable,
                count: *count,
            },
            (Type::Port { sent, nullable }, Bound::UpTo(most)) => Type::PortsUpTo {
                sent,
                nullable,
                most: *most,
            },
            (Type::Port { sent, nullable }, Bound::Any) => Type::OolPorts {
                sent,
                nullable,
                most: None,
                fixed: false,
                way: MemoryWay::Lend,
            },
            (of, Bound::Exactly(count)) if is_plain => Type::Array(Box::new(of), *count),
            (of, Bound::UpTo(most)) if is_plain => Type::ArrayUpTo(Box::new(of), *most),
            // Without a bound it is out of line, with or without a caret.
            (of, Bound::Any) if is_plain => memory(of, None, false),
            _ => return Err(self.error("an array has elements of a fixed size")),
        })
    }

    fn out_of_line(&self, of: Type) -> Result<Type, Error> {
        let ports = |sent, nullable, most, fixed| Type::OolPorts {
            sent,
            nullable,
            most: Some(most),
            fixed,
            way: MemoryWay::Lend,
        };
        Ok(match of {
            Type::Memory { .. } | Type::OolPorts { .. } => of,
            Type::Array(of, count) => memory(*of, Some(count), true),
            Type::ArrayUpTo(of, most) => memory(*of, Some(most), false),
            Type::Number(_) | Type::Struct(..) => memory(of, Some(1), true),
            Type::Ports {
                sent,
                nullable,
                count,
            } => ports(sent, nullable, count, true),
            Type::PortsUpTo {
                sent,
                nullable,
                most,
            } => ports(sent, nullable, most, false),
            _ => return Err(self.error("this cannot be out of line")),
        })
    }
}

fn memory(of: Type, most: Option<usize>, fixed: bool) -> Type {
    Type::Memory {
        of: Box::new(of),
        most,
        fixed,
        way: MemoryWay::Lend,
    }
}
