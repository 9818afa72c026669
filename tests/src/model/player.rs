//! Both sides, step by step.

use std::collections::{HashMap, HashSet};

use mach_ports::ffi::kern_return::{KERN_INVALID_NAME, KERN_INVALID_RIGHT};
use mach_ports::ffi::message::{
    MACH_SEND_INVALID_DEST, MACH_SEND_INVALID_REPLY, MACH_SEND_INVALID_RIGHT,
};
use mach_ports::ffi::port::MACH_PORT_RIGHT_RECEIVE;

use super::World;
use super::call::{Call, Outcome, Told};
use super::copyin::valid;
use super::kept::{self, Kept};
use super::step::Step;
use super::world::TaskId;

/// Why the model and the real calls are not at one.
pub type Difference = String;

/// Plays calls in the model and really, and compares.
#[derive(Debug)]
pub struct Player<R> {
    world: World,
    /// Makes a call in a task.
    real: R,
    /// The real name of each name that the model has had, by task.
    names: Vec<HashMap<u32, u32>>,
    /// What each task had before.
    before: Vec<HashSet<u32>>,
    sent: i32,
    played: Vec<(TaskId, Call)>,
}

impl<R: FnMut(TaskId, &Call) -> Outcome> Player<R> {
    /// Begins with so many tasks, in which the model has nothing.
    pub fn new(tasks: usize, mut real: R) -> Self {
        let before = (0..tasks).map(|task| census(&mut real, task)).collect();
        Self {
            world: World::new(tasks),
            real,
            names: vec![HashMap::new(); tasks],
            before,
            sent: 1000,
            played: Vec::new(),
        }
    }

    /// The model.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Gives each task a port, and the other a right to it.
    ///
    /// # Errors
    /// The two sides differ.
    pub fn introduce(&mut self) -> Result<(), Difference> {
        let right = MACH_PORT_RIGHT_RECEIVE;
        for task in 0..self.names.len() {
            self.play(task, &Call::Allocate { right })?;
        }
        for task in 0..self.names.len() {
            self.play(task, &Call::Give { name: 1 })?;
        }
        Ok(())
    }

    /// Plays the calls that draws stand for.
    ///
    /// # Errors
    /// The two sides differ.
    pub fn follow(&mut self, draws: &[Step]) -> Result<(), Difference> {
        for draw in draws {
            self.sent += 1;
            let task = if self.world.several() { draw.side() } else { 0 };
            if let Some(call) = self.world.choose(task, draw, self.sent) {
                self.play(task, &call)?;
            }
        }
        Ok(())
    }

    /// Plays a call.
    ///
    /// # Errors
    /// The two sides differ.
    pub fn play(&mut self, task: TaskId, call: &Call) -> Result<(), Difference> {
        let Some(request) = self.translated(task, call)? else {
            return Ok(());
        };
        let mut got = (self.real)(task, &request);
        if let Outcome::Census(census) = &mut got {
            census.retain(|(name, _, _)| !self.before[task].contains(name));
        }
        let names = &self.names;
        let expected = self.world.play(task, call, |local, id, told| match &got {
            Outcome::Message(_, arrived) => {
                names[task].get(&local) == Some(&arrived.local)
                    && arrived.id == id
                    && (arrived.told == Told::Nothing || arrived.told == real_told(names, told))
            }
            _ => false,
        });
        self.played.push((task, call.clone()));
        let named = if matches!(call, Call::Give { .. }) {
            1 - task
        } else {
            task
        };
        self.compare(named, call, expected, got)
            .map_err(|why| format!("{why}, at the end of\n{}", kept::written(&self.played)))
    }

    /// Plays calls that were kept.
    ///
    /// # Errors
    /// The two sides differ.
    pub fn replay(&mut self, kept: &Kept) -> Result<(), Difference> {
        for (task, call) in kept.calls() {
            self.play(task, &call)
                .map_err(|why| format!("{}: {why}", kept.name))?;
        }
        Ok(())
    }

    /// The call with real names; `None` if one of them is no longer what the model takes it for.
    fn translated(&mut self, task: TaskId, call: &Call) -> Result<Option<Call>, Difference> {
        let mut request = call.clone();
        let mut unknown = Vec::new();
        request.each_name(|name| {
            if valid(*name) && !self.names[task].contains_key(name) {
                unknown.push(*name);
            }
        });
        for name in unknown {
            let Outcome::Name(free) = (self.real)(task, &Call::FreeName) else {
                return Err("no free name".into());
            };
            let minted = self.world.play(task, &Call::FreeName, |_, _, _| false);
            assert_eq!(minted, Outcome::Name(name), "only the next name is unknown");
            self.names[task].insert(name, free);
        }
        let mut stale = false;
        request.each_name(|name| {
            if valid(*name) {
                let real = self.names[task][name];
                // The number of a name that is gone may have come to mean something else.
                stale |= self
                    .holder_of(task, real)
                    .is_some_and(|other| other != *name);
                *name = real;
            }
        });
        Ok((!stale).then_some(request))
    }

    /// The model's living name that stands for a real one.
    fn holder_of(&self, task: TaskId, real: u32) -> Option<u32> {
        let living = self.world.tasks[task].names.keys();
        living
            .copied()
            .find(|name| self.names[task].get(name) == Some(&real))
    }

    fn compare(
        &mut self,
        task: TaskId,
        call: &Call,
        mut expected: Outcome,
        mut got: Outcome,
    ) -> Result<(), Difference> {
        if let Outcome::Message(_, arrived) = &mut expected {
            arrived.told = real_told(&self.names, arrived.told);
        }
        if tolerated(call, &expected, &got) {
            return Ok(());
        }
        if !matches!(expected, Outcome::Census(_) | Outcome::Members(_)) {
            self.bind(task, &mut expected, &mut got)?;
        }
        let names = &self.names[task];
        expected.each_name(|name| {
            if let Some(real) = names.get(name) {
                *name = *real;
            }
        });
        for outcome in [&mut expected, &mut got] {
            match outcome {
                // Of rights in other tasks a receive right knows whether there are any.
                Outcome::Status(status) if self.world.several() => (status[4], status[5]) = (0, 0),
                Outcome::Census(names) => names.sort_unstable(),
                Outcome::Members(names) => names.sort_unstable(),
                _ => {}
            }
        }
        if expected == got {
            Ok(())
        } else {
            Err(format!("expected {expected:x?}, got {got:x?}"))
        }
    }

    /// Learns the real names of names that are new.
    fn bind(
        &mut self,
        task: TaskId,
        expected: &mut Outcome,
        got: &mut Outcome,
    ) -> Result<(), Difference> {
        let (mut models, mut reals) = (Vec::new(), Vec::new());
        expected.each_name(|name| models.push(*name));
        got.each_name(|name| reals.push(*name));
        for (&model, &real) in models.iter().zip(&reals) {
            if !valid(model) || self.names[task].contains_key(&model) {
                continue;
            }
            if !valid(real) || self.before[task].contains(&real) {
                return Err(format!("expected a new name {model}, got {real:#x}"));
            }
            if let Some(other) = self.holder_of(task, real) {
                return Err(format!(
                    "the new name {model} is the same as {other}: {real:#x}"
                ));
            }
            self.names[task].insert(model, real);
        }
        Ok(())
    }

    /// Task 1 is going to be killed: it makes no requests that a dead process cannot answer.
    #[must_use]
    pub fn until_killed(mut self) -> Self {
        self.world.mortal = true;
        self
    }

    /// Task 1 has been killed: task 0 receives what is said of that, and all that was sent before.
    ///
    /// # Errors
    /// The two sides differ.
    pub fn killed(&mut self) -> Result<(), Difference> {
        self.world.end_task(1);
        self.before.truncate(1);
        for name in self.world.receive_rights(0) {
            let receive = |timeout| Call::Receive {
                name,
                small: false,
                timeout,
            };
            while self.world.has_message(0, name) {
                self.play(0, &receive(10_000))?;
            }
            self.play(0, &receive(0))?;
        }
        Ok(())
    }

    /// Compares all names, gives everything up, and sees that nothing is left. After a difference, too, each task is as
    /// it was before, so that the next sequence begins as this one has.
    ///
    /// # Errors
    /// The two sides differ, or differed before, or something is left.
    pub fn finish(mut self, played: Result<(), Difference>) -> Result<(), Difference> {
        let finished = played.and_then(|()| self.give_up());
        if finished.is_err() {
            self.sweep();
        }
        finished
    }

    fn give_up(&mut self) -> Result<(), Difference> {
        let tasks = self.before.len();
        for task in 0..tasks {
            self.play(task, &Call::Census)?;
        }
        for task in 0..tasks {
            let names: Vec<u32> = self.world.tasks[task].names.keys().copied().collect();
            for name in names {
                self.play(task, &Call::Destroy { name })?;
            }
        }
        assert!(
            self.world.is_empty(),
            "the model keeps ports alive: {:?}",
            self.world
        );
        for task in 0..tasks {
            let left = self.left(task);
            if !left.is_empty() {
                return Err(format!("task {task} is left with names {left:x?}"));
            }
        }
        Ok(())
    }

    /// What a task has by now that it did not have before.
    fn left(&mut self, task: TaskId) -> Vec<u32> {
        let now = census(&mut self.real, task);
        now.difference(&self.before[task]).copied().collect()
    }

    fn sweep(&mut self) {
        for task in 0..self.before.len() {
            for name in self.left(task) {
                let _ = (self.real)(task, &Call::Destroy { name });
            }
        }
    }
}

fn census(real: &mut impl FnMut(TaskId, &Call) -> Outcome, task: TaskId) -> HashSet<u32> {
    match real(task, &Call::Census) {
        Outcome::Census(names) => names.into_iter().map(|(name, _, _)| name).collect(),
        other => panic!("no census: {other:?}"),
    }
}

/// What a notification says in the end: the number of the name it speaks of.
fn real_told(names: &[HashMap<u32, u32>], told: Told) -> Told {
    match told {
        Told::Name(task, name) => names[task].get(&name).copied().map_or(told, Told::Count),
        other => other,
    }
}

/// Errors that say the same in other words.
fn tolerated(call: &Call, expected: &Outcome, got: &Outcome) -> bool {
    let both_of = |codes: [i32; 2], others: [i32; 2]| {
        codes.map(Outcome::Code).contains(expected) && others.map(Outcome::Code).contains(got)
    };
    match call {
        // Where the call is a message to the kernel, and not a trap, a bad notify right is an error of that message.
        Call::Request { .. } => both_of(
            [KERN_INVALID_NAME, KERN_INVALID_RIGHT],
            [MACH_SEND_INVALID_RIGHT; 2],
        ),
        // Of two bad names or rights versions of XNU tell one or the other.
        Call::Send(_) => both_of(
            [MACH_SEND_INVALID_DEST, MACH_SEND_INVALID_REPLY],
            [MACH_SEND_INVALID_DEST, MACH_SEND_INVALID_REPLY],
        ),
        Call::MoveMember { .. } => both_of(
            [KERN_INVALID_NAME, KERN_INVALID_RIGHT],
            [KERN_INVALID_NAME, KERN_INVALID_RIGHT],
        ),
        _ => false,
    }
}
