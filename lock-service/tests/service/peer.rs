//! A process that does what the test tells it: a client, or the service.

use std::collections::HashMap;
use std::env;
use std::sync::Mutex;
use std::time::Duration;

use launcher::{Child, Launcher, Stdio, key};
use lock_service::state::NewVolume;
use lock_service::wire::{LockSessionClient, LocksClient, RESOURCE};
use lock_service::{
    LockClient, LockError, LockOptions, LockService, RebootGuard, Resource, Uuid, VolumeClient,
    VolumeGuard, Wait,
};
use mach_interface::server::serve_while_used;
use mach_interface::{Array, CopySend, subsystem, wire};
use mach_ports::{ReceiveOptions, ReceiveRight, ReturnCode, SendOptions, SendRight, census};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use rendezvous_client::RendezvousClient;

use crate::crowd;

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
    /// Gives a volume's port to the test, which then is all that has it.
    fn hand_port(&self, volume: [u8; 16]) -> Result<ReceiveRight, ReturnCode>;
    /// Takes the reboot lock, and keeps it.
    fn shut_down(&self, wait_ms: i32) -> Result<i32, ReturnCode>;
    /// Locks a named resource in the peer's session; the guard stays.
    fn take(&self, number: u64, wait_ms: i32) -> Result<i32, ReturnCode>;
    fn give_back(&self, number: u64) -> Result<(), ReturnCode>;
    /// Has a resource's lock last until another process has ended, too.
    fn keep_for(&self, number: u64, pid: i32) -> Result<i32, ReturnCode>;
    /// Asks for the lock on resource 0 so many times, in a session of its own.
    fn queue_up(&self, count: u64) -> Result<(), ReturnCode>;
    /// Waits for these locks one after the other and gives each back; how many came in their order.
    fn take_turns(&self) -> Result<u64, ReturnCode>;
    /// Takes part in the crowd, with a folder for evidence.
    fn contend(&self, seed: u64, folder: Array<u8, 1024>) -> Result<u32, ReturnCode>;
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
    queue: Mutex<Option<Queue>>,
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

/// Many requests of one session at once, by the bare interface.
struct Queue {
    session: LockSessionClient,
    replies: ReceiveRight,
    count: u64,
    _client: ReceiveRight,
}

/// What a request for a lock in a session carries.
pub(crate) type Acquire = (u64, u32, Array<u8, RESOURCE>, bool, i64, u64);

impl Queue {
    fn new(service: SendRight, count: u64) -> Self {
        let (client, replies) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
        replies.set_queue_limit(1024).unwrap();
        let (_, session) = LocksClient::new(service).open(&client).unwrap();
        let session = session.unwrap();
        for token in 0..count {
            let arguments = (token, 1, &b"resource 0"[..], false, -1, 0);
            let (message, _) = wire::request::<Acquire>(71_100, arguments).unwrap();
            message
                .reply_to_make_send_once(&replies)
                .send(&session, &SendOptions::new().timeout(SOON))
                .unwrap();
        }
        let session = LockSessionClient::new(session).with_timeout(SOON);
        // An answer to this is one to all before it: they are in the queue.
        assert_eq!(session.renew(count, 0).unwrap(), libc::ENOENT);
        Self {
            session,
            replies,
            count,
            _client: client,
        }
    }

    fn take_turns(&self) -> u64 {
        let in_order = |token: &u64| {
            let reply = self
                .replies
                .receive(&ReceiveOptions::new().timeout(SOON))
                .unwrap();
            let granted = reply.body().get(12..16) == Some(&[0; 4]);
            // Only what is held has a lease to be renewed.
            let holds = self.session.renew(*token, 0).unwrap() == 0;
            granted && holds && self.session.release(*token, 0).unwrap() == 0
        };
        (0..self.count).take_while(in_order).count() as u64
    }
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

    fn hand_port(&self, volume: [u8; 16]) -> Result<ReceiveRight, ReturnCode> {
        let guard = self.volumes.lock().unwrap().remove(&volume).unwrap();
        Ok(guard.into_port().unwrap())
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

    fn keep_for(&self, number: u64, pid: i32) -> Result<i32, ReturnCode> {
        let locks = self.locks.lock().unwrap();
        Ok(locks[&number]
            .keep_for(pid)
            .map_or_else(|error| code(&error), |()| 0))
    }

    fn queue_up(&self, count: u64) -> Result<(), ReturnCode> {
        let queue = Queue::new(self.service.clone().unwrap(), count);
        *self.queue.lock().unwrap() = Some(queue);
        Ok(())
    }

    fn take_turns(&self) -> Result<u64, ReturnCode> {
        Ok(self.queue.lock().unwrap().take().unwrap().take_turns())
    }

    fn contend(&self, seed: u64, folder: Vec<u8>) -> Result<u32, ReturnCode> {
        let folder = String::from_utf8(folder).unwrap();
        Ok(crowd::contend(
            self.service.as_ref().unwrap(),
            seed,
            folder.as_ref(),
        ))
    }

    fn give_back(&self, number: u64) -> Result<(), ReturnCode> {
        let guard = self.locks.lock().unwrap().remove(&number).unwrap();
        guard.unlock(0).map_err(|_| ReturnCode::INVALID_VALUE)
    }

    fn pairs(&self, volume: [u8; 16], count: u32) -> Result<(), ReturnCode> {
        let (client, session) = (self.client(), self.session());
        for number in 0..count {
            if number % 20 == 0 {
                let session = LockClient::open(self.service.clone().unwrap()).unwrap();
                session
                    .lock(&resource(1), &LockOptions::new())
                    .unwrap()
                    .leak();
            }
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

impl Process {
    /// Stops it. It does nothing more once this has returned.
    pub(crate) fn stop(&self) {
        self.child.signal(libc::SIGSTOP).unwrap();
        // The signal is one thread's at first; until that has run the others go on.
        let stopped = waitpid(Pid::from_raw(self.child.id()), Some(WaitPidFlag::WUNTRACED));
        assert!(
            matches!(stopped, Ok(WaitStatus::Stopped(..))),
            "{stopped:?}"
        );
    }
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
