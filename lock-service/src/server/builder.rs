//! Making a service.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;

use mach_interface::Subsystem;
use mach_ports::{Error, PortSet, ReceiveRight};
use parking_lot::Mutex;

use crate::server::core::Core;
use crate::server::handle::{LockService, ServiceHandle};
use crate::server::processes::Inbox;
use crate::server::run::{Ports, Shared, run};
use crate::server::subsystems::Front;
use crate::server::volumes::{Clock, NoVolumes, SystemClock, Volumes};
use crate::server::world::Observer;
use crate::state::{Event, NewVolume, Policy};
use crate::wire::{LockSessionServer, LocksServer, VolumeLocksServer};

/// Why a service could not be started.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// This process is short of ports (on Linux: of descriptors).
    #[error("the lock service's ports could not be made")]
    Ports(#[from] Error),
    /// This process is short of threads.
    #[error("the lock service's thread could not be made")]
    Thread(#[source] std::io::Error),
}

mach_ports::debug_with_causes!(StartError);

/// How a service is to be.
#[must_use = "a builder does nothing until `start`"]
pub struct Builder {
    policy: Policy,
    port: Option<ReceiveRight>,
    clock: Arc<dyn Clock>,
    volumes: Box<dyn Volumes>,
    observer: Observer,
    subsystems: Vec<Box<dyn Subsystem>>,
    known: Option<Vec<NewVolume>>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            policy: Policy::new(),
            port: None,
            clock: Arc::new(SystemClock),
            volumes: Box::new(NoVolumes),
            observer: Box::new(|_| ()),
            subsystems: Vec::new(),
            known: None,
        }
    }
}

impl Builder {
    /// Whom it is for. Without this, for everybody who has a right to its port.
    pub const fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// The port that it answers at, for example one that was checked in under a name. Without this, a new one.
    pub fn port(mut self, port: ReceiveRight) -> Self {
        self.port = Some(port);
        self
    }

    /// What it asks about volumes. Without this there are none.
    pub fn volumes(mut self, volumes: impl Volumes + 'static) -> Self {
        self.volumes = Box::new(volumes);
        self
    }

    /// The volumes that there are at the start, so that they can be locked from the first request on. Without this, not until
    /// [`ServiceHandle::set_ready`].
    pub fn ready_with(mut self, volumes: impl IntoIterator<Item = NewVolume>) -> Self {
        self.known = Some(volumes.into_iter().collect());
        self
    }

    /// What it knows the time by. Without this, the system's clock.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Is called with everything that happens to locks and volumes, in order. The service is locked meanwhile: it must not be
    /// called back, nor be kept waiting.
    pub fn observer(mut self, observer: impl FnMut(&Event) + Send + 'static) -> Self {
        self.observer = Box::new(observer);
        self
    }

    /// Answers the requests of one more interface at the service's port. The service is not locked meanwhile.
    pub fn subsystem(mut self, subsystem: impl Subsystem + 'static) -> Self {
        self.subsystems.push(Box::new(subsystem));
        self
    }

    /// Starts it, on a thread of its own.
    ///
    /// # Errors
    ///
    /// This process is short of ports or threads.
    pub fn start(self) -> Result<LockService, StartError> {
        let service = match self.port {
            Some(port) => port,
            None => ReceiveRight::new()?,
        };
        let (set, control) = (PortSet::new()?, ReceiveRight::new()?);
        let notify = Arc::new(ReceiveRight::new()?);
        for port in [&service, &control, &*notify] {
            set.insert(port)?;
        }
        let right = service.make_send()?;
        let inbox = Arc::new(Inbox::new(control.make_send()?));
        let core = Core::new(
            self.policy,
            self.clock,
            self.volumes,
            self.observer,
            Arc::clone(&notify),
            Arc::clone(&inbox),
        );
        let shared = Arc::new(Shared {
            core: Mutex::new(core),
            set,
            inbox,
            stopped: AtomicBool::new(false),
        });
        let front = Front(Arc::clone(&shared));
        let mut objects = self.subsystems;
        objects.push(Box::new(VolumeLocksServer::new(front.clone())));
        objects.push(Box::new(LocksServer::new(front.clone())));
        objects.push(Box::new(LockSessionServer::new(front)));
        let ports = Ports {
            _service: service,
            notify,
            control,
        };
        let handle = ServiceHandle::new(Arc::clone(&shared));
        if let Some(volumes) = self.known {
            volumes
                .into_iter()
                .for_each(|volume| handle.volume_appeared(volume));
            handle.set_ready();
        }
        let thread = thread::Builder::new()
            .name("lock-service".to_owned())
            .spawn(move || run(&shared, &ports, &objects))
            .map_err(StartError::Thread)?;
        Ok(LockService::new(handle, right, thread))
    }
}
