//! Who watches the child's images.

use image_monitor::{AttachError, Claim, ImageMonitor, Program, Target, Unwatchable};
use mach_ports::dispatch::ExitEvent;
use rendezvous_server::PortCollection;

use crate::error::LaunchCause;
use crate::launch::{Settings, Setup};
use crate::sys;

/// Who is told what the next child loads.
pub(crate) type Monitors = Vec<ImageMonitor>;

/// The monitors of a child that is not there yet. Dropping it gives them back.
pub(crate) struct Watch {
    target: Target,
    claims: Vec<Claim>,
    monitors: Monitors,
    is_watchable: bool,
}

impl Watch {
    /// Refuses programs that cannot be watched, unless all the monitors are content with that.
    pub(crate) fn new(monitors: Monitors, settings: &Settings) -> Result<Self, LaunchCause> {
        let is_watchable = match check(&monitors, settings) {
            Ok(()) => true,
            Err(error) if may_be_unwatched(&monitors) => {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "launched unwatched"
                );
                false
            }
            Err(error) => return Err(error.into()),
        };
        let target = Target::new();
        let claims = monitors
            .iter()
            .map(|monitor| target.claim(monitor))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            target,
            claims,
            monitors,
            is_watchable,
        })
    }

    fn has_agent(&self) -> bool {
        self.is_watchable && !self.claims.is_empty()
    }

    /// Where agents get their ports by the rendezvous: adds these to the child's others.
    pub(crate) fn add_ports(
        &self,
        collection: Option<PortCollection>,
    ) -> Result<Option<PortCollection>, LaunchCause> {
        if self.has_agent() {
            sys::agent::add_ports(&self.claims, collection)
        } else {
            Ok(collection)
        }
    }

    /// Gives the child an agent, or tells the one in it.
    pub(crate) fn pass(&self, setup: &mut Setup) -> Result<(), LaunchCause> {
        if !self.has_agent() {
            return Ok(());
        }
        let options = self.monitors.iter().map(ImageMonitor::options);
        let static_tls = options.map(|options| options.wanted_static_tls()).max();
        // One for each monitor, and one for the agent itself.
        let numbers = setup.free_numbers(self.claims.len() + 1);
        let variable = |name: &str| setup.variable(name);
        let static_tls = static_tls.unwrap_or_default();
        let agent = sys::agent::prepare(&self.claims, &numbers, variable, static_tls)?;
        setup.add_agent(agent)
    }

    /// The child is there.
    pub(crate) fn started(self, exit: &ExitEvent) -> Result<Watched, LaunchCause> {
        if self.claims.is_empty() {
            return Ok(Watched(None));
        }
        if !self.is_watchable {
            self.monitors.iter().for_each(ImageMonitor::unwatched);
        }
        self.target.started(exit, self.claims)?;
        Ok(Watched(Some(self.target)))
    }
}

/// A child, as its monitors know it; `None` if nobody watches it.
#[derive(Debug)]
pub(crate) struct Watched(Option<Target>);

impl Watched {
    /// Monitors look at how the process has ended, which nobody can once it is reaped.
    pub(crate) fn reaped(&self, code: Option<i32>) {
        if let Some(target) = &self.0 {
            target.reaped(code);
        }
    }

    pub(crate) fn attach(&self, monitor: &ImageMonitor) -> Result<(), AttachError> {
        self.0.as_ref().ok_or(AttachError::NoAgent)?.attach(monitor)
    }
}

fn check(monitors: &[ImageMonitor], settings: &Settings) -> Result<(), Unwatchable> {
    if monitors.is_empty() {
        return Ok(());
    }
    let program = Program {
        name: &settings.program,
        user: settings.user,
        group: settings.users_group,
    };
    program.check_watchable()
}

fn may_be_unwatched(monitors: &[ImageMonitor]) -> bool {
    monitors
        .iter()
        .all(|monitor| monitor.options().allows_unwatched())
}
