//! What other processes said of ports: their own numbers for them, by which a right that comes again is known.
//!
//! A process may say any number, but of its own ones only. Whoever has its pid when it has ended is another one, and knows
//! none of them: so a descriptor stands for each process that has said something. What a process has sent before it ended
//! may be read afterwards, when nobody tells who it was. It is known by its link then: an heir of the pid has others.

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

use std::collections::HashMap;
use std::os::fd::OwnedFd;

use nix::errno::Errno;

use crate::kernel::messages::kmsg::Sender;
use crate::kernel::ports::ids::{LinkKey, PortKey};
use crate::sys::process;

/// A process, and its number for a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ToldBy {
    pid: i32,
    /// Which of the processes of that pid.
    life: u64,
    number: u64,
}

/// A process that has said something.
#[derive(Debug)]
struct Teller {
    life: u64,
    being: Being,
    /// What tells it from others of its pid, once a port has asked; 0 if nothing does.
    version: u32,
    /// How many ports are known by its numbers.
    ports: usize,
}

#[derive(Debug)]
enum Being {
    Held(OwnedFd),
    /// It had ended when it was first heard of.
    Gone,
    /// Nothing stands for processes here: the pid counts.
    Unknown,
}

impl Teller {
    /// Whether it lives, and may be the sender of a message that has come.
    fn may_be(&mut self, sender: Sender) -> bool {
        if let (Being::Held(process), 0) = (&self.being, self.version)
            && sender.version != 0
        {
            self.version = process::version(process);
        }
        let lives = match &self.being {
            Being::Held(process) => !process::has_ended(process),
            Being::Gone => false,
            Being::Unknown => true,
        };
        lives && self.agrees(sender)
    }

    fn agrees(&self, sender: Sender) -> bool {
        [self.version, sender.version].contains(&0) || self.version == sender.version
    }
}

/// All that was said of ports that live.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// With the link by which it was said.
    ports: HashMap<ToldBy, (PortKey, LinkKey)>,
    /// The last of each pid.
    tellers: HashMap<i32, Teller>,
    lives: u64,
}

impl Told {
    /// Who said this number by a link, and the port that is known by it. `None`: nothing can be known by it.
    pub(super) fn heard(
        &mut self,
        sender: Sender,
        number: u64,
        link: LinkKey,
    ) -> Option<(ToldBy, Option<PortKey>)> {
        self.heard_of(sender, number, link, process::watch)
    }

    fn heard_of(
        &mut self,
        sender: Sender,
        number: u64,
        link: LinkKey,
        open: impl FnOnce(i32) -> Result<OwnedFd, Errno>,
    ) -> Option<(ToldBy, Option<PortKey>)> {
        // Processes of foreign pid namespaces cannot be told apart.
        let pid = sender.pid;
        if pid <= 0 {
            return None;
        }
        let (life, lives) = self.teller(sender, open)?;
        let told_by = ToldBy { pid, life, number };
        let known = self.ports.get(&told_by);
        let by_link = |by: &LinkKey| *by == link && link != LinkKey::default();
        let known = known.filter(|(_, by)| lives || by_link(by));
        Some((told_by, known.map(|&(key, _)| key)))
    }

    /// Which life of its pid a sender is, and whether it lives.
    fn teller(
        &mut self,
        sender: Sender,
        open: impl FnOnce(i32) -> Result<OwnedFd, Errno>,
    ) -> Option<(u64, bool)> {
        let mut known = self.tellers.get_mut(&sender.pid);
        if let Some(teller) = &mut known
            && teller.may_be(sender)
        {
            return Some((teller.life, true));
        }
        let version = sender.version;
        let being = match open(sender.pid) {
            // The pid is another's by now.
            Ok(process) if version != 0 && process::version(&process) != version => Being::Gone,
            Ok(process) => Being::Held(process),
            Err(Errno::ESRCH) => Being::Gone,
            // A sandbox, or an old kernel.
            Err(Errno::EPERM | Errno::ENOSYS) => Being::Unknown,
            Err(_) => return None,
        };
        if let (Being::Gone, Some(known)) = (&being, known)
            && known.agrees(sender)
        {
            return Some((known.life, false));
        }
        let lives = !matches!(being, Being::Gone);
        self.lives = self.lives.wrapping_add(1);
        let teller = Teller {
            life: self.lives,
            being,
            version,
            ports: 0,
        };
        self.tellers.insert(sender.pid, teller);
        Some((self.lives, lives))
    }

    /// A port is known by a number from now on.
    pub(super) fn add(&mut self, told_by: ToldBy, port: PortKey, link: LinkKey) {
        let before = self.ports.insert(told_by, (port, link));
        if let Some(teller) = self.teller_of(&told_by).filter(|_| before.is_none()) {
            teller.ports = teller.ports.saturating_add(1);
        }
    }

    pub(super) fn is_known(&self, told_by: &ToldBy) -> bool {
        self.ports.contains_key(told_by)
    }

    /// The port is not known by that number any more.
    pub(crate) fn remove(&mut self, told_by: &ToldBy) {
        let removed = self.ports.remove(told_by).is_some();
        let Some(teller) = self.teller_of(told_by) else {
            return;
        };
        if removed {
            teller.ports = teller.ports.saturating_sub(1);
        }
        if teller.ports == 0 {
            self.tellers.remove(&told_by.pid);
        }
    }

    fn teller_of(&mut self, told_by: &ToldBy) -> Option<&mut Teller> {
        let teller = self.tellers.get_mut(&told_by.pid);
        teller.filter(|teller| teller.life == told_by.life)
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};

    use super::*;
    use crate::kernel::ports::ids::key;

    const LINK: u64 = 1;
    const OTHER: u64 = 2;

    fn start() -> Child {
        let mut cat = Command::new("cat");
        cat.stdin(Stdio::piped()).spawn().unwrap()
    }

    fn end(mut child: Child) {
        drop(child.stdin.take());
        child.wait().unwrap();
    }

    fn of(child: &Child) -> OwnedFd {
        process::watch(child.id().cast_signed()).unwrap()
    }

    fn sender(version: u32) -> Sender {
        Sender {
            pid: 7,
            uid: 1,
            gid: 1,
            version,
        }
    }

    /// Says number 5 by a link: the port that is known by it.
    fn say(
        told: &mut Told,
        version: u32,
        link: u64,
        process: Result<&Child, Errno>,
    ) -> (ToldBy, Option<PortKey>) {
        let open = |_| process.map(of);
        let heard = told.heard_of(sender(version), 5, key(link), open);
        heard.unwrap()
    }

    #[test]
    fn an_heir_of_a_pid_knows_none_of_the_numbers() {
        let (first, heir) = (start(), start());
        let mut told = Told::default();
        let (by_first, known) = say(&mut told, 0, LINK, Ok(&first));
        assert_eq!(known, None);
        told.add(by_first, key(11), key(LINK));
        let again = say(&mut told, 0, OTHER, Err(Errno::EBADF));
        assert_eq!(again, (by_first, Some(key(11))));
        end(first);
        // What it sent before: of an heir that has ended as well it is told by the link.
        let late = say(&mut told, 0, LINK, Err(Errno::ESRCH));
        assert_eq!(late, (by_first, Some(key(11))));
        let late = say(&mut told, 0, OTHER, Err(Errno::ESRCH));
        assert_eq!(late.1, None);
        let (by_heir, known) = say(&mut told, 0, LINK, Ok(&heir));
        assert_eq!(known, None);
        told.add(by_heir, key(12), key(LINK));
        // The end of the first one's port is none of the heir's.
        told.remove(&by_first);
        let again = say(&mut told, 0, LINK, Err(Errno::EBADF));
        assert_eq!(again, (by_heir, Some(key(12))));
        told.remove(&by_heir);
        assert!(told.ports.is_empty() && told.tellers.is_empty());
        end(heir);
    }

    #[test]
    fn who_is_told_apart_by_the_kernel_below_is_so_at_once() {
        let (first, heir) = (start(), start());
        let [one, other] = [&first, &heir].map(|child| process::version(&of(child)));
        let mut told = Told::default();
        let (by_first, _) = say(&mut told, one, LINK, Ok(&first));
        told.add(by_first, key(11), key(LINK));
        // Where nobody asks, it is the same.
        assert_eq!(say(&mut told, 0, LINK, Err(Errno::EBADF)).0, by_first);
        // Before 6.9 they are all 0.
        if one != 0 {
            let (by_heir, known) = say(&mut told, other, LINK, Ok(&heir));
            assert!(by_heir != by_first && known.is_none());
            told.remove(&by_heir);
        }
        told.remove(&by_first);
        assert!(told.ports.is_empty() && told.tellers.is_empty());
        end(first);
        end(heir);
    }

    #[test]
    fn where_nothing_stands_for_processes_the_pid_counts() {
        let mut told = Told::default();
        let (by, _) = say(&mut told, 0, LINK, Err(Errno::EPERM));
        told.add(by, key(11), key(LINK));
        let again = say(&mut told, 0, OTHER, Err(Errno::EPERM));
        assert_eq!(again, (by, Some(key(11))));
        // Nothing is known by what cannot be looked into.
        let mut told = Told::default();
        let short = |_| Err(Errno::EMFILE);
        assert!(told.heard_of(sender(0), 5, key(LINK), short).is_none());
    }
}
