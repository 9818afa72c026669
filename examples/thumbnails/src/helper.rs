//! The helper: makes thumbnails until the parent is gone.

use std::process;
use std::sync::mpsc::{self, Sender};
use std::thread;

use mach_interface::server::serve_while_used;
use mach_interface::{Deferred, DeferredReply};
use mach_ports::{Error, OolMemory};
use rendezvous_client::{ConnectError, RendezvousClient, TakeError};

use crate::causes::with_causes;
use crate::fault::Fault;
use crate::protocol::{self, Thumbnails, ThumbnailsServer, Verdict, WORK};
use crate::render::render;

/// Why a helper cannot work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HelperError {
    /// There is no parent to take ports from.
    #[error("no rendezvous with the parent")]
    Rendezvous(#[from] &'static ConnectError),
    /// The parent has registered something else.
    #[error(transparent)]
    Take(#[from] TakeError),
    /// The parent has registered nothing.
    #[error("the parent left no ports: helpers are started by the program itself")]
    NoPorts,
    /// The kernel refused.
    #[error(transparent)]
    Port(#[from] Error),
}

/// One image, and where its thumbnail is to go.
struct Job {
    file: OolMemory,
    edge: u32,
    fault: u32,
    reply: DeferredReply<(Verdict, OolMemory)>,
}

/// Passes the work on.
struct Desk(Sender<Job>);

impl Thumbnails for Desk {
    fn make(
        &self,
        file: OolMemory,
        edge: u32,
        fault: u32,
        reply: DeferredReply<(Verdict, OolMemory)>,
    ) -> Deferred {
        // Where nobody works any more the job is dropped, and the parent learns that.
        let _ = self.0.send(Job {
            file,
            edge,
            fault,
            reply,
        });
        Deferred
    }
}

/// Works until the parent is gone, which ends the process.
pub(crate) fn serve() -> Result<(), HelperError> {
    let client = RendezvousClient::instance()?;
    let work = client.take_receive(WORK)?.ok_or(HelperError::NoPorts)?;

    // Images are decoded on this thread, so that a decoder that panics ends the process as any crash does. The
    // port is listened to on another, so that the parent's end is noticed even while a decoder hangs.
    let (sender, jobs) = mpsc::channel();
    thread::spawn(move || {
        let desk = ThumbnailsServer::new(Desk(sender));
        if let Err(error) = serve_while_used(work, vec![Box::new(desk)]) {
            eprintln!("thumbnails helper: {}", with_causes(&error));
            process::exit(1);
        }
        process::exit(0);
    });
    for job in jobs {
        if let Some(fault) = Fault::from_wire(job.fault) {
            fault.strike();
        }
        let answer = render(&job.file, job.edge).map_err(|error| error.to_string());
        job.reply.reply(protocol::write_answer(answer)?);
    }
    Ok(())
}
