//! Sending: check the bytes, take in the rights, deliver, and wait for room if there is none.

mod check;
mod deliver;
mod header;
mod others;
mod plain;
mod room;
mod take_in;
mod way;

pub(crate) use check::check_size;

use super::copyout::Delivered;
use crate::headers::message::{
    MACH_MSG_IPC_KERNEL, MACH_SEND_INTERRUPT, MACH_SEND_INTERRUPTED, MACH_SEND_NO_BUFFER,
    MACH_SEND_NOTIFY, MACH_SEND_TIMED_OUT, MACH_SEND_TIMEOUT, mach_msg_option_t, mach_msg_return_t,
};
use crate::kernel::Kernel;
use crate::kernel::other_tasks::transfer::Why;
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::port::Home;
use crate::kernel::task;
use crate::sys::parker::{Parker, Woken};
use check::check;
use nix::poll::PollFlags;
use others::Others;
use room::Pauses;
use std::time::{Duration, Instant};
use way::Way;

/// How a send failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: mach_msg_return_t,
    /// The message as the sender gets it back, if it was taken in before it failed.
    pub(crate) returned: Option<Delivered>,
}

impl From<mach_msg_return_t> for Failure {
    fn from(code: mach_msg_return_t) -> Self {
        Self {
            code,
            returned: None,
        }
    }
}

/// Memory that the sender asked to give up with its message: address and length in bytes.
pub(crate) type GivenUp = Vec<(usize, usize)>;

/// Sends the message in `bytes`. Once it is taken in, the memory in `given_up` is no longer the sender's, whether the
/// send succeeds or not: a message that comes back brings memory of its own.
pub(crate) fn send(
    bytes: &[u8],
    option: mach_msg_option_t,
    timeout: u32,
    given_up: &mut GivenUp,
) -> Result<(), Failure> {
    let checked = check(bytes)?;
    let mut kernel = match room::send_plain(task::lock(), &checked, option) {
        Ok(()) => return Ok(()),
        Err(kernel) => kernel,
    };
    let to = checked.header.remote;
    let (mut message, room_found) = kernel.copyin_message(checked, option, given_up)?;
    if kernel.goes_in_a_circle(&message) {
        kernel.destroy_message(message);
        return Ok(());
    }
    let deadline = |option: mach_msg_option_t| {
        (option & MACH_SEND_TIMEOUT != 0)
            .then(|| Instant::now() + Duration::from_millis(u64::from(timeout)))
    };
    let mut until = deadline(option);
    let mut waiting: Option<Parker> = None;
    let mut pauses = Pauses::default();
    let mut watched = None;
    let mut others = Others::default();
    loop {
        message = match kernel.deliver_message(message, room_found) {
            Ok(()) => return Ok(()),
            Err((Why::Full, message)) => message,
            Err((Why::InFlight, again)) if others.may_receive(until) => {
                drop(kernel);
                others.pause();
                kernel = task::lock();
                message = again;
                continue;
            }
            Err((Why::Incomplete, again)) if until.is_none_or(|at| Instant::now() < at) => {
                kernel = super::parking::pause(kernel);
                message = again;
                continue;
            }
            Err((why, message)) => {
                let returned = Some(kernel.copyout_pseudo(message, bytes.as_ptr() as usize));
                let code = match why {
                    Why::InFlight => MACH_SEND_NO_BUFFER | MACH_MSG_IPC_KERNEL,
                    Why::Incomplete => MACH_SEND_TIMED_OUT,
                    _ => MACH_SEND_NO_BUFFER,
                };
                return Err(Failure { code, returned });
            }
        };
        let give_up = |kernel: &mut Kernel, message, code| Failure {
            code,
            returned: Some(kernel.copyout_pseudo(message, bytes.as_ptr() as usize)),
        };
        if option & MACH_SEND_NOTIFY != 0 {
            kernel.arm_send_possible(to);
        }
        if until.is_some() && timeout == 0 {
            return Err(give_up(&mut kernel, message, MACH_SEND_TIMED_OUT));
        }
        let Some(port) = message.remote.port() else {
            kernel.destroy_message(message);
            return Ok(());
        };
        let begun = match &waiting {
            Some(parker) => Ok(parker.clone()),
            None => super::parking::parker(),
        };
        let begun = begun.map_err(std::io::Error::from).and_then(|parker| {
            let is_watched = kernel.begin_send_wait(port, &parker, &mut watched)?;
            Ok((waiting.insert(parker).clone(), is_watched))
        });
        let Ok((parker, is_watched)) = begun else {
            // Without a descriptor nobody can wake this thread: it looks again and again.
            if until.is_some_and(|at| at <= Instant::now()) {
                return Err(give_up(&mut kernel, message, MACH_SEND_TIMED_OUT));
            }
            kernel = super::parking::pause(kernel);
            continue;
        };
        if !is_watched {
            // Something may have been received before it was watched.
            kernel.end_send_wait(port, &parker);
            continue;
        }
        let looks = kernel.is_deep(port).then(|| pauses.next());
        drop(kernel);
        let event = watched.as_ref().map(Way::event);
        let event = event.as_ref().map(|event| (event, PollFlags::POLLIN));
        let first = [until, looks].into_iter().flatten().min();
        let mut woken = parker.wait(event, first);
        if woken == Woken::TimedOut && first != until {
            pauses.is_over();
            woken = Woken::Again;
        }
        kernel = task::lock();
        kernel.end_send_wait(port, &parker);
        if let Some(way) = &watched {
            way.forget_event();
        }
        let code = match woken {
            Woken::Again => continue,
            Woken::TimedOut => MACH_SEND_TIMED_OUT,
            Woken::Interrupted if option & MACH_SEND_INTERRUPT == 0 => {
                // As `mach_msg` has it: after a signal the whole send is repeated.
                until = deadline(option);
                continue;
            }
            Woken::Interrupted => MACH_SEND_INTERRUPTED,
        };
        // Room that came with the last wake is still used.
        return match kernel.deliver_message(message, room_found) {
            Ok(()) => Ok(()),
            Err((_, message)) => Err(give_up(&mut kernel, message, code)),
        };
    }
}

impl Kernel {
    /// Whether it waits for what it has waited for already, and what that is has been looked at since.
    fn begin_send_wait(
        &mut self,
        port: PortKey,
        parker: &Parker,
        watched: &mut Option<Way>,
    ) -> std::io::Result<bool> {
        match self.port_mut(port).map(|port| &mut port.home) {
            Some(Home::Local(local)) => {
                *watched = None;
                local.senders.join(parker);
                Ok(true)
            }
            Some(Home::Remote(remote)) => match &remote.send {
                Some(end) if !watched.as_ref().is_some_and(|way| way.is(&end.fd)) => {
                    *watched = Some(Way::new(&end.fd)?);
                    Ok(false)
                }
                _ => Ok(true),
            },
            // It changed its home in between: the next look decides.
            _ => {
                parker.wake();
                Ok(true)
            }
        }
    }

    fn end_send_wait(&mut self, port: PortKey, parker: &Parker) {
        if let Some(local) = self.local_mut(port) {
            local.senders.leave(parker);
        }
    }
}
