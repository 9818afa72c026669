//! Server loops.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use mach_ports::dispatch::{DispatchError, MachReceiveSource, SerialQueue};
use mach_ports::{
    Error, Message, Name, PortSet, ReceiveError, ReceiveOptions, ReceiveRight, ReceivedMessage,
    SendOptions, SendRight,
};
use parking_lot::RwLock;

use crate::code::Refusal;
#[cfg(feature = "tokio")]
use crate::server::ServeError;
use crate::server::service::{Service, tell_schema};
use crate::server::{Outcome, Request, Subsystem};

/// Objects behind ports, served by as many threads as call [`run`](Self::run). A clone is the same server.
///
/// ```
/// use mach_interface::{Server, subsystem};
/// use mach_ports::ReturnCode;
///
/// #[subsystem(base = 900)]
/// trait Adder {
///     fn add(&self, a: u32, b: u32) -> Result<u32, ReturnCode>;
/// }
///
/// struct Checked;
///
/// impl Adder for Checked {
///     fn add(&self, a: u32, b: u32) -> Result<u32, ReturnCode> {
///         a.checked_add(b).ok_or(ReturnCode::INVALID_ARGUMENT)
///     }
/// }
///
/// let server = Server::new()?;
/// let right = server.add(AdderServer::new(Checked))?;
/// let running = server.spawn(2)?;
///
/// let adder = AdderClient::new(right).with_timeout(std::time::Duration::from_secs(10));
/// assert_eq!(adder.add(2, 3)?, 5);
/// let failed = adder.add(u32::MAX, 1).unwrap_err();
/// assert_eq!(failed.code(), ReturnCode::INVALID_ARGUMENT);
/// running.stop();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Server(Arc<Shared>);

struct Shared {
    set: PortSet,
    services: RwLock<HashMap<Name, Arc<Service>>>,
    /// A member of the set: a message to it ends a thread's loop.
    control: ReceiveRight,
    stop: SendRight,
    stopped: AtomicBool,
    options: ReceiveOptions,
}

/// What a loop of the server goes on with.
enum Next {
    Serve(Arc<Service>, ReceivedMessage),
    Stop,
    Nobody,
}

impl Server {
    /// A server without objects. It takes requests of up to 1 MiB, out-of-line memory not counted.
    ///
    /// # Errors
    ///
    /// The kernel is out of names or memory.
    pub fn new() -> Result<Self, Error> {
        Self::with_max_size(1 << 20)
    }

    /// A server that destroys larger requests.
    ///
    /// # Errors
    ///
    /// The kernel is out of names or memory.
    pub fn with_max_size(bytes: usize) -> Result<Self, Error> {
        let (set, control) = (PortSet::new()?, ReceiveRight::new()?);
        set.insert(&control)?;
        Ok(Self(Arc::new(Shared {
            set,
            stop: control.make_send()?,
            control,
            services: RwLock::default(),
            stopped: AtomicBool::new(false),
            options: ReceiveOptions::new().max_size(bytes),
        })))
    }

    /// Serves an object behind a new port, until [`remove`](Self::remove).
    ///
    /// # Errors
    ///
    /// The kernel is out of names or memory.
    pub fn add(&self, object: impl Subsystem + 'static) -> Result<SendRight, Error> {
        let port = ReceiveRight::new()?;
        let right = port.make_send()?;
        self.add_port(port, vec![Box::new(object)])?;
        Ok(right)
    }

    /// Serves an object behind a new port, for as long as somebody has a send right to it.
    ///
    /// # Errors
    ///
    /// The kernel is out of names or memory.
    pub fn add_while_used(&self, object: impl Subsystem + 'static) -> Result<SendRight, Error> {
        let port = ReceiveRight::new()?;
        let right = port.make_send()?;
        port.request_no_senders(port.make_send_once()?, 1)?;
        self.insert(Service::new(port, vec![Box::new(object)], true))?;
        Ok(right)
    }

    /// Serves objects behind a port; each request goes to the one that has its id.
    ///
    /// # Errors
    ///
    /// The kernel is out of memory.
    pub fn add_port(
        &self,
        port: ReceiveRight,
        objects: Vec<Box<dyn Subsystem>>,
    ) -> Result<(), Error> {
        self.insert(Service::new(port, objects, false))
    }

    fn insert(&self, service: Service) -> Result<(), Error> {
        let mut services = self.0.services.write();
        self.0.set.insert(&service.port)?;
        services.insert(service.port.name(), Arc::new(service));
        Ok(())
    }

    /// Ends the service behind the port with this name; the port is destroyed once no request is being answered.
    /// `false` if there is none.
    pub fn remove(&self, port: Name) -> bool {
        self.0.services.write().remove(&port).is_some()
    }

    /// How many ports there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.services.read().len()
    }

    /// Whether there is no port.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Answers requests on this thread, until [`stop`](Self::stop).
    ///
    /// # Errors
    ///
    /// The set could not be received from. What is wrong with a single message is logged.
    pub fn run(&self) -> Result<(), ReceiveError> {
        while !self.0.stopped.load(Ordering::Acquire) {
            match self.take_up(self.0.set.receive(&self.0.options))? {
                Next::Serve(service, message) => self.serve(&service, message),
                Next::Stop => break,
                Next::Nobody => {}
            }
        }
        // The next loop's turn.
        self.wake();
        Ok(())
    }

    /// What a loop does with what it has received.
    fn take_up(
        &self,
        received: Result<ReceivedMessage, ReceiveError>,
    ) -> Result<Next, ReceiveError> {
        let message = match received {
            Ok(message) => message,
            Err(error) if is_of_one_message(&error) => {
                tracing::debug!(%error, "a request was destroyed");
                return Ok(Next::Nobody);
            }
            // The stop has overtaken this loop: the set goes with the last handle.
            Err(_) if self.0.stopped.load(Ordering::Acquire) => return Ok(Next::Stop),
            Err(error) => return Err(error),
        };
        let port = message.port();
        if port == self.0.control.name() {
            return Ok(Next::Stop);
        }
        // Not held while the routine runs, which may add and remove services.
        let service = self.0.services.read().get(&port).cloned();
        Ok(match service {
            Some(service) => Next::Serve(service, message),
            None => Next::Nobody,
        })
    }

    fn serve(&self, service: &Service, message: ReceivedMessage) {
        if service.is_unused(&message) {
            self.remove(service.port.name());
            return;
        }
        service.answer(Request::new(message)).send();
    }

    /// Answers requests as a task, until [`stop`](Self::stop); more tasks answer more at once. The routines run in
    /// the task itself, one after the other, so none may block for long: one that has to wait for something defers its reply, to a
    /// task of its own ([`DeferredReply`](crate::DeferredReply)).
    ///
    /// A future that is dropped is dropped between two requests.
    ///
    /// ```
    /// use std::time::Duration;
    /// use mach_interface::{Deferred, DeferredReply, Server, subsystem};
    ///
    /// #[subsystem(base = 910)]
    /// trait Bell {
    ///     fn ring(&self, after_ms: u32, reply: DeferredReply<u32>) -> Deferred;
    /// }
    ///
    /// struct Tower;
    ///
    /// impl Bell for Tower {
    ///     fn ring(&self, after_ms: u32, reply: DeferredReply<u32>) -> Deferred {
    ///         tokio::spawn(async move {
    ///             tokio::time::sleep(Duration::from_millis(after_ms.into())).await;
    ///             reply.reply(after_ms);
    ///         });
    ///         Deferred
    ///     }
    /// }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(async {
    /// let server = Server::new()?;
    /// let right = server.add(BellServer::new(Tower))?;
    /// let serving = server.clone();
    /// let serving = tokio::spawn(async move { serving.run_async().await });
    ///
    /// let bell = BellAsyncClient::new(right).with_timeout(Duration::from_secs(60));
    /// let (slow, fast) = tokio::join!(bell.ring(20), bell.ring(1));
    /// assert_eq!((slow?, fast?), (20, 1));
    /// server.stop();
    /// serving.await??;
    /// # Ok(())
    /// # })
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The set could not be watched or received from. What is wrong with a single message is logged.
    ///
    /// # Panics
    ///
    /// As [`Receiver::new`](mach_ports::tokio::Receiver::new).
    #[cfg(feature = "tokio")]
    pub async fn run_async(&self) -> Result<(), ServeError> {
        let requests = mach_ports::tokio::Receiver::new(&self.0.set)?;
        while !self.0.stopped.load(Ordering::Acquire) {
            match self.take_up(requests.receive(&self.0.options).await)? {
                Next::Serve(service, message) => self.serve(&service, message),
                Next::Stop => break,
                Next::Nobody => {}
            }
        }
        // The next loop's turn.
        self.wake();
        Ok(())
    }

    /// Ends all loops, each once it has answered what it is answering.
    pub fn stop(&self) {
        self.0.stopped.store(true, Ordering::Release);
        self.wake();
    }

    fn wake(&self) {
        // A full queue has enough messages for those who wait.
        let options = SendOptions::new().timeout(Duration::ZERO);
        let _ = Message::new(0).send(&self.0.stop, &options);
    }

    /// Answers requests on new threads.
    ///
    /// # Errors
    ///
    /// A thread cannot be made; those that were have ended.
    pub fn spawn(&self, threads: usize) -> std::io::Result<Running> {
        let mut running = Running {
            server: self.clone(),
            threads: Vec::with_capacity(threads),
        };
        for index in 0..threads {
            let server = self.clone();
            let thread = thread::Builder::new()
                .name(format!("mach-server-{index}"))
                .spawn(move || {
                    if let Err(error) = server.run() {
                        tracing::error!(%error, "a server's thread has ended");
                    }
                })?;
            running.threads.push(thread);
        }
        Ok(running)
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("services", &self.len())
            .finish_non_exhaustive()
    }
}

/// A server's threads. Dropping it stops the server and waits for them.
#[derive(Debug)]
#[must_use = "a server whose threads are dropped stops"]
pub struct Running {
    server: Server,
    threads: Vec<JoinHandle<()>>,
}

impl Running {
    /// Stops the server and waits for its threads.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.server.stop();
        for thread in self.threads.drain(..) {
            // A routine may stop its own server.
            if thread.thread().id() != thread::current().id() && thread.join().is_err() {
                tracing::error!("a server's thread has panicked");
            }
        }
    }
}

/// Answers requests to `port` on a dispatch queue, one after the other, for as long as the source lives.
///
/// # Errors
///
/// The system is short of a resource; the port is destroyed.
pub fn serve_on(
    queue: &SerialQueue,
    port: ReceiveRight,
    objects: Vec<Box<dyn Subsystem>>,
) -> Result<MachReceiveSource, DispatchError> {
    let now = ReceiveOptions::new().timeout(Duration::ZERO);
    MachReceiveSource::new(port, queue, move |port| match port.receive(&now) {
        Ok(message) => serve_one(message, &objects).send(),
        Err(ReceiveError::TimedOut) => {}
        Err(error) => tracing::debug!(%error, "a request was not received"),
    })
}

/// Answers requests to `port` on this thread, until nobody can send any more.
///
/// # Errors
///
/// The port could not be received from, or the kernel is out of names.
pub fn serve_while_used(
    port: ReceiveRight,
    objects: Vec<Box<dyn Subsystem>>,
) -> Result<(), ReceiveError> {
    let service = used(port, objects)?;
    while answer_used(&service, service.port.receive(&ReceiveOptions::new()))? {}
    Ok(())
}

/// [`serve_while_used`], as a task; see [`Server::run_async`].
///
/// # Errors
///
/// The port could not be watched or received from, or the kernel is out of names.
///
/// # Panics
///
/// As [`Receiver::new`](mach_ports::tokio::Receiver::new).
#[cfg(feature = "tokio")]
pub async fn serve_while_used_async(
    port: ReceiveRight,
    objects: Vec<Box<dyn Subsystem>>,
) -> Result<(), ServeError> {
    let service = used(port, objects)?;
    let requests = mach_ports::tokio::Receiver::new(&service.port)?;
    while answer_used(&service, requests.receive(&ReceiveOptions::new()).await)? {}
    Ok(())
}

/// A port's service for as long as somebody can send.
fn used(port: ReceiveRight, objects: Vec<Box<dyn Subsystem>>) -> Result<Service, ReceiveError> {
    let notify = port.make_send_once().map_err(ReceiveError::Failed)?;
    port.request_no_senders(notify, 0)
        .map_err(ReceiveError::Failed)?;
    Ok(Service::new(port, objects, true))
}

/// Answers what was received; `false` if nobody can send any more.
fn answer_used(
    service: &Service,
    received: Result<ReceivedMessage, ReceiveError>,
) -> Result<bool, ReceiveError> {
    match received {
        Ok(message) if service.is_unused(&message) => return Ok(false),
        Ok(message) => service.answer(Request::new(message)).send(),
        Err(error) if is_of_one_message(&error) => {
            tracing::debug!(%error, "a request was destroyed");
        }
        Err(error) => return Err(error),
    }
    Ok(true)
}

/// Whether an error is of a message that has been destroyed, so that the next one can be received.
fn is_of_one_message(error: &ReceiveError) -> bool {
    matches!(
        error,
        ReceiveError::TooLarge { .. } | ReceiveError::Damaged(_) | ReceiveError::Malformed
    )
}

/// Answers one message: by the object that has its id, or by `MIG_BAD_ID`.
pub fn serve_one(message: ReceivedMessage, objects: &[Box<dyn Subsystem>]) -> Outcome {
    answer(Request::new(message), objects)
}

pub(super) fn answer(request: Request, objects: &[Box<dyn Subsystem>]) -> Outcome {
    if request.id() == crate::client::SCHEMA_ID {
        return tell_schema(request, objects);
    }
    match objects.iter().find(|object| object.has(request.id())) {
        Some(object) => object.answer(request),
        None => request.refuse(Refusal::BadId),
    }
}
