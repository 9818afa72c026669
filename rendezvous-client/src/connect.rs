//! One request, one reply.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use mach_ports::{
    AuditToken, CallError, Message, ReceiveError, ReceiveOptions, ReceivedMessage, SendError,
    SendRight, bootstrap, platform,
};
use rendezvous_protocol::wire::MAX_REPLY_SIZE;
use rendezvous_protocol::{Challenge, Confirmation, Denial, Reply, Request};

use crate::route::{Environment, Route, routes};
use crate::{ConnectError, ConnectOptions};

/// What was received, and from the server of which name.
pub(crate) struct Answer {
    pub(crate) reply: Reply,
    pub(crate) bootstrap_name: Option<String>,
}

impl Answer {
    fn is_empty(&self) -> bool {
        self.reply.ports.is_empty() && self.reply.data.is_empty()
    }
}

/// Who waits for a reply.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Waits {
    Thread,
    #[cfg(feature = "tokio")]
    Task,
}

impl Waits {
    async fn call(
        self,
        message: Message<'_>,
        port: &SendRight,
        limits: &ReceiveOptions,
    ) -> Result<ReceivedMessage, CallError> {
        match self {
            Self::Thread => message.call_with(port, limits),
            #[cfg(feature = "tokio")]
            Self::Task => message.call_async_with(port, limits).await,
        }
    }
}

/// [`search`], on this thread.
pub(crate) fn connect(options: &ConnectOptions) -> Result<Answer, ConnectError> {
    let mut search = pin!(search(options, Waits::Thread));
    let mut context = Context::from_waker(Waker::noop());
    loop {
        // Where the thread waits the future does not: it is ready at once.
        if let Poll::Ready(found) = search.as_mut().poll(&mut context) {
            return found;
        }
    }
}

/// Asks one server after the other until one has something for this process.
///
/// A server that is not there, or knows nothing of this process, leads to the
/// next, and so does one that drops the request, which nobody answers for; a failure to deal with one that is there ends
/// the search. Asking in
/// vain takes nothing from anybody: servers go by the pid of who asks.
pub(crate) async fn search(options: &ConnectOptions, waits: Waits) -> Result<Answer, ConnectError> {
    let started = Instant::now();
    let environment = Environment::read(|name| {
        // What is no text cannot be valid either, and is reported as it looks.
        std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
    })?;
    let parent = platform::parent_pid();
    let mut outcome = Err(ConnectError::NoServer);
    let mut dropped = None;
    let mut answered: Option<String> = None;
    for route in routes(options, &environment, parent) {
        // It has been asked in another way.
        if route.leads_to(answered.as_deref()) {
            continue;
        }
        let port = match reach(&route) {
            Ok(Some(port)) => Ok(port),
            // It was passed to another process, which this one inherited the variables from.
            Ok(None) => continue,
            Err(error) => Err(error),
        };
        let reply = match port {
            Ok(port) => {
                let left = options.deadline.saturating_sub(started.elapsed());
                ask(&port, &route, options, left, waits).await
            }
            Err(error) => Err(error),
        };
        match reply {
            Ok(reply) => {
                let answer = Answer {
                    reply,
                    bootstrap_name: route.into_name(),
                };
                if !answer.is_empty() {
                    return Ok(answer);
                }
                answered.clone_from(&answer.bootstrap_name);
                outcome = Ok(answer);
            }
            Err(error) if means_no_server(&route, &error) => {
                tracing::debug!(
                    ?route,
                    error = &error as &dyn std::error::Error,
                    "no server"
                );
                // One empty answer is worth more than any number of these.
                outcome = outcome.or(Err(error));
            }
            Err(error @ ConnectError::NoReply { .. }) => dropped = dropped.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    // Nobody else had anything: what was dropped may have been for this process.
    dropped.map_or(outcome, Err)
}

/// A bootstrap port may be an ordinary one, in a grandchild that inherited the
/// variables and not the port: it then has no use for a request. A passed right
/// may be dead, as its server is: the look-up says so better.
fn means_no_server(route: &Route, error: &ConnectError) -> bool {
    match error {
        ConnectError::LookUp { .. } | ConnectError::BootstrapPort(_) => true,
        ConnectError::Call(CallError::Send(SendError::DestinationDead)) => route.is_given(),
        ConnectError::Call(_) | ConnectError::Malformed(_) | ConnectError::NoReply { .. } => {
            *route == Route::Bootstrap
        }
        _ => false,
    }
}

fn reach(route: &Route) -> Result<Option<SendRight>, ConnectError> {
    match route {
        Route::Bootstrap => bootstrap::port()
            .map(Some)
            .map_err(ConnectError::BootstrapPort),
        Route::Passed { .. } => Ok(platform::passed_port()),
        Route::Process { name, .. } => {
            bootstrap::look_up(name)
                .map(Some)
                .map_err(|error| ConnectError::LookUp {
                    name: name.clone(),
                    source: error.cause,
                    detail: error.detail,
                })
        }
    }
}

async fn ask(
    port: &SendRight,
    route: &Route,
    options: &ConnectOptions,
    left: Duration,
    waits: Waits,
) -> Result<Reply, ConnectError> {
    let started = Instant::now();
    let request = if options.additional_data {
        Request::PortsAndData
    } else {
        Request::Ports
    };
    // The server is asked all the same, so that it learns that its ports are not wanted.
    let mut looked = look_before(route, options);
    let mut asking = request.message();
    loop {
        let left = left.saturating_sub(started.elapsed());
        let limits = ReceiveOptions::new().timeout(left).max_size(MAX_REPLY_SIZE);
        let message = waits
            .call(asking, port, &limits)
            .await
            .map_err(|error| unanswered(error, route, options))?;
        // Who answers is looked at before the answer is.
        let server = message.audit_token().ok_or(ConnectError::Anonymous)?;
        if let Some(pid) = route.pid() {
            is_the_process(pid, &server)?;
        }
        std::mem::replace(&mut looked, Ok(()))?;
        if let Some(check) = &options.check {
            check.judge(&server).map_err(ConnectError::Requirement)?;
        }
        match Challenge::read(&message)? {
            Some(Challenge { nonce }) => asking = Confirmation { request, nonce }.message(),
            None => return read(message),
        }
    }
}

fn read(message: ReceivedMessage) -> Result<Reply, ConnectError> {
    if let Some(reason) = Denial::read(&message)? {
        return Err(ConnectError::Denied { reason });
    }
    Ok(Reply::read(message)?)
}

/// Looks at which program the server executes before it has the request: it must have been that one when it answered, for
/// nobody can answer a request that was not sent.
fn look_before(route: &Route, options: &ConnectOptions) -> Result<(), ConnectError> {
    match (&options.check, route.pid()) {
        (Some(check), Some(pid)) if check.needs_two_looks() => check
            .requirement
            .check_program(&AuditToken::of_process(pid))
            .map_err(ConnectError::Requirement),
        _ => Ok(()),
    }
}

fn unanswered(error: CallError, route: &Route, options: &ConnectOptions) -> ConnectError {
    match error {
        CallError::NoReply => ConnectError::NoReply {
            server: route.server(),
        },
        CallError::Send(SendError::TimedOut(_)) | CallError::Receive(ReceiveError::TimedOut) => {
            ConnectError::DeadlineExceeded {
                deadline: options.deadline,
            }
        }
        error => ConnectError::Call(error),
    }
}

/// A name proves nothing, anybody may check it in: the reply must come from the
/// process in the name. The user is checked too, for that process may be long
/// gone and its pid another's, where it is not this process's parent.
fn is_the_process(expected: i32, server: &AuditToken) -> Result<(), ConnectError> {
    let (found, uid) = (server.pid(), server.euid());
    if found != expected {
        return Err(ConnectError::WrongProcess { expected, found });
    }
    let trusted = [
        0,
        nix::unistd::geteuid().as_raw(),
        nix::unistd::getuid().as_raw(),
    ];
    if !trusted.contains(&uid) {
        return Err(ConnectError::WrongUser { pid: found, uid });
    }
    Ok(())
}
