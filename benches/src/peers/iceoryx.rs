//! iceoryx2's request and response, in shared memory and without rights. It has no way to block in a receive, so both
//! sides ask again and again, and let others run in between.

use std::io::Error;
use std::os::fd::OwnedFd;
use std::process;
use std::thread;
use std::time::Duration;

use iceoryx2::port::client::Client;
use iceoryx2::port::server::Server;
use iceoryx2::prelude::*;
use iceoryx2::service::port_factory::request_response::PortFactory;

use crate::Result;
use crate::harness::{Contender, Counts, Peer};
use crate::raw::{self, SMALL};
use crate::sys;

pub(super) const ECHO: &str = "iceoryx2-echo";

type Bytes = [u8; SMALL];
type Service = PortFactory<ipc::Service, Bytes, (), Bytes, ()>;

fn service(name: &str) -> Result<(Node<ipc::Service>, Service)> {
    let node = NodeBuilder::new().create::<ipc::Service>()?;
    let service = node
        .service_builder(&name.try_into()?)
        .request_response::<Bytes, Bytes>()
        .open_or_create()?;
    Ok((node, service))
}

/// The client, until which has gone the server stays.
struct Caller {
    client: Client<ipc::Service, Bytes, (), Bytes, ()>,
    _service: Service,
    _node: Node<ipc::Service>,
    /// The server has the other end for as long as it is there.
    alive: OwnedFd,
}

impl Caller {
    fn call(&self, request: Bytes) -> Result<()> {
        let pending = self.client.send_copy(request)?;
        while pending.receive()?.is_none() {
            if pending.number_of_server_connections() == 0 {
                return Err(raw::Gone.into());
            }
            thread::yield_now();
        }
        Ok(())
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        // The server must clean up its files, which it cannot do when it is killed.
        let mut last = [0; SMALL];
        raw::mark(&mut last);
        if self.call(last).is_ok() {
            let _ = raw::receive(&self.alive, &mut [0]);
        }
    }
}

pub(super) fn echo(counts: &Counts) -> Result<Contender> {
    let name = format!("mach-rendezvous-benches/{}", process::id());
    let (alive, theirs) = sys::pair()?;
    let peer = Peer::start(ECHO, |launcher| raw::give(launcher.arg(&name), theirs))?;
    // It says that it is there.
    raw::receive(&alive, &mut [0])?;
    let (node, service) = service(&name)?;
    let caller = Caller {
        client: service.client_builder().create()?,
        _service: service,
        _node: node,
        alive,
    };
    connected(&caller)?;
    Ok(Contender::repeating(
        "iceoryx2, request and response",
        [peer],
        counts.calls,
        move || caller.call([0; SMALL]),
    ))
}

/// Waits until a request finds its server.
fn connected(caller: &Caller) -> Result<()> {
    for _ in 0..1_000 {
        if caller.call([0; SMALL]).is_ok() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(5));
    }
    Err(Error::other("iceoryx2 does not connect").into())
}

pub(super) fn serve(name: &str) -> Result<()> {
    let alive = raw::inherited();
    let (_node, service) = service(name)?;
    let server: Server<ipc::Service, Bytes, (), Bytes, ()> = service.server_builder().create()?;
    raw::send_all(&alive, &[0])?;
    loop {
        match server.receive()? {
            Some(request) => {
                request.send_copy([0; SMALL])?;
                if raw::is_marked(&request[..]) {
                    return Ok(());
                }
            }
            None => thread::yield_now(),
        }
    }
}
