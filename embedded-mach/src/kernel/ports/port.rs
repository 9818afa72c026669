//! A port as this task knows it.

use std::collections::VecDeque;
use std::sync::Arc;

use super::ids::{BackKey, LinkKey, PortKey, SetKey};
use super::right::Right;
use super::turns::Turns;
use super::unread::Unread;
use super::waiters::{Waiters, Waiting};
use crate::headers::port::{MACH_PORT_QLIMIT_DEFAULT, mach_port_name_t};
use crate::kernel::messages::kmsg::Kmsg;
use crate::kernel::objects::kobject::KernelObject;
use crate::kernel::other_tasks::transfer::ToldBy;
use crate::sys::foreign::Foreign;
use crate::sys::watch::Watch;
use crate::wire::tree::Slot;

/// A port, with the rights that this task and its messages hold.
#[derive(Debug)]
pub(crate) struct Port {
    pub(crate) home: Home,
    /// The one name of this task's send and receive rights.
    pub(crate) name: Option<mach_port_name_t>,
    /// Send rights: one for the name however many user references it has, and one for each that is on its way.
    pub(crate) srights: u32,
    /// Send-once rights, named and on their way. (Those of other tasks are links.)
    pub(crate) sorights: u32,
    /// Names (this port's own, or of its send-once rights) with a request.
    pub(crate) requests: Vec<mach_port_name_t>,
}

/// Where a port's receive right is.
#[derive(Debug)]
pub(crate) enum Home {
    /// In this task, or in a message in this task.
    Local(Box<Local>),
    /// In another task, or on its way through the kernel below.
    Remote(Box<Remote>),
    /// The embedded Mach itself receives.
    Kernel(KernelObject),
    /// Gone.
    Dead,
}

/// A port whose receive right is in this task.
#[derive(Debug)]
pub(crate) struct Local {
    pub(crate) holder: Holder,
    /// Messages in the order in which they will be received; at most one of each link.
    pub(crate) queue: VecDeque<Kmsg>,
    /// Whose of these is next.
    turns: Turns,
    pub(crate) qlimit: u32,
    pub(crate) seqno: u32,
    pub(crate) mscount: u32,
    pub(crate) context: u64,
    pub(crate) guard: Guard,
    /// Flags that `mach_port_construct` set and that only attributes show.
    pub(crate) temp_owner: bool,
    pub(crate) importance_receiver: bool,
    pub(crate) immovable: bool,
    pub(crate) purpose: Purpose,
    pub(crate) no_senders: Option<Right>,
    pub(crate) port_destroyed: Option<Right>,
    pub(crate) sets: Vec<SetKey>,
    pub(crate) links: Vec<LinkKey>,
    /// Ways back, by which replies come for send-once rights that are slots.
    pub(crate) backs: Vec<BackKey>,
    /// How many links there are when those are looked for whose senders are gone.
    pub(crate) sweep_at: usize,
    /// How many packets the task had read when all of these links were last read to their ends, for the sake of what a
    /// right claims.
    pub(crate) drained: u64,
    /// The same of who has connected to a name.
    pub(crate) met: u64,
    /// Packets are stamped as they arrive, for there is more than one source to put in order.
    pub(crate) stamping: bool,
    /// Packets tell which process sent them, and not its number only.
    pub(crate) identifying: bool,
    /// How often the receive right has left: a thread that waits sees by it that it waits in vain.
    pub(crate) moves: u32,
    /// Everything readable of the port's links; made when it is first needed.
    pub(crate) watch: Option<Watch>,
    /// The bootstrap names it is served under.
    pub(crate) services: Vec<crate::kernel::other_tasks::directory::Service>,
    pub(crate) senders: Waiters,
    pub(crate) receivers: Waiters,
    pub(crate) waiting: Waiting,
    /// For descriptors that show whether something is queued.
    pub(crate) signal: Option<super::signal::Signal>,
}

/// Who has the receive right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// The name that the port has.
    Name,
    /// A message to this port, or nothing for a moment.
    Transit(Option<PortKey>),
}

/// What a port is for, which its maker says once and for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Purpose {
    #[default]
    Any,
    /// For replies (`MPO_REPLY_PORT`): nothing but send-once rights, each made as the reply port of a message and used by
    /// the reply.
    Replies,
    /// For a thread's replies (`thread_get_special_reply_port`): its receive right stays where it is.
    ThreadReplies,
}

/// A port's guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    None,
    Set { strict: bool },
}

/// A descriptor each: so many dead senders of a port cost a process nothing that it would feel.
pub(crate) const FIRST_SWEEP: usize = 16;

impl Local {
    pub(crate) fn new() -> Self {
        Self {
            holder: Holder::Name,
            queue: VecDeque::new(),
            turns: Turns::default(),
            qlimit: MACH_PORT_QLIMIT_DEFAULT,
            seqno: 0,
            mscount: 0,
            context: 0,
            guard: Guard::None,
            temp_owner: false,
            importance_receiver: false,
            immovable: false,
            purpose: Purpose::Any,
            no_senders: None,
            port_destroyed: None,
            sets: Vec::new(),
            links: Vec::new(),
            backs: Vec::new(),
            sweep_at: FIRST_SWEEP,
            drained: 0,
            met: 0,
            stamping: false,
            identifying: false,
            moves: 0,
            watch: None,
            services: Vec::new(),
            senders: Waiters::default(),
            receivers: Waiters::default(),
            waiting: Waiting::default(),
            signal: None,
        }
    }

    /// The message that is received next.
    pub(crate) fn next(&self) -> Option<&Kmsg> {
        self.queue.get(self.next_at())
    }

    /// Where that stands in the queue.
    pub(crate) fn next_at(&self) -> usize {
        if self.links.is_empty() {
            // There is one sender only, which is this task.
            return 0;
        }
        self.turns.next(&self.queue, self.qlimit)
    }

    /// Takes the message that is received next.
    pub(crate) fn take_next(&mut self) -> Option<Kmsg> {
        if self.links.is_empty() {
            return self.queue.pop_front();
        }
        self.turns.take(&mut self.queue, self.qlimit)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.queue.len() >= self.qlimit as usize
    }
}

/// A port whose receive right is elsewhere.
#[derive(Debug, Default)]
pub(crate) struct Remote {
    /// This task's own way there. `None` when it only has send-once rights.
    pub(crate) send: Option<SendingEnd>,
    /// One sending end for each send-once right; they are all alike.
    pub(crate) once: Vec<OnceEnd>,
    /// The process that sent the right and its own number for the port, if that is how it was recognised.
    pub(crate) told_by: Option<ToldBy>,
}

/// A sending end, and what is known of it.
#[derive(Debug)]
pub(crate) struct SendingEnd {
    pub(crate) fd: Arc<Foreign>,
    /// The number under which both sides know the link. A hint, never a proof.
    pub(crate) id: u64,
    /// The number of the link that this one goes back to, made by who had the receive right.
    pub(crate) root: u64,
    /// What went by it and waits: only this task sends by it.
    pub(crate) unread: Unread,
    /// The way back for what goes by it, once a slot has been opened.
    pub(crate) back: Option<BackKey>,
}

/// The way of a send-once right's one message.
#[derive(Debug)]
pub(crate) enum OnceEnd {
    /// A sending end, and the link's number if this task made it, else 0.
    Link { fd: Arc<Foreign>, id: u64 },
    /// By the way back that belongs to the link by which the right came.
    Slot { link: LinkKey, slot: Slot },
}

impl Port {
    pub(crate) fn new(home: Home) -> Self {
        Self {
            home,
            name: None,
            srights: 0,
            sorights: 0,
            requests: Vec::new(),
        }
    }

    pub(crate) fn local(&self) -> Option<&Local> {
        match &self.home {
            Home::Local(local) => Some(local),
            _ => None,
        }
    }

    pub(crate) fn local_mut(&mut self) -> Option<&mut Local> {
        match &mut self.home {
            Home::Local(local) => Some(local),
            _ => None,
        }
    }

    pub(crate) fn remote(&self) -> Option<&Remote> {
        match &self.home {
            Home::Remote(remote) => Some(remote),
            _ => None,
        }
    }

    pub(crate) fn remote_mut(&mut self) -> Option<&mut Remote> {
        match &mut self.home {
            Home::Remote(remote) => Some(remote),
            _ => None,
        }
    }

    pub(crate) fn is_dead(&self) -> bool {
        matches!(self.home, Home::Dead)
    }
}
