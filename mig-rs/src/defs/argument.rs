//! Arguments.

use mach_interface::describe::{Argument, Direction, MemoryWay, Sent, Type};
use mach_ports::Disposition;

use crate::Error;
use crate::defs::parser::Parser;

/// What an argument's first word says.
enum Said {
    Direction(Direction),
    /// It is not on the wire, and not for those who have a library to call `mach_msg`: its options.
    Nothing,
}

fn direction(word: &str) -> Option<Said> {
    Some(Said::Direction(match word {
        "in" => Direction::In,
        "out" => Direction::Out,
        "inout" => Direction::InOut,
        "requestport" => Direction::RequestPort,
        "replyport" | "ureplyport" => Direction::ReplyPort,
        "sreplyport" => Direction::ServerReplyPort,
        "sectoken" | "serversectoken" => Direction::SecurityToken,
        "audittoken" | "serveraudittoken" => Direction::AuditToken,
        "servercontexttoken" => Direction::ContextToken,
        "usersectoken" => Direction::UserSecurityToken,
        "useraudittoken" => Direction::UserAuditToken,
        "msgseqno" => Direction::SequenceNumber,
        "waittime" => Direction::WaitTime,
        "sendtime" => Direction::SendTime,
        "msgoption" => return Some(Said::Nothing),
        _ => return None,
    }))
}

/// What `dealloc` means, alone or where an argument says whether.
const fn by(argument: bool) -> MemoryWay {
    if argument {
        MemoryWay::Either
    } else {
        MemoryWay::Move
    }
}

impl Parser {
    /// The arguments of a routine, the port that requests go to excepted.
    pub(super) fn arguments(&mut self, simple: bool) -> Result<Vec<Argument>, Error> {
        self.expect('(')?;
        let mut arguments = Vec::new();
        let mut is_first = true;
        while !self.sign(')') {
            let argument = self.argument()?;
            self.sign(';');
            let is_request_port = is_first || {
                matches!(&argument, Some(argument) if argument.direction == Direction::RequestPort)
            };
            if is_request_port {
                let is_port = matches!(
                    &argument,
                    Some(argument) if matches!(argument.of, Some(Type::Port { .. }) | None)
                );
                if !is_port {
                    return Err(self.error("the first argument is the port that requests go to"));
                }
                is_first = false;
                continue;
            }
            if let Some(argument) = argument {
                if simple && matches!(argument.direction, Direction::Out | Direction::InOut) {
                    return Err(self.error("a simpleroutine has no results"));
                }
                arguments.push(argument);
            }
        }
        Ok(arguments)
    }

    fn argument(&mut self) -> Result<Option<Argument>, Error> {
        let mut name = self.word()?;
        let said = match direction(&name.to_ascii_lowercase()) {
            // An argument may be called as a direction is.
            Some(said) if self.peek_word().is_some() => {
                name = self.word()?;
                said
            }
            _ => Said::Direction(Direction::In),
        };
        self.expect(':')?;
        let of = self.argument_type()?;
        let of = self.flags(of)?;
        let Said::Direction(direction) = said else {
            return Ok(None);
        };
        if direction == Direction::InOut
            && matches!(
                of,
                Type::ArrayUpTo(..) | Type::Text(_) | Type::PortsUpTo { .. }
            )
        {
            return Err(self.error("an inline array of variable length cannot be inout"));
        }
        let of = match direction {
            Direction::In | Direction::Out | Direction::InOut => Some(of),
            Direction::ReplyPort => self.reply_port(of)?,
            _ => None,
        };
        Ok(Some(Argument::new(&name, direction, of)))
    }

    /// How the right to a reply port is sent, if it is not made as a send-once right.
    fn reply_port(&self, of: Type) -> Result<Option<Type>, Error> {
        match of {
            Type::Port {
                sent: Sent::As(Disposition::MakeSendOnce),
                ..
            } => Ok(None),
            Type::Port {
                sent: Sent::As(disposition),
                ..
            } if disposition != Disposition::MoveReceive => Ok(Some(Type::reply_port(disposition))),
            _ => Err(self.error("this is no way in which a right to reply is sent")),
        }
    }

    /// A type's name, or a declaration on the spot.
    fn argument_type(&mut self) -> Result<Type, Error> {
        let start = self.position();
        if let Ok(name) = self.word()
            && self.sign('=')
        {
            let of = self.specification(&name)?;
            self.types.insert(name, of.clone());
            return Ok(of);
        }
        self.go_back(start);
        let name = self.peek_word().unwrap_or_default();
        self.specification(&name)
    }

    fn flags(&mut self, mut of: Type) -> Result<Type, Error> {
        while self.sign(',') {
            let flag = self.word()?.to_ascii_lowercase();
            let by_argument = self.sign('[');
            if by_argument {
                self.expect(']')?;
            }
            of = match (flag.as_str(), of) {
                (
                    "dealloc",
                    Type::Memory {
                        of, most, fixed, ..
                    },
                ) => Type::Memory {
                    of,
                    most,
                    fixed,
                    way: by(by_argument),
                },
                (
                    "dealloc",
                    Type::OolPorts {
                        sent,
                        nullable,
                        most,
                        fixed,
                        ..
                    },
                ) => Type::OolPorts {
                    sent,
                    nullable,
                    most,
                    fixed,
                    way: by(by_argument),
                },
                (
                    "physicalcopy",
                    Type::Memory {
                        of, most, fixed, ..
                    },
                ) => Type::Memory {
                    of,
                    most,
                    fixed,
                    way: MemoryWay::Physical,
                },
                ("countinout", Type::ArrayUpTo(of, most)) => Type::Counted(of, most),
                ("notdealloc" | "auto" | "const", of) => of,
                _ => return Err(self.error(&format!("the flag {flag} has no counterpart in Rust"))),
            };
        }
        Ok(of)
    }
}
