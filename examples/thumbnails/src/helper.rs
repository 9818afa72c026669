//! The helper: takes work from one port, sends answers to the other, until the parent is gone.

use std::process;
use std::sync::mpsc::{self, Sender};
use std::thread;

use mach_ports::{
    Error, Message, Notification, ReceiveOptions, ReceiveRight, ReceivedMessage, SendError,
    SendOptions,
};
use rendezvous_client::{ConnectError, RendezvousClient, TakeError};
use zerocopy::{FromBytes, IntoBytes};

use crate::causes::with_causes;
use crate::fault::Fault;
use crate::protocol::{self, ANSWER_ID, ANSWERS, Answer, WORK, WORK_ID, WorkHeader};
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
    /// The parent takes no answers.
    #[error("cannot answer")]
    Answer(#[from] SendError),
}

/// Works until the parent is gone, which ends the process.
pub(crate) fn serve() -> Result<(), HelperError> {
    let client = RendezvousClient::instance()?;
    let work = client.take_receive(WORK)?.ok_or(HelperError::NoPorts)?;
    let answers = client.take_send(ANSWERS)?.ok_or(HelperError::NoPorts)?;
    // The parent has the only send right: when it dies, the port says so.
    work.request_no_senders(work.make_send_once()?, 0)?;

    // Images are decoded on this thread, so that a decoder that panics ends the process as any crash does. The
    // port is listened to on another, so that the parent's end is noticed even while a decoder hangs.
    let (sender, messages) = mpsc::channel();
    thread::spawn(move || listen(&work, &sender));
    for message in messages {
        let (header, memory) = protocol::write_answer(make(message));
        Message::new(ANSWER_ID)
            .out_of_line(memory)
            .bytes(header.as_bytes())
            .send(&answers, &SendOptions::new())?;
    }
    Ok(())
}

/// Passes the work on. Returns only if the other thread is gone.
fn listen(work: &ReceiveRight, messages: &Sender<ReceivedMessage>) {
    loop {
        match work.receive(&ReceiveOptions::new()) {
            Ok(message)
                if matches!(message.notification(), Some(Notification::NoSenders { .. })) =>
            {
                process::exit(0)
            }
            Ok(message) => {
                if messages.send(message).is_err() {
                    return;
                }
            }
            Err(error) => {
                eprintln!("thumbnails helper: {}", with_causes(&error));
                process::exit(1);
            }
        }
    }
}

fn make(mut message: ReceivedMessage) -> Answer {
    let memory = message.take_memory(0);
    let header = WorkHeader::read_from_prefix(message.body());
    let (WORK_ID, Ok((header, _)), Some(file)) = (message.id(), header, memory) else {
        return Err("the helper was sent something else than work".to_owned());
    };
    if let Some(fault) = Fault::from_wire(header.fault) {
        fault.strike();
    }
    render(&file, header.edge).map_err(|error| error.to_string())
}
