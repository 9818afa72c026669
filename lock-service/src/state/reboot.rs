//! The lock that is held while the machine is shut down.

use crate::state::round::Asking;
use crate::state::{Answer, Caller, ClientId, End, Happening, Machine, Mode, Outside, Ticket};
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
    pub(super) client: ClientId,
    pub(super) pid: i32,
    pub(super) ticket: Ticket,
}

impl Reboot {
    pub(super) const fn is_held(&self) -> bool {
        matches!(self, Self::Held { .. })
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
        if let Some(status) = self.reboot_refusal(caller) {
            out.answer(ticket, Answer::of(status));
            return self.settle(caller.client, out);
        }
        self.clients.enter(caller).reboot += 1;
        let who = RebootWaiter {
            client: caller.client,
            pid: caller.pid,
            ticket,
        };
        self.ask(Asking { who, wait }, out);
    }

    /// Why the reboot lock cannot be had, whatever volumes do; `None` if it may be asked for. Nothing changes.
    #[must_use]
    pub fn reboot_refusal(&self, caller: &Caller) -> Option<Status> {
        if !self.permits(caller) {
            return Some(Status::NOT_PERMITTED);
        }
        self.reboot.is_held().then_some(Status::ALREADY)
    }

    /// The processes that hold the reboot lock and wait for it.
    pub(super) fn reboot_pids(&self) -> (Option<i32>, Option<i32>) {
        let mut asking = self.round.asking.iter();
        match &self.reboot {
            Reboot::Free => (None, asking.find(|one| one.wait).map(|one| one.who.pid)),
            Reboot::Waited(waiter) => (None, Some(waiter.pid)),
            Reboot::Held { pid, .. } => (Some(*pid), None),
        }
    }

    /// Makes somebody the holder, and tells it. One that cannot be told is none.
    pub(super) fn hold_reboot(&mut self, waiter: RebootWaiter, out: &mut dyn Outside) {
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

    /// The end of a client that may hold the reboot lock, wait for it or ask for it.
    pub(super) fn leave_reboot(&mut self, client: ClientId, out: &mut dyn Outside) {
        let mut left = Vec::new();
        self.round.asking.retain(|asking| {
            let is_its = asking.who.client == client;
            left.extend(is_its.then_some(asking.who.ticket));
            !is_its
        });
        let happening = match &self.reboot {
            Reboot::Held {
                client: holder,
                pid,
            } if *holder == client => Some((*pid, Happening::Ended(End::Died))),
            Reboot::Waited(waiter) if waiter.client == client => {
                left.push(waiter.ticket);
                Some((waiter.pid, Happening::WaitsNoMore))
            }
            _ => None,
        };
        for ticket in left {
            out.answer(ticket, Answer::of(Status::CANCELLED));
            self.clients.leave_reboot(client);
        }
        if let Some((pid, happening)) = happening {
            if matches!(self.reboot, Reboot::Held { .. }) {
                self.clients.leave_reboot(client);
            }
            self.reboot = Reboot::Free;
            self.tell_of(out, None, (client, pid), happening);
        }
    }
}
