//! What is to be done with files on behalf of a task: after its lock is given back, for files may not answer.

use super::adopt::{self, Claimed};
use super::adoption::Begun;
use super::clerk;
use super::service::Service;
use crate::kernel::other_tasks::complaints::{NO_NAME, NOBODY};
use crate::kernel::ports::ids::PortKey;
use crate::kernel::task;

/// Something to be done once the task is not locked.
#[derive(Debug)]
pub(crate) enum Errand {
    /// A name is given up.
    Withdraw(Service),
    /// Names came with a receive right.
    Adopt {
        port: PortKey,
        names: Vec<Claimed>,
        /// Who asks for one of them meanwhile waits until this goes.
        begun: Begun,
    },
}

/// Errands, which are run when this goes.
#[derive(Debug, Default)]
pub(crate) struct Errands(pub(crate) Vec<Errand>);

impl Drop for Errands {
    fn drop(&mut self) {
        // Nearly always: with each lock that is given back.
        if self.0.is_empty() {
            return;
        }
        for errand in self.0.drain(..) {
            errand.run();
        }
    }
}

impl Errand {
    fn run(self) {
        match self {
            Self::Withdraw(service) => service.withdraw(),
            Self::Adopt { port, names, begun } => {
                let _begun = begun;
                let all = names.len();
                let adopted = clerk::within(clerk::LIMIT, || adopt::adopt(names));
                let mut kernel = task::lock();
                let Some(adopted) = adopted else {
                    return kernel.complain(NOBODY, NO_NAME, &"files did not answer in time");
                };
                if adopted.len() < all {
                    kernel.complain(NOBODY, NO_NAME, &"it is not its own");
                }
                for (service, clients) in adopted {
                    kernel.serve(port, service, clients);
                }
            }
        }
    }
}
