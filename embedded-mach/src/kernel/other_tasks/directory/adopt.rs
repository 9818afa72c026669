//! Names that come with a receive right.
//!
//! A name in a message is a claim, and so is the listening socket beside it: whoever sent both may have bound the same
//! path where it looks different, and may keep the socket. So a name is this task's once a connection to what is there
//! *here* comes out of that socket; from then on a socket of this task's own is there, and the other one is done with.

use super::claim::New;
use super::clerk::Progress;
use super::places::{Place, places};
use super::service::{Made, Service};
use super::spot::Spot;
use super::trouble::Trouble;
use crate::sys::foreign::Foreign;
use crate::sys::{random, socket};

/// How many clients that wait for a name are taken over.
const MOST_CLIENTS: usize = 1024;

/// A listening socket and the name that it is said to serve.
#[derive(Debug)]
pub(crate) struct Claimed {
    pub(crate) listener: Foreign,
    pub(crate) name: String,
}

/// A name that has proved to be this task's, and who waited for it.
pub(super) type Adopted = (Service, Vec<Foreign>);

/// Takes over those names of a list that are what they are said to be.
pub(super) fn adopt(claimed: Vec<Claimed>) -> Vec<Adopted> {
    let progress = Progress::default();
    let adopt = |Claimed { listener, name }| adopt_one(&listener, &name, &progress);
    claimed.into_iter().filter_map(adopt).collect()
}

fn adopt_one(listener: &Foreign, name: &str, progress: &Progress) -> Option<Adopted> {
    let mut clients = Vec::new();
    for place in places() {
        let spot = progress
            .at(place.path())
            .and_then(|()| place.open())
            .and_then(|folder| {
                progress.at_name(&folder, name)?;
                Spot::open(&folder, name)
            });
        let Ok(spot) = spot else { continue };
        match take_over(listener, name, &place, &spot, &mut clients) {
            Ok(Some(service)) => return Some((service, clients)),
            Ok(None) => {}
            Err(trouble) => {
                tracing::debug!(name, %trouble, "a receive right's name could not be taken over");
            }
        }
    }
    None
}

/// `None`: it is not this socket that is there.
fn take_over(
    listener: &Foreign,
    name: &str,
    place: &Place,
    spot: &Spot,
    clients: &mut Vec<Foreign>,
) -> Result<Option<Service>, Trouble> {
    // Who finds nobody listening meanwhile waits for it.
    let _lock = spot.lock();
    let Some(before) = spot.entry()? else {
        return Ok(None);
    };
    let Some(new) = New::listen(spot)? else {
        return Ok(None);
    };
    if !leads_to(spot, listener, clients) || !spot.is(before.id()) {
        return Ok(None);
    }
    spot.folder()
        .replace(&new.name, spot.socket())
        .map_err(Trouble::in_call("replace", spot.path()))?;
    // Whoever found the old socket before that, and connected before it was shut down.
    take_clients(listener, clients, |_| false);
    let (fresh, id) = new.named();
    let made = Made::new(place, spot, id);
    Ok(Some(Service::new(fresh, name.to_owned(), made)))
}

/// Whether who connects at the name comes out of this socket. It takes no connections after that.
fn leads_to(spot: &Spot, listener: &Foreign, clients: &mut Vec<Foreign>) -> bool {
    // The kernel below shows the other side the address of who connects: one that nobody can guess or have twice.
    let nonce = format!(
        "embedded-mach.{:016x}{:016x}",
        random::number(),
        random::number()
    );
    let connect = |address: &_| socket::connect_as(nonce.as_bytes(), address);
    let Ok(_connection) = spot.folder().with_address(spot.socket(), connect) else {
        return false;
    };
    // Others may have this socket, and have made it one that blocks: from now on it cannot.
    socket::shut_down(listener);
    take_clients(listener, clients, |name| name == nonce.as_bytes())
}

/// Takes up who has connected, until one comes whose address is that.
fn take_clients(
    listener: &Foreign,
    clients: &mut Vec<Foreign>,
    is_sought: impl Fn(&[u8]) -> bool,
) -> bool {
    while clients.len() < MOST_CLIENTS {
        // An error is the end of what was waiting.
        let Ok(Some(client)) = socket::accept(listener) else {
            return false;
        };
        let name = socket::abstract_name_of_peer(&client);
        if name.is_some_and(|name| is_sought(&name)) {
            return true;
        }
        clients.push(client);
    }
    false
}
