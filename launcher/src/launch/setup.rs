//! What a child will be like: composed piece by piece, then started.

#[cfg(feature = "image-monitor")]
use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, OwnedFd, RawFd};

use mach_ports::platform::spawn::{self, Attributes, InheritedPort};
use rendezvous_protocol::environment as variables;
use rendezvous_server::{BaseId, RendezvousServer};

use crate::child::Pipes;
use crate::error::{Failure, LaunchCause, at};
use crate::launch::descriptors::Descriptors;
use crate::launch::environment::Changes;
use crate::launch::image::{Image, c_strings};
use crate::launch::ready::Ready;
use crate::launch::settings::Settings;
use crate::launch::stdio::Stdio;
#[cfg(feature = "image-monitor")]
use crate::sys::Preparation;
use crate::{LaunchStep, SettingError};

pub(crate) struct Setup {
    attributes: Attributes,
    descriptors: Descriptors,
    environment: Changes,
}

impl Setup {
    pub(crate) fn new(environment: Changes) -> io::Result<Self> {
        let mut attributes = Attributes::new()?;
        attributes.reset_sigpipe()?;
        Ok(Self {
            attributes,
            descriptors: Descriptors::default(),
            environment,
        })
    }

    /// The process's place among others, and its signals.
    pub(crate) fn process(&mut self, settings: &Settings) -> Result<(), LaunchCause> {
        if !settings.inherit_signal_mask {
            self.attributes.unblock_signals()?;
        }
        if let Some(group) = settings.users_group {
            self.attributes.users_group(group)?;
        }
        if let Some(user) = settings.user {
            self.attributes.user(user)?;
        }
        if let Some(mask) = settings.umask {
            self.attributes.umask(mask)?;
        }
        for (resource, (soft, hard)) in &settings.limits {
            self.attributes.limit(resource.limit(*soft, *hard))?;
        }
        match (settings.setsid, settings.process_group) {
            // It leads a group with its session, and may not be told to do so again.
            (true, None | Some(0)) => self.attributes.new_session()?,
            (true, Some(_)) => return Err(SettingError::GroupOfSession.into()),
            (false, Some(group)) => self.attributes.process_group(group)?,
            (false, None) => {}
        }
        Ok(())
    }

    /// What the child does to lock itself up.
    #[cfg(feature = "sandbox")]
    pub(crate) fn lock(&mut self, imposed: &sandbox::Imposed) -> io::Result<()> {
        imposed.apply(&mut self.attributes)
    }

    /// Opens what the child has for standard streams; returns the parent's ends
    /// of pipes.
    pub(crate) fn streams(
        &mut self,
        set: &[Option<Stdio>; 3],
        unset: &[Stdio; 3],
    ) -> Result<Pipes, Failure> {
        let [stdin, stdout, stderr] =
            std::array::from_fn(|stream| set[stream].as_ref().unwrap_or(&unset[stream]));
        let (childs_in, stdin) = stdin
            .open(io::stdin().as_fd(), |reader, writer| {
                (reader.into(), writer)
            })
            .map_err(at(LaunchStep::Stdio(0)))?;
        let (childs_out, stdout) = stdout
            .open(io::stdout().as_fd(), |reader, writer| {
                (writer.into(), reader)
            })
            .map_err(at(LaunchStep::Stdio(1)))?;
        let (childs_err, stderr) = stderr
            .open(io::stderr().as_fd(), |reader, writer| {
                (writer.into(), reader)
            })
            .map_err(at(LaunchStep::Stdio(2)))?;
        for (target, source) in (0..).zip([childs_in, childs_out, childs_err]) {
            match source {
                Some(source) => self.descriptors.add(target, source),
                None => self.descriptors.leave(target),
            }
            .map_err(at(LaunchStep::Stdio(target)))?;
        }
        Ok(Pipes {
            stdin,
            stdout,
            stderr,
        })
    }

    /// Adds copies of the caller's descriptors: the next child has the same.
    pub(crate) fn extras(&mut self, extras: &[(RawFd, OwnedFd)]) -> Result<(), Failure> {
        for (target, source) in extras {
            let failed = LaunchStep::Descriptor(*target);
            let copy = source.try_clone().map_err(at(failed))?;
            self.descriptors
                .add_extra(*target, copy)
                .map_err(at(failed))?;
        }
        Ok(())
    }

    /// Tells the child where its server is. Every variable of the rendezvous is
    /// set or removed: those that this process has are about *its* server.
    pub(crate) fn tell(&mut self, base_id: &BaseId) {
        let pid = std::process::id().to_string();
        let base_id = (*base_id != BaseId::default()).then_some(base_id.as_str());
        for (name, value) in [
            (variables::BASE_ID, base_id),
            (variables::SERVER_PID, Some(&*pid)),
            (variables::PORT, None),
        ] {
            match value {
                Some(value) => self.environment.set(name.as_ref(), value.as_ref()),
                None => self.environment.remove(name.as_ref()),
            }
        }
    }

    /// Makes the server the child's bootstrap port.
    pub(crate) fn give_port(&mut self, server: &RendezvousServer) -> Result<(), LaunchCause> {
        let right = server.send_right()?;
        let number = self.descriptors.free_number();
        let inherited = spawn::give_bootstrap(&mut self.attributes, &right, number)?;
        self.say_port(variables::BOOTSTRAP);
        self.inherit(number, inherited)
    }

    /// Passes the child a way of its own to the server, where there is such a thing:
    /// it then depends on no name, folder or environment that the two might see
    /// differently.
    pub(crate) fn pass_port(&mut self, server: &RendezvousServer) -> Result<(), LaunchCause> {
        let right = server.send_right()?;
        let number = self.descriptors.free_number();
        let inherited = spawn::pass_port(&right, number)?;
        if inherited.is_some() {
            self.say_port(variables::PASSED);
        }
        self.inherit(number, inherited)
    }

    fn say_port(&mut self, which: &str) {
        self.environment
            .set(variables::PORT.as_ref(), which.as_ref());
    }

    fn inherit(
        &mut self,
        number: RawFd,
        inherited: Option<InheritedPort>,
    ) -> Result<(), LaunchCause> {
        if let Some(port) = inherited {
            self.descriptors.add(number, port.descriptor)?;
            self.environment
                .set(port.variable.as_ref(), port.value.as_ref());
        }
        Ok(())
    }

    /// Turns everything into what the system takes.
    pub(crate) fn finish(self, image: Image) -> Result<Ready, Failure> {
        let Self {
            attributes,
            descriptors,
            environment,
        } = self;
        let environment = environment
            .apply(std::env::vars_os())
            .and_then(c_strings)
            .map_err(at(LaunchStep::Environment))?;
        let descriptors = descriptors
            .disentangle()
            .map_err(|(target, error)| (LaunchStep::Descriptor(target), error.into()))?;
        Ready::new(image, environment, descriptors, attributes).map_err(at(LaunchStep::Setup))
    }
}

#[cfg(feature = "image-monitor")]
impl Setup {
    /// So many numbers that the child has no descriptors of yet.
    pub(crate) fn free_numbers(&self, count: usize) -> Vec<RawFd> {
        self.descriptors.free_numbers().take(count).collect()
    }

    /// What the child will have for a variable, as things are.
    pub(crate) fn variable(&self, name: &str) -> Option<OsString> {
        self.environment.value(name)
    }

    /// Gives the child what its agent starts with.
    pub(crate) fn add_agent(&mut self, agent: Preparation) -> Result<(), LaunchCause> {
        for (number, descriptor) in agent.descriptors {
            self.descriptors.add(number, descriptor)?;
        }
        for (name, value) in agent.variables {
            self.environment.set(name.as_ref(), &value);
        }
        Ok(())
    }
}
