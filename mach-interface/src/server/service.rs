//! One port and what is behind it.

use std::ffi::CString;

use mach_ports::{Notification, ReceiveRight, ReceivedMessage};

use crate::client::{Asked, Question};
use crate::code::Refusal;
use crate::server::{Failure, Outcome, Request, Subsystem, routine, run};

pub(crate) struct Service {
    pub(super) port: ReceiveRight,
    objects: Vec<Box<dyn Subsystem>>,
    /// Whether it ends when nobody can send any more.
    ends_unused: bool,
}

impl Service {
    pub(crate) fn new(
        port: ReceiveRight,
        objects: Vec<Box<dyn Subsystem>>,
        ends_unused: bool,
    ) -> Self {
        Self {
            port,
            objects,
            ends_unused,
        }
    }

    /// Whether this is the news that nobody can send any more, and that ends the service.
    pub(super) fn is_unused(&self, message: &ReceivedMessage) -> bool {
        let none = || matches!(message.notification(), Some(Notification::NoSenders { .. }));
        self.ends_unused && none()
    }

    pub(crate) fn answer(&self, request: Request) -> Outcome {
        run::answer(request, &self.objects)
    }
}

/// Answers which interface there is at a base.
pub(super) fn tell_schema(request: Request, objects: &[Box<dyn Subsystem>]) -> Outcome {
    routine::<Question, Asked>(request, |(base,), _| {
        let interfaces = objects.iter().map(|object| object.interface());
        let interface = interfaces
            .into_iter()
            .find(|interface| interface.base == base)
            .ok_or(Failure::from(Refusal::BadId))?;
        let name = CString::new(interface.name.clone()).unwrap_or_default();
        Ok((interface.schema_hash(), name))
    })
}
