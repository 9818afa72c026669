//! The text of a `.defs` file.

use std::collections::HashSet;
use std::fmt::Write as _;

use mach_ports::{Disposition, RightKind};

use crate::describe::{Argument, Direction, Interface, MemoryWay, Routine, Sent, Type, names};

/// The type of the port that requests go to.
const REQUEST_PORT: Type = Type::Port {
    sent: Sent::As(Disposition::CopySend),
    nullable: true,
};
/// The type of a reply port.
const REPLY_PORT: Type = Type::Port {
    sent: Sent::As(Disposition::MakeSendOnce),
    nullable: true,
};
const UNSENT: [(Direction, &str, &str, &str); 8] = [
    (
        Direction::AuditToken,
        "ServerAuditToken",
        "audit_token_t",
        "struct[8] of uint32_t",
    ),
    (
        Direction::SecurityToken,
        "ServerSecToken",
        "security_token_t",
        "struct[2] of uint32_t",
    ),
    (
        Direction::UserAuditToken,
        "UserAuditToken",
        "audit_token_t",
        "struct[8] of uint32_t",
    ),
    (
        Direction::UserSecurityToken,
        "UserSecToken",
        "security_token_t",
        "struct[2] of uint32_t",
    ),
    (
        Direction::WaitTime,
        "WaitTime",
        "mach_msg_timeout_t",
        "MACH_MSG_TYPE_INTEGER_32",
    ),
    (
        Direction::SendTime,
        "SendTime",
        "mach_msg_timeout_t",
        "MACH_MSG_TYPE_INTEGER_32",
    ),
    (
        Direction::ContextToken,
        "ServerContextToken",
        "mach_port_context_t",
        "MACH_MSG_TYPE_INTEGER_64",
    ),
    (
        Direction::SequenceNumber,
        "MsgSeqno",
        "mach_port_seqno_t",
        "MACH_MSG_TYPE_INTEGER_32",
    ),
];

impl Interface {
    /// The interface as a `.defs` file for MIG, which needs no other one.
    ///
    /// Values that Rust alone can read stand there as memory, with their rights as arrays behind it. The types' C
    /// declarations are in [`to_c_header`](Self::to_c_header).
    #[must_use]
    pub fn to_defs(&self) -> String {
        let mut text = format!("subsystem {} {};\n\n", self.name, self.base);
        let _ = writeln!(
            text,
            "import <stdint.h>;\nimport \"{}_types.h\";\n",
            self.name
        );
        self.write_types(&mut text);
        let mut limits = (None, None);
        for slot in &self.routines {
            match slot {
                None => text.push_str("\nskip;\n"),
                Some(routine) => {
                    write_limits(routine, &mut limits, &mut text);
                    self.write_routine(routine, &mut text);
                }
            }
        }
        text
    }

    fn write_types(&self, text: &mut String) {
        let word = Type::Number("uint32_t".into());
        let arguments = self
            .routines
            .iter()
            .flatten()
            .flat_map(|routine| &routine.arguments);
        let directions: HashSet<_> = arguments
            .clone()
            .map(|argument| argument.direction)
            .collect();
        let rights: Vec<_> = arguments
            .filter(|argument| matches!(argument.of, Some(Type::Value { rights: true, .. })))
            .flat_map(|_| rights_inside().map(|(_, of)| of))
            .collect();
        let mut all = vec![&REQUEST_PORT];
        if directions.contains(&Direction::ReplyPort)
            || directions.contains(&Direction::ServerReplyPort)
        {
            all.push(&REPLY_PORT);
        }
        let unsent = UNSENT
            .iter()
            .filter(|unsent| directions.contains(&unsent.0));
        if unsent.clone().any(|unsent| unsent.3.ends_with("uint32_t")) {
            all.push(&word);
        }
        all.extend(self.types());
        all.extend(&rights);
        let mut seen = HashSet::new();
        for of in all {
            for named in names::of(&self.name, of) {
                if seen.insert(named.name.clone()) {
                    let _ = writeln!(text, "type {} = {};", named.name, named.spec);
                }
            }
        }
        for (_, _, name, spec) in unsent {
            if seen.insert((*name).to_owned()) {
                let _ = writeln!(text, "type {name} = {spec};");
            }
        }
    }

    fn write_routine(&self, routine: &Routine, text: &mut String) {
        let word = if routine.simple {
            "simpleroutine"
        } else {
            "routine"
        };
        let request_port = routine
            .arguments
            .iter()
            .find(|argument| argument.direction == Direction::RequestPort)
            .map_or_else(
                || unused("server", routine),
                |argument| safe(&argument.name),
            );
        let mut arguments = vec![format!(
            "requestport {request_port} : {}",
            self.type_name(&REQUEST_PORT)
        )];
        for argument in &routine.arguments {
            self.write_argument(argument, &mut arguments);
        }
        let _ = write!(
            text,
            "\n{word} {}(\n\t\t{});\n",
            safe(&routine.name),
            arguments.join(";\n\t\t")
        );
    }

    fn write_argument(&self, argument: &Argument, to: &mut Vec<String>) {
        let name = safe(&argument.name);
        let direction = match argument.direction {
            Direction::In => "in",
            Direction::Out => "out",
            Direction::InOut => "inout",
            Direction::ReplyPort => {
                let of = argument.of.as_ref().unwrap_or(&REPLY_PORT);
                to.push(format!("replyport {name} : {}", self.type_name(of)));
                return;
            }
            Direction::ServerReplyPort => {
                to.push(format!(
                    "sreplyport {name} : {}",
                    self.type_name(&REPLY_PORT)
                ));
                return;
            }
            // It is the first one.
            Direction::RequestPort => return,
            unsent => {
                if let Some((_, word, of, _)) = UNSENT.iter().find(|(of, ..)| *of == unsent) {
                    to.push(format!("{word} {name} : {of}"));
                }
                return;
            }
        };
        let Some(of) = &argument.of else {
            return;
        };
        to.push(format!(
            "{direction} {name} : {}{}",
            self.type_name(of),
            flags(of)
        ));
        if let Type::Value { rights: true, .. } = of {
            for (suffix, of) in rights_inside() {
                to.push(format!(
                    "{direction} {name}_{suffix} : {}",
                    self.type_name(&of)
                ));
            }
        }
    }

    fn type_name(&self, of: &Type) -> String {
        names::of(&self.name, of)
            .pop()
            .map(|named| named.name)
            .unwrap_or_default()
    }
}

/// Words that MIG reads in another way, in whatever letters, and what its stubs call their own; behind them C's.
const RESERVED: &str = "routine simpleroutine subsystem kerneluser kernelserver skip error type array of struct c_string \
    import uimport simport iimport dimport rcsid serverprefix userprefix serverdemux usertypelimit onstacklimit \
    consumeonsenderror usespecialreplyport msgoption msgseqno waittime nowaittime sendtime nosendtime \
    in out inout requestport replyport sreplyport ureplyport userimpl serverimpl intran outtran destructor ctype cusertype \
    cservertype pointerto pointertoifnot valueof sectoken usersectoken serversectoken audittoken useraudittoken \
    serveraudittoken servercontexttoken auto const samecount retcode countinout physicalcopy overwrite dealloc notdealloc \
    polymorphic head ndr msgh_body trailer msg_result msgh_size msgh_size_delta msgh_simple \
    break case char continue default do double else enum extern float for goto if int long register return short \
    signed sizeof static switch typedef union unsigned void volatile while restrict inline";

/// MIG's statements on time hold from where they stand.
fn write_limits(routine: &Routine, limits: &mut (Option<u32>, Option<u32>), text: &mut String) {
    let mut write = |word: &str, now: &mut Option<u32>, wanted: Option<u32>| {
        if *now != wanted {
            let _ = match wanted {
                Some(limit) => write!(text, "\n{word} {limit};\n"),
                None => write!(text, "\nno{word};\n"),
            };
            *now = wanted;
        }
    };
    write("waittime", &mut limits.0, routine.wait_time);
    write("sendtime", &mut limits.1, routine.send_time);
}

/// A name that MIG and C have no other use for.
fn safe(name: &str) -> String {
    let is_reserved = RESERVED
        .split_whitespace()
        .any(|word| word.eq_ignore_ascii_case(name));
    if is_reserved {
        format!("{name}_")
    } else {
        name.to_owned()
    }
}

/// A name that no argument has.
fn unused(name: &str, routine: &Routine) -> String {
    let mut name = name.to_owned();
    while routine
        .arguments
        .iter()
        .any(|argument| safe(&argument.name) == name)
    {
        name.push('_');
    }
    name
}

/// The arrays of rights behind a value.
fn rights_inside() -> impl Iterator<Item = (&'static str, Type)> {
    [
        ("send", RightKind::Send),
        ("send_once", RightKind::SendOnce),
        ("receive", RightKind::Receive),
    ]
    .into_iter()
    .map(|(suffix, kind)| {
        let of = Type::OolPorts {
            sent: Sent::As(Disposition::moving(kind)),
            nullable: true,
            most: None,
            fixed: false,
            way: MemoryWay::Lend,
        };
        (suffix, of)
    })
}

fn flags(of: &Type) -> &'static str {
    match of {
        Type::Memory {
            way: MemoryWay::Move,
            ..
        }
        | Type::OolPorts {
            way: MemoryWay::Move,
            ..
        }
        | Type::Value { inline: None, .. } => ", dealloc",
        Type::Memory {
            way: MemoryWay::Either,
            ..
        }
        | Type::OolPorts {
            way: MemoryWay::Either,
            ..
        } => ", dealloc[]",
        Type::Memory {
            way: MemoryWay::Physical,
            ..
        } => ", physicalcopy",
        Type::Counted(..) => ", CountInOut",
        _ => "",
    }
}
