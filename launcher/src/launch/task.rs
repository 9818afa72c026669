//! The port that a child is asked to lend.

use rendezvous_server::PortCollection;

use crate::LaunchCause;
use crate::launch::Settings;

#[cfg(feature = "task-port")]
pub(crate) use asked::Task;
#[cfg(not(feature = "task-port"))]
pub(crate) use unasked::Task;

#[cfg(feature = "task-port")]
mod asked {
    use super::*;
    use rendezvous_protocol::TASK_PORT;
    use task_port::Expected;

    /// What is to come of it, if it is asked for.
    #[derive(Debug)]
    pub(crate) struct Task(pub(crate) Option<Expected>);

    impl Task {
        /// Puts the question among the child's ports.
        pub(crate) fn ask(
            settings: &Settings,
            collection: Option<PortCollection>,
        ) -> Result<(Self, Option<PortCollection>), LaunchCause> {
            if !settings.task_port {
                return Ok((Self(None), collection));
            }
            let (expected, right) = Expected::new()?;
            let mut collection = collection.unwrap_or_default();
            collection.insert(TASK_PORT, right)?;
            Ok((Self(Some(expected)), Some(collection)))
        }
    }
}

#[cfg(not(feature = "task-port"))]
mod unasked {
    use super::*;

    /// It is not asked for.
    #[derive(Debug)]
    pub(crate) struct Task;

    impl Task {
        pub(crate) fn ask(
            _: &Settings,
            collection: Option<PortCollection>,
        ) -> Result<(Self, Option<PortCollection>), LaunchCause> {
            Ok((Self, collection))
        }
    }
}
