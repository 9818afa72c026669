//! The helper: makes thumbnails until the parent has no more use for it.

use helper_pool::ServeError;
use mach_ports::{OolMemory, ReturnCode};

use crate::fault::Fault;
use crate::protocol::{self, Thumbnails, ThumbnailsServer, Verdict};
use crate::render::render;

struct Maker;

impl Thumbnails for Maker {
    fn make(
        &self,
        file: OolMemory,
        edge: u32,
        fault: u32,
    ) -> Result<(Verdict, OolMemory), ReturnCode> {
        if let Some(fault) = Fault::from_wire(fault) {
            fault.strike();
        }
        let answer = render(&file, edge).map_err(|error| error.to_string());
        protocol::write_answer(answer).map_err(|error| error.code())
    }
}

/// Works until the parent lets go of this process, or is gone.
pub(crate) fn serve() -> Result<(), ServeError> {
    helper_pool::serve(ThumbnailsServer::new(Maker))
}
