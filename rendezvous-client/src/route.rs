//! Which servers may hold this process's ports, in the order in which they are
//! asked. Pure: the environment comes as an argument.

use rendezvous_protocol::{BaseId, environment as variables};

use crate::{ConnectError, ConnectOptions};

/// A way to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// The bootstrap port of this task is the server.
    Bootstrap,
    /// The server of this process, by name.
    Process { pid: i32, name: String },
}

impl Route {
    pub(crate) fn into_name(self) -> Option<String> {
        match self {
            Self::Bootstrap => None,
            Self::Process { name, .. } => Some(name),
        }
    }
}

/// What the launcher told this process.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    base_id: Option<BaseId>,
    server_pid: Option<i32>,
    bootstrap: bool,
}

impl Environment {
    /// Reads the variables through `get`. What is there must make sense:
    /// guessing would mean to ask another server than the one meant.
    pub(crate) fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, ConnectError> {
        let invalid = |variable, value| ConnectError::Environment { variable, value };
        let base_id = match get(variables::BASE_ID) {
            Some(value) => {
                Some(BaseId::new(&*value).map_err(|_| invalid(variables::BASE_ID, value))?)
            }
            None => None,
        };
        let server_pid = match get(variables::SERVER_PID) {
            Some(value) => match value.parse() {
                Ok(pid) if pid > 0 => Some(pid),
                _ => return Err(invalid(variables::SERVER_PID, value)),
            },
            None => None,
        };
        let bootstrap = match get(variables::PORT) {
            Some(value) if value == variables::BOOTSTRAP => true,
            Some(value) => return Err(invalid(variables::PORT, value)),
            None => false,
        };
        Ok(Self {
            base_id,
            server_pid,
            bootstrap,
        })
    }
}

/// The servers to ask.
///
/// The bootstrap port first, if it is said to be one: who gave it, meant it.
/// Then the parent, then the process that the environment names. The last two
/// differ if a process stands between the two sides, or if the variables were
/// inherited from the parent, which was itself launched: then the parent, if it
/// is a server, is the one that knows this process.
pub(crate) fn routes(
    options: &ConnectOptions,
    environment: &Environment,
    parent: i32,
) -> Vec<Route> {
    let base_id = options
        .base_id
        .clone()
        .or_else(|| environment.base_id.clone())
        .unwrap_or_default();
    let process = |pid| Route::Process {
        pid,
        name: base_id.bootstrap_name(pid),
    };
    if let Some(pid) = options.server_pid {
        return vec![process(pid)];
    }
    let mut routes = Vec::new();
    if environment.bootstrap {
        routes.push(Route::Bootstrap);
    }
    // 0 is a parent in another pid namespace, which nobody here can name.
    if parent > 0 {
        routes.push(process(parent));
    }
    routes.extend(
        environment
            .server_pid
            .filter(|pid| *pid != parent)
            .map(process),
    );
    routes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Result<Environment, ConnectError> {
        Environment::read(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn names(options: &ConnectOptions, variables: &[(&str, &str)], parent: i32) -> Vec<String> {
        let routes = routes(options, &environment(variables).unwrap(), parent);
        let name = |route: Route| route.into_name().unwrap_or("bootstrap".to_owned());
        routes.into_iter().map(name).collect()
    }

    const DEFAULT: &str = rendezvous_protocol::DEFAULT_BASE_ID;

    #[test]
    fn without_environment_the_parent_is_asked() {
        assert_eq!(
            names(&ConnectOptions::new(), &[], 7),
            [format!("{DEFAULT}.MachPortRendezvousServer.7")]
        );
    }

    #[test]
    fn a_launched_child_asks_its_parent_once() {
        let variables = [
            (variables::BASE_ID, "com.example"),
            (variables::SERVER_PID, "7"),
        ];
        assert_eq!(
            names(&ConnectOptions::new(), &variables, 7),
            ["com.example.MachPortRendezvousServer.7"]
        );
    }

    #[test]
    fn a_process_in_between_is_asked_first_and_passed_by() {
        let variables = [(variables::BASE_ID, "a"), (variables::SERVER_PID, "7")];
        assert_eq!(
            names(&ConnectOptions::new(), &variables, 9),
            [
                "a.MachPortRendezvousServer.9",
                "a.MachPortRendezvousServer.7"
            ]
        );
    }

    #[test]
    fn the_bootstrap_port_comes_first() {
        let variables = [(variables::PORT, "bootstrap"), (variables::BASE_ID, "a")];
        assert_eq!(
            names(&ConnectOptions::new(), &variables, 7),
            ["bootstrap", "a.MachPortRendezvousServer.7"]
        );
        // Its namespace has nobody else: the parent cannot be named.
        assert_eq!(names(&ConnectOptions::new(), &variables, 0), ["bootstrap"]);
    }

    #[test]
    fn options_override_the_environment() {
        let variables = [(variables::PORT, "bootstrap"), (variables::SERVER_PID, "7")];
        let options = ConnectOptions::new()
            .server_pid(3)
            .base_id(BaseId::new("b").unwrap());
        assert_eq!(
            names(&options, &variables, 9),
            ["b.MachPortRendezvousServer.3"]
        );
    }

    #[test]
    fn nonsense_is_reported_with_its_variable() {
        for (name, text) in [
            (variables::BASE_ID, "a/b"),
            (variables::SERVER_PID, "0"),
            (variables::SERVER_PID, "-4"),
            (variables::SERVER_PID, "7x"),
            (variables::PORT, "other"),
        ] {
            match environment(&[(name, text)]) {
                Err(ConnectError::Environment { variable, value }) => {
                    assert_eq!((variable, &*value), (name, text));
                }
                other => panic!("{name}={text}: {other:?}"),
            }
        }
    }
}
