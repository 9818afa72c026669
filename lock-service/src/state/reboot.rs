//! The lock that is held while the machine is shut down.

use uuid::Uuid;

use crate::state::{
    Answer, Caller, CheckOutcome, ClientId, End, Happening, Machine, Mode, Outside, Ticket, Why,
};
use crate::status::Status;

/// Its holder, or who waits for it. There is never both.
#[derive(Debug, Default)]
pub(super) enum Reboot {
    #[default]
    Free,
    Waited(RebootWaiter),
    Held {
        client: ClientId,
        pid: i32,
    },
}

#[derive(Debug, Clone, Copy)]
pub(super) struct RebootWaiter {
    client: ClientId,
    pid: i32,
    ticket: Ticket,
}

impl Reboot {
    pub(super) const fn is_held(&self) -> bool {
        matches!(self, Self::Held { .. })
    }

    /// The processes that hold it and wait for it.
    pub(super) const fn pids(&self) -> (Option<i32>, Option<i32>) {
        match self {
            Self::Free => (None, None),
            Self::Waited(waiter) => (None, Some(waiter.pid)),
            Self::Held { pid, .. } => (Some(*pid), None),
        }
    }
}

impl Machine {
    /// Asks for the reboot lock: no volume is locked while somebody holds it, and nobody gets it while a volume is locked or
    /// needs a rebuild. It ends with its holder.
    pub fn lock_reboot(
        &mut self,
        caller: &Caller,
        wait: bool,
        ticket: Ticket,
        out: &mut dyn Outside,
    ) {
        let refuse = |out: &mut dyn Outside, status, busy| {
            let answer = Answer {
                busy,
                ..Answer::of(status)
            };
            out.answer(ticket, answer);
        };
        if !self.permits(caller) {
            refuse(out, Status::NOT_PERMITTED, None);
            return self.settle(caller.client, out);
        }
        // Who waits was first.
        let busy = self.look_at_reboot(out);
        if self.reboot.is_held() {
            refuse(out, Status::ALREADY, None);
            return self.settle(caller.client, out);
        }
        let asks = RebootWaiter {
            client: caller.client,
            pid: caller.pid,
            ticket,
        };
        match (busy, &self.reboot) {
            (None, _) => {
                self.clients.enter(caller).reboot = true;
                self.hold_reboot(asks, out);
            }
            (Some(_), Reboot::Free) if wait => {
                self.clients.enter(caller).reboot = true;
                self.reboot = Reboot::Waited(asks);
                let who = (caller.client, caller.pid);
                self.tell_of(out, None, who, Happening::Waits);
            }
            (Some(volume), _) => {
                let name = self.volumes.get(&volume).map(|volume| volume.name.clone());
                refuse(out, Status::BUSY, name);
                self.settle(caller.client, out);
            }
        }
    }

    /// Looks whether any volume is busy, which may launch helpers, and which is the first that is. If none is, who waits for
    /// the reboot lock gets it. While that is held nothing is looked at.
    pub(super) fn look_at_reboot(&mut self, out: &mut dyn Outside) -> Option<Uuid> {
        let waiter = match &self.reboot {
            Reboot::Held { .. } => return None,
            Reboot::Free => None,
            Reboot::Waited(waiter) => Some(*waiter),
        };
        let busy = self.busy_volume(out);
        if let (None, Some(waiter)) = (busy, waiter) {
            self.hold_reboot(waiter, out);
        }
        busy
    }

    /// Looks at all volumes, also at those that nobody has looked at yet. The first that is busy.
    fn busy_volume(&mut self, out: &mut dyn Outside) -> Option<Uuid> {
        for new in out.survey() {
            if !self.volumes.contains_key(&new.id) {
                self.insert_volume(new, out);
            }
        }
        let ids: Vec<_> = self.volumes.keys().copied().collect();
        let mut first = None;
        for id in ids {
            let busy = matches!(
                self.check(id, Why::Shutdown, out),
                CheckOutcome::Locked(_) | CheckOutcome::Running(_) | CheckOutcome::Launched(_)
            );
            if busy && first.is_none() {
                first = Some(id);
            }
        }
        first
    }

    /// Makes somebody the holder, and tells it. One that cannot be told is none.
    fn hold_reboot(&mut self, waiter: RebootWaiter, out: &mut dyn Outside) {
        let RebootWaiter {
            client,
            pid,
            ticket,
        } = waiter;
        self.reboot = Reboot::Held { client, pid };
        if out.answer(ticket, Answer::of(Status::GRANTED)) {
            let locked = Happening::Locked(Mode::Exclusive);
            return self.tell_of(out, None, (client, pid), locked);
        }
        self.reboot = Reboot::Free;
        self.clients.leave_reboot(client);
        self.tell_of(out, None, (client, pid), Happening::WaitsNoMore);
        self.settle(client, out);
    }

    /// The end of a client that may hold the reboot lock, or wait for it.
    pub(super) fn leave_reboot(&mut self, client: ClientId, out: &mut dyn Outside) {
        let (pid, happening) = match &self.reboot {
            Reboot::Held {
                client: holder,
                pid,
            } if *holder == client => (*pid, Happening::Ended(End::Died)),
            Reboot::Waited(waiter) if waiter.client == client => {
                out.answer(waiter.ticket, Answer::of(Status::CANCELLED));
                (waiter.pid, Happening::WaitsNoMore)
            }
            _ => return,
        };
        self.reboot = Reboot::Free;
        self.clients.leave_reboot(client);
        self.tell_of(out, None, (client, pid), happening);
    }
}
