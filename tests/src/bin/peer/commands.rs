//! What can be commanded, and what the process keeps from one command to the next.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;

use launcher::RendezvousServer;
use mach_ports::{AnyRight, ReceiveRight, ReceivedMessage};

use crate::client::Client;
use crate::{client, parent, process, request, rights};

pub(crate) type Answer = Result<String, Box<dyn Error>>;

/// What is left of a command's words.
pub(crate) type Words<'a> = std::str::SplitWhitespace<'a>;

/// What the process holds.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) client: Option<Client>,
    /// By the names that the commands give them.
    pub(crate) rights: BTreeMap<String, AnyRight>,
    pub(crate) messages: Vec<ReceivedMessage>,
    /// Where the reply to a request made by hand will come.
    pub(crate) reply: Option<ReceiveRight>,
    pub(crate) server: Option<RendezvousServer>,
    /// Both ends of a socket with descriptors in it.
    #[cfg(target_os = "linux")]
    pub(crate) parked: Option<crate::parked::Pair>,
    /// What is open for no other reason than that others cannot be.
    pub(crate) taken: Vec<File>,
}

impl State {
    pub(crate) fn obey(&mut self, command: &str) -> Answer {
        let mut words = command.split_whitespace();
        match words.next().unwrap_or_default() {
            "connect" => client::connect(self, words),
            "instance" => client::instance(self),
            "keys" => client::keys(self),
            "name" => client::name(self),
            "data" => client::data(self),
            "take" => client::take(self, words),
            "greet-all" => client::greet_all(self),
            "receive-from-all" => client::receive_from_all(self),
            "disconnect" => client::disconnect(self),
            "revoke" => client::revoke(self),

            "allocate" => rights::allocate(self, words),
            "check-in" => rights::check_in(self, words),
            "look-up" => rights::look_up(self, words),
            "send" => rights::send(self, words),
            "move" => rights::move_on(self, words),
            "try-make" => rights::try_make(self, words),
            "make" => rights::make(self, words),
            "receive" => rights::receive(self, words),
            "hold" => rights::hold(self, words),
            "release" => rights::release(self, words),
            "references" => rights::references(self, words),

            "ask" => request::ask(self, words),
            "ask-for" => request::ask_for(self, words),
            "flood" => request::flood(self, words),
            "reply" => request::reply(self),
            "senders-go" => request::senders_go(self),
            "answer" => request::answer(self, words),
            "deny" => request::deny(self, words),
            "answer-next" => request::answer_next(self, words),

            "launch" => parent::launch(self, words),
            "launch-leaving" => parent::launch_leaving(self, words),
            "leave-fds" => parent::leave_descriptors(self, words),
            "launch-unnamed" => parent::launch_unnamed(self, words),
            "spawn" => parent::spawn(),
            "spawn-registered" => parent::spawn_registered(self, words),
            "spawn-locked" => parent::spawn_locked(self),
            "start" => parent::start(words),

            "exec" => process::exec(words),
            "exit" => process::exit(words),
            "panic" => process::panic(),
            "die" => process::die(words),
            "arg0" => process::arg0(),
            "env" => process::env(words),
            "cwd" => process::cwd(),
            "group" => process::group(),
            "fds" => process::descriptors(),
            "read" => process::read(words),
            "complain" => process::complain(words),
            "holdings" => process::holdings(),
            "limits" => process::limits(),
            "raise-limit" => process::raise_limit(words),
            #[cfg(target_os = "linux")]
            "user" => crate::parked::user(),
            #[cfg(target_os = "linux")]
            "refuse" => crate::refuse::refuse(words),
            #[cfg(target_os = "linux")]
            "park" => crate::parked::park(self, words),
            "limit-fds" => process::limit_descriptors(words),
            other => Err(format!("there is no command {other:?}").into()),
        }
    }

    pub(crate) fn client(&self) -> Result<&Client, Box<dyn Error>> {
        self.client.as_ref().ok_or_else(|| "not connected".into())
    }

    pub(crate) fn right(&self, name: &str) -> Result<&AnyRight, Box<dyn Error>> {
        self.rights
            .get(name)
            .ok_or_else(|| format!("no right {name}").into())
    }
}

/// The next word, which must be there.
pub(crate) fn word<'a>(words: &mut Words<'a>) -> Result<&'a str, Box<dyn Error>> {
    words.next().ok_or_else(|| "a word is missing".into())
}
