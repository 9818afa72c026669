//! Commands for the rendezvous client.

use std::ops::Deref;
use std::time::Duration;

use mach_ports::{AnyRight, Message, ReceiveOptions, SendOptions};
use rendezvous_client::{
    BaseId, ConnectError, ConnectOptions, PeerPolicy, PeerRequirement, RendezvousClient, TakeError,
    key,
};
use rendezvous_tests::LONG;

use crate::commands::{Answer, State, Words, word};

/// A client of a test's own, or the one of the process.
pub(crate) enum Client {
    Own(RendezvousClient),
    Process(&'static RendezvousClient),
}

impl Deref for Client {
    type Target = RendezvousClient;

    fn deref(&self) -> &RendezvousClient {
        match self {
            Self::Own(client) => client,
            Self::Process(client) => client,
        }
    }
}

/// `connect [base=ID] [server=PID] [deadline=MILLISECONDS] [require=REQUIREMENT] [policy=POLICY] [plain] [lends]`
pub(crate) fn connect(state: &mut State, words: Words<'_>) -> Answer {
    let connected = RendezvousClient::connect(&options(words)?);
    Ok(match connected {
        Ok(client) => connected_to(state, Client::Own(client)),
        Err(error) => refused(&error),
    })
}

/// `instance`: several threads ask for the client of the process at once.
pub(crate) fn instance(state: &mut State) -> Answer {
    let instances: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(RendezvousClient::instance))
            .collect();
        threads.into_iter().map(|thread| thread.join()).collect()
    });
    let mut found: Option<&'static RendezvousClient> = None;
    for instance in instances {
        match instance.map_err(|_| "a thread panicked")? {
            Ok(client) if found.is_none_or(|other| std::ptr::eq(other, client)) => {
                found = Some(client);
            }
            Ok(_) => return Err("two threads got two clients".into()),
            Err(error) => return Ok(refused(error)),
        }
    }
    let client = found.ok_or("no thread has run")?;
    Ok(connected_to(state, Client::Process(client)))
}

fn connected_to(state: &mut State, client: Client) -> String {
    let answer = format!("connected {}", client.port_count());
    state.client = Some(client);
    answer
}

fn refused(error: &ConnectError) -> String {
    format!("refused {error:?}")
}

fn options(words: Words<'_>) -> Result<ConnectOptions, Box<dyn std::error::Error>> {
    let mut options = ConnectOptions::new();
    let (mut requirement, mut policy) = (None, PeerPolicy::default());
    for word in words {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        match name {
            "base" => options = options.base_id(BaseId::new(value)?),
            "server" => options = options.server_pid(value.parse()?),
            "deadline" => options = options.deadline(Duration::from_millis(value.parse()?)),
            "plain" => options = options.without_additional_data(),
            "lends" => options = options.offer_task_port(true),
            "policy" => {
                policy = match value {
                    "None" => PeerPolicy::None,
                    "ValidateOnly" => PeerPolicy::ValidateOnly,
                    "Enforce" => PeerPolicy::Enforce,
                    _ => return Err(format!("no policy {value}").into()),
                }
            }
            "require" => {
                requirement = Some(match value.split_once(':').unwrap_or((value, "")) {
                    ("always", _) => PeerRequirement::predicate(|_| true),
                    ("never", _) => PeerRequirement::predicate(|_| false),
                    ("user", _) => PeerRequirement::SameUser,
                    ("pid", pid) => PeerRequirement::Pid(pid.parse()?),
                    ("executable", path) => PeerRequirement::Executable(path.into()),
                    _ => return Err(format!("no requirement {value}").into()),
                });
            }
            _ => return Err(format!("no option {word}").into()),
        }
    }
    Ok(match requirement {
        Some(requirement) => options.require(requirement, policy),
        None => options,
    })
}

/// `keys`: of the ports that were not taken.
pub(crate) fn keys(state: &State) -> Answer {
    let text = |key: u32| String::from_utf8_lossy(&key.to_be_bytes()).into_owned();
    let keys: Vec<_> = state.client()?.keys().into_iter().map(text).collect();
    Ok(keys.join(" "))
}

/// `name`: of the server that answered.
pub(crate) fn name(state: &State) -> Answer {
    Ok(state
        .client()?
        .bootstrap_name()
        .unwrap_or("none")
        .to_owned())
}

/// `data`: how many bytes there are beside the ports, and their sum.
pub(crate) fn data(state: &State) -> Answer {
    let data = state.client()?.additional_data();
    let sum: u64 = data.iter().map(|byte| u64::from(*byte)).sum();
    Ok(format!("{} bytes, sum {sum}", data.len()))
}

/// `take send|once|receive KEY`
pub(crate) fn take(state: &mut State, mut words: Words<'_>) -> Answer {
    let (kind, name) = (word(&mut words)?, word(&mut words)?);
    let key = key(name.as_bytes().try_into()?);
    let client = state.client()?;
    let taken = match kind {
        "send" => client.take_send(key).map(|right| right.map(AnyRight::from)),
        "once" => client
            .take_send_once(key)
            .map(|right| right.map(AnyRight::from)),
        "receive" => client
            .take_receive(key)
            .map(|right| right.map(AnyRight::from)),
        _ => return Err(format!("no kind {kind}").into()),
    };
    Ok(match taken {
        Ok(Some(right)) => {
            state.rights.insert(name.to_owned(), right);
            "taken".to_owned()
        }
        Ok(None) => "nothing".to_owned(),
        Err(TakeError::Dead { .. }) => "dead".to_owned(),
        Err(error) => format!("refused {error:?}"),
    })
}

/// `greet-all`: takes each send right and sends its key by it, as the id of a message.
pub(crate) fn greet_all(state: &State) -> Answer {
    let client = state.client()?;
    let keys = client.keys();
    for key in &keys {
        let right = client.take_send(*key)?.ok_or("a key without a port")?;
        Message::new(key.cast_signed()).send(&right, &SendOptions::new())?;
    }
    Ok(format!("greeted {}", keys.len()))
}

/// `receive-from-all`: takes each receive right and receives a message; the sum is that of the messages' ids.
pub(crate) fn receive_from_all(state: &State) -> Answer {
    let client = state.client()?;
    let keys = client.keys();
    let mut sum = 0;
    for key in &keys {
        let port = client.take_receive(*key)?.ok_or("a key without a port")?;
        sum += port.receive(&ReceiveOptions::new().timeout(LONG))?.id();
    }
    Ok(format!("received {}, sum {sum}", keys.len()))
}

/// `disconnect`: drops the client, and what was not taken with it.
pub(crate) fn disconnect(state: &mut State) -> Answer {
    state.client = None;
    Ok("disconnected".to_owned())
}

/// `revoke`: takes the task's port back from the parent.
pub(crate) fn revoke(state: &mut State) -> Answer {
    let client = state.client()?;
    let lent = client.lends_task_port();
    client.revoke_task_port();
    Ok(format!("revoked {lent} {}", client.lends_task_port()))
}
