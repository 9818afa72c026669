//! `volwatch rebuild` and `volwatch unmount`.

use std::io;

use crate::client::{Client, Unmounted};
use crate::command::exit::{Said, Trouble};
use crate::wire::Outcome;

fn unknown(name: &str) -> Trouble {
    Trouble::said(Said::Unknown, format!("no volume is called {name:?}"))
}

pub(super) fn rebuild(service: Option<&str>, name: &str, force: bool) -> Result<u8, Trouble> {
    let client = Client::find(service)?;
    let volume = client.volume(name)?;
    let (outcome, pid) = client.rebuild(volume, force)?;
    let busy = |text: String| Err(Trouble::said(Said::Busy, text));
    match outcome {
        Outcome::Launched => println!("rebuilding {name:?}, by process {pid}"),
        Outcome::Done => println!("there is nothing to do for {name:?}"),
        Outcome::Trouble => {
            let text = format!("{name:?} cannot be rebuilt: see `volwatch status`");
            return Err(Trouble::said(Said::Failure, text));
        }
        Outcome::Unknown => return Err(unknown(name)),
        Outcome::Busy => return busy(format!("process {pid} is at work on {name:?}")),
        Outcome::ShuttingDown => return busy("the machine is being shut down".to_owned()),
        Outcome::GivenUp => {
            return busy(format!(
                "{name:?} has failed too often; --force tries all the same"
            ));
        }
        _ => {
            let text = format!("the helper for {name:?} could not be launched");
            return Err(Trouble::said(Said::Failure, text));
        }
    }
    Ok(0)
}

pub(super) fn unmount(service: Option<&str>, name: &str) -> Result<u8, Trouble> {
    let client = Client::find(service)?;
    let volume = client.volume(name)?;
    let Unmounted {
        outcome,
        pid,
        tries_left,
        errno,
    } = client.unmount(volume)?;
    let failed = |text| Err(Trouble::said(Said::Failure, text));
    match outcome {
        Outcome::Done => Ok(0),
        Outcome::Unknown => Err(unknown(name)),
        Outcome::Busy => {
            let text = format!("process {pid} is at work on {name:?} ({tries_left} tries left)");
            Err(Trouble::said(Said::Busy, text))
        }
        Outcome::NotMounted => failed(format!("{name:?} is a folder, and not mounted")),
        _ => {
            let error = io::Error::from_raw_os_error(errno);
            if errno == libc::EBUSY {
                return Err(Trouble::said(Said::Busy, format!("{name:?} is in use")));
            }
            failed(format!("{name:?} cannot be unmounted: {error}"))
        }
    }
}
