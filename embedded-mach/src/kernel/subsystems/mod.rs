//! Calls that come as messages: what MIG makes of them, answered for the port that they were sent to.
//!
//! - `request`: a request, taken apart as MIG's servers take it apart, and refused as they refuse it;
//! - `reply`: its answer;
//! - `mach_port`: the calls on a task's names, one line each;
//! - `clock`, `host`, `task`: those on other ports of the kernel that have simple arguments.
//!
//! What a call does is where the call itself finds it; here is only its way.

mod clock;
mod host;
mod mach_port;
mod reply;
mod request;
mod task;

use super::messages::kmsg::Kmsg;
use super::objects::kobject::{KernelObject, TaskPort};
use super::ports::port::Home;
use super::ports::right::Right;
use super::{Kernel, Result};
use crate::headers::kern_return::{KERN_INVALID_ARGUMENT, KERN_INVALID_TASK};
use crate::headers::mig::MIG_BAD_ID;
use reply::Reply;
use request::{Request, Shape};

/// What does the work of a routine.
type Answer = fn(&mut Kernel, &mut Request) -> Result<Reply>;

/// A routine of a subsystem.
struct Routine {
    shape: Shape,
    receiver: Receiver,
    answer: Answer,
}

/// Whose port the requests for a routine go to.
#[derive(Clone, Copy)]
enum Receiver {
    /// A task's, that is good for as much.
    Task(TaskPort),
    Clock,
    Host,
}

impl Routine {
    /// A routine whose request has so many words.
    const fn new(words: usize, answer: Answer) -> Self {
        Self::shaped(Shape::words(words), answer)
    }

    const fn by(receiver: Receiver, words: usize, answer: Answer) -> Self {
        Self {
            receiver,
            ..Self::new(words, answer)
        }
    }

    const fn shaped(shape: Shape, answer: Answer) -> Self {
        Self {
            shape,
            receiver: Receiver::Task(TaskPort::Control),
            answer,
        }
    }
}

/// Routines with the id of the first.
type Subsystem = (i32, &'static [Option<Routine>]);

static SUBSYSTEMS: [Subsystem; 5] = [
    (mach_port::BASE, &mach_port::ROUTINES),
    (task::BASE, &task::ROUTINES),
    (clock::BASE, &clock::ROUTINES),
    (clock::PRIVILEGED_BASE, &clock::PRIVILEGED),
    (host::BASE, &host::ROUTINES),
];

/// The routine of an id.
fn routine(id: i32) -> Result<&'static Routine> {
    let known = SUBSYSTEMS.iter().find_map(|(base, routines)| {
        let index = usize::try_from(id.checked_sub(*base)?).ok()?;
        routines.get(index)?.as_ref()
    });
    known.ok_or(MIG_BAD_ID)
}

impl Kernel {
    /// Answers a request to a port on which the kernel itself receives. Whoever wants no reply gets none.
    pub(super) fn answer_call(&mut self, mut message: Kmsg) {
        let id = message.id.wrapping_add(100);
        let to = message.local.take();
        let reply = self
            .answer(message)
            .unwrap_or_else(Reply::error)
            .into_message(id, to);
        let moved = reply.descriptors.iter().filter_map(reply::receive_right);
        for port in moved.collect::<Vec<_>>() {
            if !self.put_in_transit(port, reply.remote.port()) {
                // The right would be in its own queue.
                self.destroy_message(reply);
                return;
            }
        }
        self.post(reply);
    }

    fn answer(&mut self, message: Kmsg) -> Result<Reply> {
        // As in MIG's servers, the request is looked at before the port is.
        let found = routine(message.id).and_then(|routine| {
            let words = routine.shape.words_of(&message)?;
            let fits = match (routine.receiver, self.object_of_right(&message.remote)) {
                (Receiver::Task(least), Some(&KernelObject::Task(port))) => port >= least,
                (Receiver::Clock, Some(KernelObject::Clock(_)))
                | (Receiver::Host, Some(KernelObject::Host)) => true,
                _ => false,
            };
            if fits {
                return Ok((routine, words));
            }
            // XNU's routines that only read find their task themselves, and call another port a wrong argument.
            Err(match routine.receiver {
                Receiver::Task(TaskPort::Inspect | TaskPort::Control | TaskPort::Name) => {
                    KERN_INVALID_TASK
                }
                _ => KERN_INVALID_ARGUMENT,
            })
        });
        let (routine, words) = match found {
            Ok(found) => found,
            Err(code) => {
                self.destroy_message(message);
                return Err(code);
            }
        };
        let mut request = Request::new(message, words);
        let answer = (routine.answer)(self, &mut request);
        // What the routine has not taken goes, whether it failed or did not want it.
        self.destroy_message(request.into_message());
        answer
    }

    fn object_of_right(&self, right: &Right) -> Option<&KernelObject> {
        match &self.port(right.port()?)?.home {
            Home::Kernel(object) => Some(object),
            _ => None,
        }
    }
}
