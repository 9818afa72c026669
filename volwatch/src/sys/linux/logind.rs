//! systemd's logind, on the system's bus: it delays a shutdown for who asks it to (org.freedesktop.login1(5)).

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rustbus::connection::{Error, Timeout};
use rustbus::message_builder::MarshalledMessage;
use rustbus::wire::UnixFd;
use rustbus::wire::unmarshal::traits::Variant;
use rustbus::{MessageBuilder, MessageType, RpcConn, standard_messages};

use crate::sys::Said;

const NAME: &str = "org.freedesktop.login1";
const OBJECT: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SHUTDOWN: &str = "PrepareForShutdown";
const BUS: &str = "org.freedesktop.DBus";
const OWNER: &str = "NameOwnerChanged";
const SOCKET: &str = "/run/dbus/system_bus_socket";
/// How long the bus may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection to the system's bus.
pub(crate) struct Logind(RpcConn);

impl Logind {
    /// Connects with the system's bus, whether logind is there or not. `None` on systems that have none.
    ///
    /// # Errors
    ///
    /// `NotFound` where there is no bus. Here and for all other calls: `NotConnected` if the bus is gone or does not answer, and
    /// any other kind if logind says no, or is not there.
    pub(crate) fn connect() -> io::Result<Option<Self>> {
        if !std::path::Path::new(SOCKET).exists() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let bus = RpcConn::system_conn(Timeout::Duration(PATIENCE)).map_err(failed)?;
        let mut logind = Self(bus);
        for rule in [
            format!("type='signal',sender='{NAME}',member='{SHUTDOWN}'"),
            format!("type='signal',sender='{BUS}',member='{OWNER}',arg0='{NAME}'"),
        ] {
            logind.call(&mut standard_messages::add_match(&rule))?;
        }
        Ok(Some(logind))
    }

    /// How long it delays a shutdown at most: `InhibitDelayMaxUSec`.
    pub(crate) fn longest_delay(&mut self) -> io::Result<Duration> {
        let mut get = MessageBuilder::new()
            .call("Get")
            .with_interface("org.freedesktop.DBus.Properties")
            .on(OBJECT)
            .at(NAME)
            .build();
        get.body
            .push_param2(MANAGER, "InhibitDelayMaxUSec")
            .map_err(io::Error::other)?;
        let answer = self.call(&mut get)?;
        let value: Variant<'_, '_> = answer.body.parser().get().map_err(io::Error::other)?;
        value
            .get()
            .map(Duration::from_micros)
            .map_err(io::Error::other)
    }

    /// Has it delay the next shutdown, until the descriptor is closed or its longest delay is over.
    pub(crate) fn inhibit(&mut self) -> io::Result<OwnedFd> {
        let mut inhibit = MessageBuilder::new()
            .call("Inhibit")
            .with_interface(MANAGER)
            .on(OBJECT)
            .at(NAME)
            .build();
        inhibit
            .body
            .push_param4("shutdown", "volwatch", "Volumes are rebuilt", "delay")
            .map_err(io::Error::other)?;
        let answer = self.call(&mut inhibit)?;
        let lock: UnixFd = answer.body.parser().get().map_err(io::Error::other)?;
        let number = lock
            .get_raw_fd()
            .ok_or_else(|| io::Error::other("no descriptor"))?;
        // A copy, since it came without close-on-exec.
        // SAFETY: `lock` keeps it open until it has been copied.
        unsafe { BorrowedFd::borrow_raw(number) }.try_clone_to_owned()
    }

    /// Waits for what it says; `None` once `stop`'s other end is closed.
    pub(crate) fn wait(&mut self, stop: BorrowedFd<'_>) -> io::Result<Option<Said>> {
        loop {
            if let Some(signal) = self.0.try_get_signal() {
                match said(&signal)? {
                    None => continue,
                    said => return Ok(said),
                }
            }
            if !self.is_readable(stop)? {
                return Ok(None);
            }
            match self.0.refill_once(Timeout::Duration(PATIENCE)) {
                Ok(_) | Err(Error::TimedOut) => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }

    /// Waits for something to read; `false` if `stop` ends first.
    fn is_readable(&self, stop: BorrowedFd<'_>) -> io::Result<bool> {
        // SAFETY: the connection keeps it open, and is borrowed for as long.
        let bus = unsafe { BorrowedFd::borrow_raw(self.0.conn().as_raw_fd()) };
        let mut waiting = [
            PollFd::new(bus.as_fd(), PollFlags::POLLIN),
            PollFd::new(stop, PollFlags::POLLIN),
        ];
        loop {
            match poll(&mut waiting, PollTimeout::NONE) {
                Err(nix::errno::Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
                Ok(_) => return Ok(waiting[1].any() != Some(true)),
            }
        }
    }

    fn call(&mut self, message: &mut MarshalledMessage) -> io::Result<MarshalledMessage> {
        let patience = Timeout::Duration(PATIENCE);
        let serial = self
            .0
            .send_message(message)
            .map_err(failed)?
            .write_all()
            .map_err(rustbus::connection::ll_conn::force_finish_on_error)
            .map_err(failed)?;
        let answer = self.0.wait_response(serial, patience).map_err(failed)?;
        if answer.typ == MessageType::Error {
            let name = answer.dynheader.error_name.unwrap_or_default();
            return Err(io::Error::other(name));
        }
        Ok(answer)
    }
}

/// What a signal says, if it is one of those that are waited for.
fn said(signal: &MarshalledMessage) -> io::Result<Option<Said>> {
    let mut body = signal.body.parser();
    Ok(match signal.dynheader.member.as_deref() {
        Some(SHUTDOWN) if body.get().map_err(io::Error::other)? => Some(Said::Begins),
        Some(SHUTDOWN) => Some(Said::CalledOff),
        Some(OWNER) => {
            let (_, _, owner): (&str, &str, &str) = body.get3().map_err(io::Error::other)?;
            Some(if owner.is_empty() {
                Said::Gone
            } else {
                Said::Appeared
            })
        }
        _ => None,
    })
}

fn failed(error: Error) -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, error)
}
