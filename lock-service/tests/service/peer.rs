//! A process that does what the test tells it: a client, or the service.

use std::collections::HashMap;
use std::env;
use std::sync::Mutex;
use std::time::Duration;

use launcher::{Child, Launcher, Stdio, key};
use lock_service::state::NewVolume;
use lock_service::{
    LockClient, LockError, LockOptions, LockService, RebootGuard, Resource, Uuid, VolumeClient,
    VolumeGuard, Wait,
};
use mach_interface::server::serve_while_used;
use mach_interface::{CopySend, subsystem};
use mach_ports::{ReceiveRight, ReturnCode, SendRight, census};
use rendezvous_client::RendezvousClient;

pub(crate) const SOON: Duration = Duration::from_secs(60);
const ROLE: &str = "LOCK_SERVICE_TEST_PEER";
const ORDERS: u32 = key(b"ordr");
const SERVICE: u32 = key(b"serv");

/// What a peer can be told. Results are errno values, and less than 0 for what is no status.
#[subsystem(base = 200)]
pub(crate) trait Orders {
    /// Locks a volume, waits if `wait_ms` is not 0, and keeps the guard.
    fn lock(&self, volume: [u8; 16], wait_ms: i32) -> Result<i32, ReturnCode>;
    fn unlock(&self, volume: [u8; 16], exit_status: i32) -> Result<i32, ReturnCode>;
    /// Drops a volume's port without unlocking.
    fn drop_port(&self, volume: [u8; 16]) -> Result<(), ReturnCode>;
    /// Takes the reboot lock, and keeps it.
    fn shut_down(&self, wait_ms: i32) -> Result<i32, ReturnCode>;
    /// Locks a named resource in the peer's session; the guard stays.
    fn take(&self, number: u64, wait_ms: i32) -> Result<i32, ReturnCode>;
    fn give_back(&self, number: u64) -> Result<(), ReturnCode>;
    /// Locks and unlocks a volume and a resource so many times.
    fn pairs(&self, volume: [u8; 16], count: u32) -> Result<(), ReturnCode>;
    /// Begins a service with volumes that are numbered from 1.
    fn serve(&self, volumes: u32) -> Result<CopySend, ReturnCode>;
    /// Names, references and descriptors.
    fn held(&self) -> Result<[u64; 3], ReturnCode>;
}

#[derive(Default)]
struct Peer {
    service: Option<SendRight>,
    volumes: Mutex<HashMap<[u8; 16], VolumeGuard>>,
    session: Mutex<Option<LockClient>>,
    locks: Mutex<HashMap<u64, lock_service::LockGuard>>,
    own: Mutex<Option<LockService>>,
    reboot: Mutex<Option<RebootGuard>>,
}

fn wait(ms: i32) -> Wait {
    match u64::try_from(ms) {
        Ok(0) => Wait::Try,
        Ok(ms) => Wait::For(Duration::from_millis(ms)),
        Err(_) => Wait::Forever,
    }
}

/// An error as a number.
pub(crate) fn code(error: &LockError) -> i32 {
    match error {
        LockError::NotPermitted => libc::EPERM,
        LockError::NotReady => libc::EAGAIN,
        LockError::ShuttingDown => libc::ENOLCK,
        LockError::Unknown => libc::ENOENT,
        LockError::Busy { .. } => libc::EBUSY,
        LockError::Already => libc::EALREADY,
        LockError::TimedOut => libc::ETIMEDOUT,
        LockError::NotHeld => -2,
        error if error.service_is_gone() => -3,
        error => panic!("{error:?}"),
    }
}

impl Peer {
    fn client(&self) -> VolumeClient {
        VolumeClient::new(self.service.clone().unwrap())
    }

    fn session(&self) -> LockClient {
        let mut session = self.session.lock().unwrap();
        let open = || LockClient::open(self.service.clone().unwrap()).unwrap();
        session.get_or_insert_with(open).clone()
    }
}

pub(crate) fn resource(number: u64) -> Resource {
    Resource::named(&format!("resource {number}")).unwrap()
}

pub(crate) fn held() -> [u64; 3] {
    assert!(mach_ports::platform::wait_for_closings(SOON));
    let names = census::names().unwrap();
    let references = names.iter().map(|entry| u64::from(entry.references)).sum();
    let descriptors = std::fs::read_dir("/dev/fd").unwrap().count();
    [names.len() as u64, references, descriptors as u64]
}

impl Orders for Peer {
    fn lock(&self, volume: [u8; 16], wait_ms: i32) -> Result<i32, ReturnCode> {
        let locked = self.client().lock(Uuid::from_bytes(volume), wait(wait_ms));
        Ok(match locked {
            Ok(guard) => {
                self.volumes.lock().unwrap().insert(volume, guard);
                0
            }
            Err(error) => code(&error),
        })
    }

    fn unlock(&self, volume: [u8; 16], exit_status: i32) -> Result<i32, ReturnCode> {
        let guard = self.volumes.lock().unwrap().remove(&volume).unwrap();
        Ok(guard
            .unlock(exit_status)
            .map_or_else(|error| code(&error), |()| 0))
    }

    fn drop_port(&self, volume: [u8; 16]) -> Result<(), ReturnCode> {
        let guard = self.volumes.lock().unwrap().remove(&volume).unwrap();
        drop(guard.into_port());
        Ok(())
    }

    fn shut_down(&self, wait_ms: i32) -> Result<i32, ReturnCode> {
        Ok(match self.client().lock_reboot(wait(wait_ms)) {
            Ok(guard) => {
                *self.reboot.lock().unwrap() = Some(guard);
                0
            }
            Err(error) => code(&error),
        })
    }

    fn take(&self, number: u64, wait_ms: i32) -> Result<i32, ReturnCode> {
        let options = LockOptions::new().wait(wait(wait_ms));
        Ok(match self.session().lock(&resource(number), &options) {
            Ok(guard) => {
                self.locks.lock().unwrap().insert(number, guard);
                0
            }
            Err(error) => code(&error),
        })
    }

    fn give_back(&self, number: u64) -> Result<(), ReturnCode> {
        let guard = self.locks.lock().unwrap().remove(&number).unwrap();
        guard.unlock(0).map_err(|_| ReturnCode::INVALID_VALUE)
    }

    fn pairs(&self, volume: [u8; 16], count: u32) -> Result<(), ReturnCode> {
        let (client, session) = (self.client(), self.session());
        for _ in 0..count {
            let guard = client.lock(Uuid::from_bytes(volume), Wait::Try).unwrap();
            guard.unlock(0).unwrap();
            let guard = session.lock(&resource(0), &LockOptions::new()).unwrap();
            guard.unlock(0).unwrap();
        }
        Ok(())
    }

    fn serve(&self, volumes: u32) -> Result<SendRight, ReturnCode> {
        let service = LockService::builder().start().unwrap();
        for number in 1..=u128::from(volumes) {
            service.handle().volume_appeared(NewVolume {
                id: Uuid::from_u128(number),
                name: "a volume".into(),
            });
        }
        service.handle().set_ready();
        let right = service.right();
        *self.own.lock().unwrap() = Some(service);
        Ok(right)
    }

    fn held(&self) -> Result<[u64; 3], ReturnCode> {
        Ok(held())
    }
}

/// What the other process does; nothing, if this is not it.
#[test]
fn peer() {
    if env::var_os(ROLE).is_none() {
        return;
    }
    let client = RendezvousClient::instance().unwrap();
    let orders = client.take_receive(ORDERS).unwrap().unwrap();
    let peer = Peer {
        service: client.take_send(SERVICE).unwrap(),
        ..Peer::default()
    };
    serve_while_used(orders, vec![Box::new(OrdersServer::new(peer))]).unwrap();
}

/// Another process, and the way to tell it what to do. It is killed when this is dropped.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) orders: OrdersClient,
}

/// A process that knows a service, or none.
pub(crate) fn process(service: Option<SendRight>) -> Process {
    let orders = ReceiveRight::new().unwrap();
    let right = orders.make_send().unwrap();
    let mut launcher = Launcher::new(env::current_exe().unwrap());
    launcher
        .args(["--exact", "peer::peer"])
        .env(ROLE, "1")
        .stdout(Stdio::Null)
        .port(ORDERS, orders)
        .kill_on_drop(true);
    if let Some(service) = service {
        launcher.port(SERVICE, service);
    }
    Process {
        child: launcher.spawn().unwrap(),
        orders: OrdersClient::new(right).with_timeout(SOON),
    }
}
