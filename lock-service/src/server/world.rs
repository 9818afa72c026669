//! What the machine works on.

use std::sync::Arc;

use mach_ports::ReceiveRight;
use uuid::Uuid;

use crate::server::clients::PortClients;
use crate::server::looks::Looks;
use crate::server::observers::Observers;
use crate::server::replies::Replies;
use crate::server::volumes::{NoVolumes, Volumes};
use crate::state::{Answer, Checked, ClientId, Event, NewVolume, Outside, Ticket, Why};

/// What is told to whoever observes the service in its own process.
pub(super) type Observer = Box<dyn FnMut(&Event) + Send>;

/// What the machine asks things of.
pub(super) struct World {
    pub(super) replies: Replies,
    pub(super) observers: Observers,
    pub(super) clients: PortClients,
    pub(super) notify: Arc<ReceiveRight>,
    /// Who waits for what looks come to.
    pub(super) looks: Looks,
    volumes: Box<dyn Volumes>,
    observer: Observer,
}

impl World {
    pub(super) fn new(
        notify: Arc<ReceiveRight>,
        volumes: Box<dyn Volumes>,
        observer: Observer,
    ) -> Self {
        Self {
            replies: Replies::default(),
            observers: Observers::default(),
            clients: PortClients::default(),
            notify,
            looks: Looks::default(),
            volumes,
            observer,
        }
    }

    /// Lets everything go: who waits learns that nobody will answer.
    pub(super) fn close(&mut self) {
        let notify = Arc::clone(&self.notify);
        *self = Self::new(notify, Box::new(NoVolumes), Box::new(|_| ()));
    }
}

impl Outside for World {
    fn answer(&mut self, ticket: Ticket, answer: Answer) -> bool {
        self.replies.answer(ticket, answer)
    }

    fn released(&mut self, client: ClientId) {
        self.clients.forget_idle(client);
    }

    fn check(&mut self, volume: Uuid, why: Why) -> Checked {
        let checked = self.volumes.check(volume, why);
        tracing::debug!(%volume, ?why, ?checked, "looked at a volume");
        checked
    }

    fn finish(&mut self, volume: Uuid, pid: i32) -> Option<u64> {
        self.volumes.finish(volume, pid)
    }

    fn set_owners(&mut self, volume: Uuid, on: bool) {
        self.volumes.set_owners(volume, on);
    }

    fn survey(&mut self) -> Option<Vec<NewVolume>> {
        self.volumes.survey()
    }

    fn event(&mut self, event: Event) {
        tracing::debug!(resource = ?event.resource, pid = event.pid, happening = ?event.happening);
        self.observers.tell(&event);
        (self.observer)(&event);
    }
}
