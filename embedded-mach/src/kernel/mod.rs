//! The embedded Mach: one task's ports, names and messages, in safe Rust.
//!
//! All state is in one [`Kernel`] behind one lock; a call locks it, works without blocking, and unlocks. What may
//! block (a send onto a full queue, a receive from an empty one) waits outside, see `messages`.
//!
//! - `namespace`: what this task's names stand for (`space`), and the calls on them: `names`, `references`, `insert`,
//!   `construct`, `attributes`, `flavors`, `guards`, `members`, `census`;
//! - `ports`: what there is (`port`, `set`, `right`) and what it holds (`queue`, `request`, `waiters`, `signal`);
//!   `lifecycle`: counts of rights, and what happens when the last one goes; `notify`: who is told of it;
//! - `messages`: a message that no task has (`kmsg`), between a task's names and rights (`copyin`, `copyout`), between
//!   tasks and ports (`send`, `receive`), unwanted (`destroy`);
//! - `objects`: what the kernel itself receives on (`kobject`, and of these `memory_entry`), and the names of it (`access`);
//!   memory that it has mapped (`own_memory`), and which of that can leave (`movable`);
//! - `other_tasks`: the ways to them (`link`), replies over them (`slots`), rights that leave and arrive (`transfer`,
//!   `arrivals`), what others make this task hold (`budget`) and do wrong (`complaints`), how their end shows (`reaper`), bootstrap names (`directory`), what children inherit (`bequest`) and what
//!   one was passed (`passed`);
//! - `time`: timers, clocks and alarms;
//! - `subsystems`: calls that come as messages to what the kernel receives on;
//! - `task`: this process as a task.

pub(crate) mod messages;
pub(crate) mod namespace;
pub(crate) mod objects;
pub(crate) mod other_tasks;
pub(crate) mod ports;
mod subsystems;
pub(crate) mod task;
pub(crate) mod time;

use std::collections::{HashMap, VecDeque};

use slotmap::SlotMap;

use crate::headers::kern_return::kern_return_t;
use crate::sys::foreign::Foreign;
use messages::kmsg::Kmsg;
use namespace::space::Space;
use objects::own_memory::OwnMemory;
use objects::thread_policy::ThreadPolicies;
use other_tasks::arrivals::Arrivals;
use other_tasks::awaited::Awaited;
use other_tasks::bequest::Bequest;
use other_tasks::budget::Budget;
use other_tasks::complaints::Complaints;
use other_tasks::deleted_names::NameThere;
use other_tasks::directory::{Adoptions, Errand, SocketId};
use other_tasks::link::{Link, PutOff};
use other_tasks::reaper::Reaper;
use other_tasks::slots::Back;
use other_tasks::transfer::{Probe, Told};
use ports::ids::{self, BackKey, LinkKey, PortKey, SetKey};
use ports::port::{Home, Local, Port, Remote};
use ports::right::Right;
use ports::set::PortSet;
use time::schedule::Schedule;

/// What a call says: `Ok`, or the code that it returns.
pub(crate) type Result<T> = std::result::Result<T, kern_return_t>;

/// One task's Mach.
#[derive(Debug)]
pub(crate) struct Kernel {
    pub(crate) space: Space,
    pub(crate) ports: SlotMap<PortKey, Port>,
    pub(crate) sets: SlotMap<SetKey, PortSet>,
    pub(crate) links: SlotMap<LinkKey, Link>,
    pub(crate) backs: SlotMap<BackKey, Back>,
    /// Sending ends that this task made and gave away, by the kernel's number: what comes back joins its port. With the number
    /// of the link.
    pub(crate) made: HashMap<u64, (PortKey, u64)>,
    /// When that list is next cleared of ports and links that are gone.
    made_sweep: usize,
    /// Receiving ends held, by the number that both sides of a link know.
    pub(crate) receiving: HashMap<u64, LinkKey>,
    /// Sending ends held, by the same number.
    pub(crate) sending: HashMap<u64, PortKey>,
    /// Ports by the process that sent a right to them and its own number for them.
    pub(crate) told: Told,
    /// This task's bootstrap names.
    pub(crate) services: HashMap<String, PortKey>,
    /// Names that came with a receive right, while it is found out whose they are.
    pub(crate) adoptions: Adoptions,
    /// Bootstrap names that were looked up: the socket file they were then, and the port.
    pub(crate) looked_up: HashMap<String, (SocketId, PortKey)>,
    /// What is to be done with files once the task is not locked.
    pub(crate) errands: Vec<Errand>,
    /// What was read from links and waits for its turn.
    pub(crate) arrivals: Arrivals,
    pub(crate) budget: Budget,
    pub(crate) complaints: Complaints,
    /// The probe that is under way.
    pub(crate) probe: Option<Probe>,
    /// Messages still to be destroyed, while some are.
    doomed: VecDeque<Kmsg>,
    destroying: bool,
    pub(crate) reaper: Option<Reaper>,
    /// How many calls are held up, by the process that made what they are about.
    held_up: HashMap<i32, u32>,
    /// What waits until others of a process are held up no more.
    put_off: Vec<PutOff>,
    /// What is about to come for ports and links that was held up.
    pub(crate) awaited: Awaited,
    /// Links of send-once rights whose end tells that a name of another task is deleted.
    pub(crate) deleted_names: HashMap<LinkKey, NameThere>,
    /// Where packets are received.
    buffer: Vec<u8>,
    /// Rights to other tasks' ports have come as slots of their links.
    slots_claimed: bool,
    /// What ports of other tasks were made of, for the next ones.
    #[allow(
        clippy::vec_box,
        reason = "they go back into ports as they are, without being allocated again"
    )]
    unused: Vec<Box<Remote>>,
    /// Mixed into the numbers by which other tasks know ports, so that no two tasks' numbers are alike.
    salt: u64,
    /// This process, as others see it.
    pub(crate) pid: i32,
    /// Which process that is, once a port has asked for it.
    pub(crate) version: u32,
    /// The task's bootstrap port, as `task_get_special_port` gives it.
    pub(crate) bootstrap: Right,
    /// Rights that `mach_ports_register` keeps.
    pub(crate) registered: [Right; 3],
    bequest: Bequest,
    /// A sending end that was passed to this task and has not been asked for.
    passed: Option<Foreign>,
    pub(crate) memory: OwnMemory,
    pub(crate) schedule: Schedule,
    pub(crate) thread_policies: ThreadPolicies,
}

impl Kernel {
    /// An empty task, with the names that every task has.
    pub(crate) fn new() -> Self {
        let mut kernel = Self {
            space: Space::new(),
            ports: SlotMap::with_key(),
            sets: SlotMap::with_key(),
            links: SlotMap::with_key(),
            backs: SlotMap::with_key(),
            made: HashMap::new(),
            made_sweep: 64,
            receiving: HashMap::new(),
            sending: HashMap::new(),
            told: Told::default(),
            services: HashMap::new(),
            adoptions: Adoptions::default(),
            looked_up: HashMap::new(),
            errands: Vec::new(),
            arrivals: Arrivals::default(),
            budget: Budget::default(),
            complaints: Complaints::default(),
            probe: None,
            doomed: VecDeque::new(),
            destroying: false,
            reaper: None,
            deleted_names: HashMap::new(),
            awaited: Awaited::default(),
            held_up: HashMap::new(),
            put_off: Vec::new(),
            buffer: Vec::new(),
            slots_claimed: false,
            unused: Vec::new(),
            salt: crate::sys::random::number(),
            pid: std::process::id() as i32,
            version: 0,
            bootstrap: Right::Null,
            registered: [const { Right::Null }; 3],
            bequest: Bequest::default(),
            passed: None,
            memory: OwnMemory::default(),
            schedule: Schedule::default(),
            thread_policies: ThreadPolicies::default(),
        };
        kernel.enter_well_known_names();
        kernel
    }

    /// The port of a key that a right or a name holds; there is one as long as it is held.
    pub(crate) fn port(&self, key: PortKey) -> Option<&Port> {
        self.ports.get(key)
    }

    pub(crate) fn port_mut(&mut self, key: PortKey) -> Option<&mut Port> {
        self.ports.get_mut(key)
    }

    pub(crate) fn local(&self, key: PortKey) -> Option<&Local> {
        self.ports.get(key).and_then(Port::local)
    }

    pub(crate) fn local_mut(&mut self, key: PortKey) -> Option<&mut Local> {
        self.ports.get_mut(key).and_then(Port::local_mut)
    }

    /// The number by which other tasks know a port: the same for as long as it lives here, and no other's ever.
    pub(crate) fn number_of(&self, key: PortKey) -> u64 {
        ids::number(key) ^ self.salt
    }

    pub(crate) fn port_of_number(&self, number: u64) -> Option<PortKey> {
        Some(ids::key(number ^ self.salt)).filter(|&key| self.ports.contains_key(key))
    }

    /// Room for what is known of a port of another task, with nothing in it.
    pub(crate) fn empty_remote(&mut self) -> Box<Remote> {
        self.unused.pop().unwrap_or_default()
    }

    /// Keeps the room of a port that was forgotten.
    pub(crate) fn reuse_remote(&mut self, mut remote: Box<Remote>) {
        /// For as many calls at a time as a task is likely to have.
        const KEPT: usize = 8;
        if self.unused.len() < KEPT {
            remote.send = None;
            remote.told_by = None;
            remote.once.clear();
            self.unused.push(remote);
        }
    }

    /// Whether a slot has ever been claimed here.
    pub(crate) fn has_claims(&self) -> bool {
        self.slots_claimed
    }

    pub(crate) fn add_port(&mut self, home: Home) -> PortKey {
        self.ports.insert(Port::new(home))
    }
}
