//! The lock service, and what its requests for volumes carry without it.

use std::time::Duration;

use lock_service::state::NewVolume;
use lock_service::{LockClient, LockOptions, LockService, Resource, Uuid, VolumeClient, Wait};
use mach_interface::server::serve_one;
use mach_interface::{MakeSend, Subsystem, subsystem};
use mach_ports::{ReceiveOptions, ReceiveRight, ReturnCode, SendRight};

use crate::Result;
use crate::harness::{Contender, Counts};
use crate::ours::{Given, Pair, given, pair};

pub(super) const SERVICE: &str = "lock-service";
pub(super) const KEEPER: &str = "lock-keeper";

pub(crate) const SESSION: &str = "lock and unlock, by name";
pub(crate) const VOLUME: &str = "lock and unlock, a volume";
pub(crate) const WITH_RIGHT: &str = "typed call with a right to a new port";

const PATIENCE: Duration = Duration::from_secs(60);
const ID: Uuid = Uuid::from_u128(1);

/// In a session.
pub(crate) fn session(counts: &Counts) -> Result<Contender> {
    let Pair {
        to_peer,
        answers,
        peer,
    } = pair(SERVICE, 0)?;
    let client = LockClient::open(to_peer)?;
    let resource = Resource::named("a resource").ok_or("no name")?;
    let options = LockOptions::new();
    Ok(Contender::repeating(
        SESSION,
        [peer],
        counts.calls,
        move || {
            let _alive = &answers;
            client.lock(&resource, &options)?.unlock(0)?;
            Ok(())
        },
    ))
}

/// With a port for each lock.
pub(crate) fn volume(counts: &Counts) -> Result<Contender> {
    let Pair {
        to_peer,
        answers,
        peer,
    } = pair(SERVICE, 0)?;
    let client = VolumeClient::new(to_peer);
    Ok(Contender::repeating(
        VOLUME,
        [peer],
        counts.calls,
        move || {
            let _alive = &answers;
            client.lock(ID, Wait::Try)?.unlock(0)?;
            Ok(())
        },
    ))
}

pub(super) fn serve() -> Result<()> {
    let Given { requests, .. } = given()?;
    let volume = NewVolume {
        id: ID,
        name: "a volume".into(),
    };
    let builder = LockService::builder().port(requests);
    let _service = builder.ready_with([volume]).start()?;
    loop {
        std::thread::park();
    }
}

#[subsystem(base = 9100)]
trait Keeper {
    fn keep(&self, port: MakeSend, bytes: [u8; 20]) -> std::result::Result<i32, ReturnCode>;
}

struct Forgetful;

impl Keeper for Forgetful {
    fn keep(&self, _: SendRight, _: [u8; 20]) -> std::result::Result<i32, ReturnCode> {
        Ok(0)
    }
}

/// What a request for a volume costs by what it carries.
pub(crate) fn request_with_right(counts: &Counts) -> Result<Contender> {
    let Pair {
        to_peer,
        answers,
        peer,
    } = pair(KEEPER, 0)?;
    let client = KeeperClient::new(to_peer).with_timeout(PATIENCE);
    Ok(Contender::repeating(
        WITH_RIGHT,
        [peer],
        counts.calls,
        move || {
            let _alive = &answers;
            let port = ReceiveRight::new()?;
            client.keep(&port, [0; 20])?;
            Ok(())
        },
    ))
}

pub(super) fn serve_keeper() -> Result<()> {
    let Given { requests, .. } = given()?;
    let objects: Vec<Box<dyn Subsystem>> = vec![Box::new(KeeperServer::new(Forgetful))];
    loop {
        serve_one(requests.receive(&ReceiveOptions::new())?, &objects).send();
    }
}
