//! Requests, from their bytes to the machine.

mod sessions;
mod volumes;

use std::sync::Arc;

use mach_interface::Deferred;
use mach_ports::{AuditToken, ReturnCode};

use crate::server::replies::Reply;
use crate::server::run::Shared;
use crate::state::{Answer, Caller, ClientId};
use crate::status::Status;

/// `KERN_NO_ACCESS`.
pub(crate) const NO_ACCESS: ReturnCode = ReturnCode::new(8);

/// The object behind the service's ports.
#[derive(Clone)]
pub(in crate::server) struct Front(pub(in crate::server) Arc<Shared>);

fn refuse(reply: Reply, status: Status) -> Deferred {
    reply.answer(Answer::of(status));
    Deferred
}

/// Who asks, where no client is needed.
fn by_token(token: &AuditToken) -> Caller {
    Caller {
        client: ClientId(0),
        pid: token.pid(),
        euid: token.euid(),
    }
}
