//! Receiving; and a call as a whole.

use mach_ports::ffi::message::{
    MACH_MSG_SUCCESS, MACH_MSG_TYPE_PORT_SEND, MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_RCV_INVALID_NAME,
    MACH_RCV_TIMED_OUT, MACH_RCV_TOO_LARGE,
};
use mach_ports::ffi::port::MACH_PORT_NULL;

use super::call::{Arrived, Call, Outcome, Told};
use super::names::outcome;
use super::world::{EXPIRED, Message, PortId, Right, TaskId, World};

/// A message that may be the next: its port, and its place in the queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    port: PortId,
    at: usize,
}

impl World {
    /// Does to the model what `call` does to `task`. `really` says, of messages that may come in any order, which one
    /// was received: by the name it came to, its id, and what it told.
    pub fn play(
        &mut self,
        task: TaskId,
        call: &Call,
        really: impl Fn(u32, i32, Told) -> bool,
    ) -> Outcome {
        match *call {
            Call::Allocate { right } => self.allocate(task, right),
            Call::InsertRight {
                name,
                poly,
                disposition,
            } => outcome(self.insert_right(task, name, poly, disposition)),
            Call::ExtractRight { name, disposition } => self.extract_right(task, name, disposition),
            Call::ModRefs { name, right, delta } => {
                outcome(self.mod_refs(task, name, right, delta))
            }
            Call::Deallocate { name } => outcome(self.deallocate(task, name)),
            Call::Destroy { name } => outcome(self.destroy(task, name)),
            Call::Destruct { name, delta } => outcome(self.destruct(task, name, delta)),
            Call::GetRefs { name, right } => self.get_refs(task, name, right),
            Call::Type { name } => self.type_of(task, name),
            Call::Status { name } => self.status(task, name),
            Call::SendRights { name } => self.send_rights(task, name),
            Call::SetMakeSends { name, count } => outcome(self.set_make_sends(task, name, count)),
            Call::SetLimit { name, limit } => outcome(self.set_limit(task, name, limit)),
            Call::Request {
                name,
                id,
                sync,
                notify,
                disposition,
            } => self.request(task, name, id, sync, notify, disposition),
            Call::InsertMember { member, set } => outcome(self.insert_member(task, member, set)),
            Call::ExtractMember { member, set } => outcome(self.extract_member(task, member, set)),
            Call::MoveMember { member, after } => outcome(self.move_member(task, member, after)),
            Call::Members { set } => self.members(task, set),
            Call::Send(ref letter) => self.send(task, letter),
            Call::Receive { name, small, .. } => self.receive(task, name, small, really),
            Call::Give { name } => self.give(task, name),
            Call::CreateReplyPort => self.create_reply_port(task),
            Call::CreateTimer => self.create_timer(task),
            Call::ArmTimer { name, past } => outcome(self.arm_timer(task, name, past)),
            Call::CancelTimer { name } => self.cancel_timer(task, name),
            Call::DestroyTimer { name } => outcome(self.destroy_timer(task, name)),
            Call::FreeName => Outcome::Name(self.tasks[task].mint()),
            Call::Census => self.census(task),
        }
    }

    fn give(&mut self, task: TaskId, name: u32) -> Outcome {
        let port = self
            .receive_right(task, name)
            .expect("a receive right to give from");
        let right = self.make_send(port);
        Outcome::Name(self.copyout(1 - task, right, None))
    }

    fn receive(
        &mut self,
        task: TaskId,
        name: u32,
        small: bool,
        really: impl Fn(u32, i32, Told) -> bool,
    ) -> Outcome {
        let Some(sources) = self.sources(task, name) else {
            return Outcome::Code(MACH_RCV_INVALID_NAME);
        };
        let candidates = self.candidates(&sources);
        let chosen = candidates.iter().find(|candidate| {
            let message = &self.ports[candidate.port].queue[candidate.at];
            really(
                self.tasks[task].home[&candidate.port],
                message.id,
                message.told,
            )
        });
        let Some(&Candidate { port, at }) = chosen.or(candidates.first()) else {
            return Outcome::Code(MACH_RCV_TIMED_OUT);
        };
        let message = self.ports[port]
            .queue
            .remove(at)
            .expect("a candidate is in the queue");
        self.ports[port].seqno += 1;
        let tells = !matches!(message.told, Told::Nothing) || message.id == EXPIRED;
        if small && (tells || !message.carried.is_empty()) {
            return self.cut_down(task, message);
        }
        self.tell_send_possible(port);
        let local_disposition = destination_disposition(message.to);
        let remote = self.copyout(task, message.reply, None);
        let local = self.release_destination(task, message.to);
        Outcome::Message(
            MACH_MSG_SUCCESS,
            Arrived {
                remote,
                remote_disposition: message.reply_disposition,
                local,
                local_disposition,
                id: message.id,
                items: self.copyout_carried(task, message.carried),
                told: message.told,
            },
        )
    }

    /// The first message of each port, and those that may as well be first.
    fn candidates(&self, sources: &[PortId]) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        for &port in sources {
            let queue = &self.ports[port].queue;
            let Some(first) = queue.front() else { continue };
            let alike = queue
                .iter()
                .take_while(|message| {
                    self.several() || first.event.is_some() && message.event == first.event
                })
                .count();
            candidates.extend((0..alike.max(1)).map(|at| Candidate { port, at }));
        }
        candidates
    }

    /// The right that a message came through is used up; the name of the receive right it came to.
    fn release_destination(&mut self, task: TaskId, to: Right) -> u32 {
        let (Right::Send(port) | Right::Once(port)) = to else {
            unreachable!("a message came through a right to send");
        };
        let name = self.tasks[task].home[&port];
        match to {
            Right::Once(_) => self.ports[port].onces -= 1,
            _ => self.release(to),
        }
        name
    }

    /// A message for which there was no room: all that it carried is destroyed.
    fn cut_down(&mut self, task: TaskId, message: Message) -> Outcome {
        let local_disposition = destination_disposition(message.to);
        let local = self.release_destination(task, message.to);
        self.release(message.reply);
        self.release_carried(message.carried);
        Outcome::Message(
            MACH_RCV_TOO_LARGE,
            Arrived {
                remote: MACH_PORT_NULL,
                remote_disposition: 0,
                local,
                local_disposition,
                id: message.id,
                items: Vec::new(),
                told: Told::Nothing,
            },
        )
    }
}

fn destination_disposition(to: Right) -> u32 {
    match to {
        Right::Once(_) => MACH_MSG_TYPE_PORT_SEND_ONCE,
        _ => MACH_MSG_TYPE_PORT_SEND,
    }
}
