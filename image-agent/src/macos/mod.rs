//! The agent that a program links: it has dyld call it for each image.
//!
//! dyld's callbacks are never unregistered, so there is one agent for the life of the process.

mod dyld;
mod image;

use std::time::Duration;

use image_protocol::environment::{Launch, VARIABLE};
use image_protocol::{Image, LOAD, MAIN, UNLOAD};
use parking_lot::Mutex;
use rendezvous_client::RendezvousClient;

use crate::StartError;
use crate::engine::Agent;
use image::Header;

/// The agent once it has begun, and the images of the time before that.
enum State {
    Idle,
    /// dyld is telling what is there already.
    Gathering(Vec<Header>),
    Telling(Box<Agent>),
}

/// How long a callback waits for another one. dyld makes them one at a time, so only a callback within a callback can wait that
/// long: it is passed over.
const PATIENCE: Duration = Duration::from_secs(5);

static STATE: Mutex<State> = Mutex::new(State::Idle);

pub(crate) fn start() -> Result<(), StartError> {
    let Some(value) = std::env::var_os(VARIABLE) else {
        return Ok(());
    };
    let launch = Launch::parse(value.as_encoded_bytes()).ok_or(StartError::Variable)?;
    // Whose child it is says the variable; this process's own children have it, too.
    if launch
        .ways()
        .iter()
        .any(|way| way.parent != std::os::unix::process::parent_id())
    {
        return Ok(());
    }
    let client = RendezvousClient::instance()?;
    let mut agent = Agent::new(dyld::now)?;
    for way in launch.ways() {
        if let Some(right) = client.take_send(way.number)? {
            agent.attach(right, way.deadline_ms);
        }
    }
    if !agent.has_monitors() {
        return Ok(());
    }
    {
        let mut state = STATE.lock();
        if !matches!(*state, State::Idle) {
            return Err(StartError::Started);
        }
        *state = State::Gathering(Vec::new());
    }
    // It calls back for every image that is there, before it returns: not while the state is locked.
    dyld::register(added, removed);
    let mut state = STATE.lock();
    if let State::Gathering(headers) = &*state {
        let images: Vec<Image<'_>> = headers.iter().map(Header::image).collect();
        agent.tell(LOAD, &images);
        agent.tell(MAIN, &[]);
    }
    *state = State::Telling(Box::new(agent));
    Ok(())
}

/// An image was loaded, and its initializers have not run.
fn added(header: Header) {
    with_state(|state| match state {
        State::Idle => {}
        State::Gathering(headers) => headers.push(header),
        State::Telling(agent) => agent.tell(LOAD, &[header.image()]),
    });
}

/// An image is about to be unmapped, and its terminators have run.
fn removed(header: Header) {
    with_state(|state| match state {
        State::Idle => {}
        State::Gathering(headers) => headers.retain(|other| *other != header),
        State::Telling(agent) => agent.tell(UNLOAD, &[header.image()]),
    });
}

fn with_state(act: impl FnOnce(&mut State)) {
    if let Some(mut state) = STATE.try_lock_for(PATIENCE) {
        act(&mut state);
    }
}

#[cfg(test)]
mod tests {
    use image_protocol::ImageFlags;

    use super::*;

    static SEEN: Mutex<Vec<Header>> = Mutex::new(Vec::new());

    #[test]
    fn dyld_tells_of_every_image() {
        dyld::register(
            |header| SEEN.lock().push(header),
            |header| SEEN.lock().retain(|other| *other != header),
        );
        let seen = SEEN.lock().clone();
        let images: Vec<Image<'_>> = seen.iter().map(Header::image).collect();
        let mut programs = images
            .iter()
            .filter(|image| image.flags.contains(ImageFlags::PROGRAM));
        let program = programs.next().unwrap();
        assert!(programs.next().is_none());
        let path = std::env::current_exe().unwrap().canonicalize().unwrap();
        let told = std::path::Path::new(std::str::from_utf8(program.path).unwrap());
        assert_eq!(told.canonicalize().unwrap(), path);
        for image in &images {
            assert!(!image.path.is_empty() && image.size > 0, "{image:?}");
        }
        // This function is in the program.
        let own = dyld_tells_of_every_image as fn() as usize as u64;
        assert!((program.load_address..program.load_address + program.size).contains(&own));
        assert_ne!(program.uuid, [0; 16]);
    }

    #[test]
    fn a_process_that_nobody_watches_starts_no_agent() {
        assert!(start().is_ok());
    }
}
