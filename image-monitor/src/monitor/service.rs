//! What a monitor does with what comes to its port.

use std::sync::Arc;
use std::time::{Duration, Instant};

use image_protocol::{Event as Told, Images, decode};
use mach_ports::dispatch::ExitEvent;
use mach_ports::{
    AuditToken, Message, Notification, ReceiveOptions, ReceiveRight, ReceivedMessage, ReplyRight,
    SendError, SendOnceRight, SendOptions,
};

use crate::image::Image;
use crate::monitor::Shared;
use crate::monitor::progress::{Heard, MonitorState};
use crate::target::{Seat, Target};
use crate::{Event, ExitCause, Notice};

/// By which the exit is put behind everything that the process said before. Only this process can send it.
const EXITED: i32 = 0x7fff_0001;

/// How long a process whose agent has gone silent may take to exit: it closes its descriptors before that.
const EXITING: Duration = Duration::from_millis(100);

/// What may still be in a port when its process has exited: what others send there does not keep the exit from being told.
const MAX_LEFT: usize = 256;

const LARGEST: usize = 64 * 1024;

/// A monitor at work. It goes with the source.
pub(super) struct Service {
    pub(super) shared: Arc<Shared>,
    pub(super) exit: ExitEvent,
    pub(super) target: Target,
    /// The place goes free when the last handler has returned.
    pub(super) _seat: Seat,
}

/// Has the port told of the exit, behind what is in it.
pub(super) fn announce_exit(exit: &ExitEvent, right: SendOnceRight) {
    exit.notify(move || {
        let sent =
            Message::new(EXITED).send_once(right, &SendOptions::new().timeout(Duration::ZERO));
        match sent {
            // The monitor has been released.
            Ok(()) | Err(SendError::DestinationDead) => {}
            Err(error) => tracing::warn!(%error, "a monitor does not hear of an exit"),
        }
    });
}

impl Service {
    /// Receives one message, if there is one.
    pub(super) fn serve(&mut self, port: &ReceiveRight) {
        let Some(message) = receive(port) else {
            return;
        };
        if is_announcement(&message) {
            for _ in 0..MAX_LEFT {
                match receive(port) {
                    Some(message) => self.hear(message),
                    None => break,
                }
            }
            self.exited();
        } else {
            self.hear(message);
        }
    }

    fn hear(&mut self, mut message: ReceivedMessage) {
        let received = Instant::now();
        if let Some(Notification::NoSenders { .. }) = message.notification() {
            self.lost();
            return;
        }
        let is_its = message
            .audit_token()
            .is_some_and(|token| self.is_its(&token));
        if !is_its {
            let sender = message.audit_token().map(|token| token.pid());
            tracing::warn!(
                pid = self.exit.pid(),
                sender,
                "another process speaks as the watched one: ignored"
            );
            return;
        }
        let reply = message.take_reply();
        match decode(message.id(), message.body()) {
            Ok(told) => self.told(told, reply, received),
            Err(error) => tracing::warn!(pid = self.exit.pid(), %error, "not answered"),
        }
    }

    /// Whether the process sent it. Of one that is gone, no more than the number may be known; who has a right to the
    /// port then has it of that process.
    fn is_its(&self, token: &AuditToken) -> bool {
        let by_number = || token.pid() == self.exit.pid() && token.pid_version() == 0;
        self.exit.is_sender(token) || (self.exit.has_occurred() && by_number())
    }

    fn told(&mut self, told: Told<'_>, reply: Option<ReplyRight>, received: Instant) {
        let stamp = match &told {
            Told::Hello(hello) => return self.hello(*hello, reply),
            Told::Load(images) | Told::Unload(images) => images.stamp(),
            Told::Main(stamp) => *stamp,
        };
        let heard = self
            .shared
            .progress
            .lock()
            .message(stamp.sequence, received);
        if heard == Heard::Nonsense {
            tracing::warn!(
                pid = self.exit.pid(),
                ?stamp,
                "the agent is out of step: not answered"
            );
            return;
        }
        let event = match told {
            Told::Load(images) => Event::Load(self.loaded(&images)),
            Told::Unload(images) => Event::Unload(self.unloading(&images)),
            _ => Event::Main,
        };
        let is_main = event == Event::Main;
        let notice = Notice::awaited(event, stamp, received, Arc::clone(&self.shared));
        // Without a handler of its own it goes to the other; without any it is dropped, which answers.
        if is_main && self.shared.main_handler.lock().is_some() {
            Shared::deliver(&self.shared.main_handler, notice);
        } else {
            Shared::deliver(&self.shared.handler, notice);
        }
    }

    fn hello(&mut self, hello: image_protocol::Hello, reply: Option<ReplyRight>) {
        if self.shared.progress.lock().hello() == Heard::Nonsense {
            tracing::warn!(pid = self.exit.pid(), ?hello, "the agent is out of step");
            return;
        }
        tracing::debug!(pid = self.exit.pid(), ?hello, "attached");
        match reply {
            Some(ReplyRight::Send(replies)) => {
                self.target.heard_of(&replies);
                *self.shared.replies.lock() = Some(replies);
            }
            // So it is if the process is gone by now.
            _ => tracing::debug!(pid = self.exit.pid(), "the agent has no port for replies"),
        }
        if let Some(known) = self.target.joined(&self.shared) {
            Arc::make_mut(&mut self.shared.list.lock()).begin_with(&known);
        }
    }

    fn loaded(&self, images: &Images<'_>) -> Vec<Arc<Image>> {
        let timestamp = images.stamp().timestamp;
        let pid = self.exit.pid();
        let image = |told| Arc::new(Image::of_process(pid, timestamp, &told));
        let images: Vec<_> = images.iter().map(image).collect();
        let mut list = self.shared.list.lock();
        let list = Arc::make_mut(&mut list);
        for image in &images {
            if !list.load(Arc::clone(image)) {
                tracing::warn!(
                    pid,
                    ?image,
                    "more images than a process can have: not listed"
                );
            }
        }
        images
    }

    /// Those of the list, if they are there: more is known of them.
    fn unloading(&self, images: &Images<'_>) -> Vec<Arc<Image>> {
        let list = self.shared.images();
        let timestamp = images.stamp().timestamp;
        let image = |told: image_protocol::Image<'_>| {
            let known = list.at(told.load_address).map(Arc::clone);
            known.unwrap_or_else(|| Arc::new(Image::told(timestamp, &told)))
        };
        images.iter().map(image).collect()
    }

    /// Nobody has a right to the port any more. A process that exits comes by here, too.
    fn lost(&mut self) {
        let may_be_lost = self.shared.progress.lock().may_be_lost();
        if !may_be_lost || self.exit.wait_timeout(EXITING) {
            return;
        }
        if self.shared.progress.lock().lost() {
            tracing::debug!(
                pid = self.exit.pid(),
                "the agent is gone, and the process lives"
            );
            self.end(Event::AgentLost);
        }
    }

    fn exited(&mut self) {
        // Nobody who has told of a library has failed to load them.
        let was_loaded = self.shared.progress.lock().has_heard_images();
        let code = if was_loaded {
            None
        } else {
            self.target.exit_code()
        };
        let Some(state) = self.shared.progress.lock().exited(code) else {
            return;
        };
        self.end(Event::Exit(match state {
            MonitorState::NeverAttached => ExitCause::NeverAttached,
            MonitorState::LoaderFailed => ExitCause::LoaderFailed,
            _ => ExitCause::Ended,
        }));
    }

    fn end(&mut self, event: Event) {
        Shared::deliver(&self.shared.handler, Notice::of_end(event, Instant::now()));
    }
}

fn receive(port: &ReceiveRight) -> Option<ReceivedMessage> {
    let options = ReceiveOptions::new()
        .timeout(Duration::ZERO)
        .max_size(LARGEST);
    match port.receive(&options) {
        Ok(message) => Some(message),
        Err(mach_ports::ReceiveError::TimedOut) => None,
        Err(error) => {
            tracing::warn!(%error, "a message to a monitor was lost");
            None
        }
    }
}

fn is_announcement(message: &ReceivedMessage) -> bool {
    let own = std::process::id().cast_signed();
    let sender = message.audit_token().map(|token| token.pid());
    message.id() == EXITED && sender == Some(own)
}
