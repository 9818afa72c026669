//! This project: the calls themselves, and the safe layer over them.

pub(crate) mod calls;
mod letter;
pub(crate) mod locks;
pub(crate) mod memory;
mod pair;
pub(crate) mod safe;
pub(crate) mod set;
pub(crate) mod typed;

pub(crate) use letter::Letter;
pub(crate) use pair::{Given, Pair, given, pair, pair_by};

use crate::Result;
use crate::harness::peer::Role;

/// Does this role, if it is one of these.
pub(crate) fn serve(role: &Role) -> Option<Result<()>> {
    Some(match role.name.as_str() {
        calls::echo::ECHO => calls::echo::serve(),
        calls::echo::ONCE => calls::echo::serve_once(),
        calls::stream::STREAM => role.number().and_then(calls::stream::serve),
        calls::rights::RIGHTS => calls::rights::serve(),
        calls::hand_over::HAND_OVER => role.number().and_then(calls::hand_over::serve),
        safe::ECHO => safe::serve(),
        safe::ONCE => safe::serve_once(),
        safe::STREAM => role.number().and_then(safe::serve_stream),
        safe::HAND_OVER => safe::serve_hand_over(),
        typed::TYPED => typed::serve(),
        typed::SERVER => typed::serve_by_server(),
        typed::BY_HAND => typed::serve_by_hand(),
        locks::SERVICE => locks::serve(),
        locks::KEEPER => locks::serve_keeper(),
        set::SENDER => role.number().and_then(set::serve),
        _ => return None,
    })
}
