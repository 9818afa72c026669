//! Which servers may hold this process's ports, in the order in which they are
//! asked. Pure: the environment comes as an argument.

use rendezvous_protocol::{BaseId, environment as variables};

use crate::{ConnectError, ConnectOptions, ServerName};

/// A way to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// The bootstrap port of this task is the server.
    Bootstrap,
    /// The parent has passed a right to its server, which has this name as well.
    Passed { pid: i32, name: String },
    /// The server of this process, by name.
    Process { pid: i32, name: String },
}

impl Route {
    pub(crate) fn into_name(self) -> Option<String> {
        match self {
            Self::Bootstrap => None,
            Self::Passed { name, .. } | Self::Process { name, .. } => Some(name),
        }
    }

    /// What its server is called in an error.
    pub(crate) fn server(&self) -> ServerName {
        match self {
            Self::Bootstrap => ServerName::BootstrapPort,
            Self::Passed { .. } => ServerName::PassedPort,
            Self::Process { name, .. } => ServerName::Name(name.clone()),
        }
    }

    /// Whether the right came from who started this process, and was not looked up.
    pub(crate) fn is_given(&self) -> bool {
        matches!(self, Self::Bootstrap | Self::Passed { .. })
    }

    /// The process that must be the server.
    pub(crate) fn pid(&self) -> Option<i32> {
        match self {
            Self::Bootstrap => None,
            Self::Passed { pid, .. } | Self::Process { pid, .. } => Some(*pid),
        }
    }

    /// Whether this is a further way to a server.
    pub(crate) fn leads_to(&self, server: Option<&str>) -> bool {
        match self {
            Self::Bootstrap => false,
            Self::Passed { name, .. } | Self::Process { name, .. } => Some(&**name) == server,
        }
    }
}

/// What the launcher told this process.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    base_id: Option<BaseId>,
    server_pid: Option<i32>,
    port: Option<GivenPort>,
}

/// The port that is the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GivenPort {
    Bootstrap,
    Passed,
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
        let port = match get(variables::PORT) {
            Some(value) if value == variables::BOOTSTRAP => Some(GivenPort::Bootstrap),
            Some(value) if value == variables::PASSED => Some(GivenPort::Passed),
            Some(value) => return Err(invalid(variables::PORT, value)),
            None => None,
        };
        Ok(Self {
            base_id,
            server_pid,
            port,
        })
    }
}

/// The servers to ask.
///
/// The port that was given first, if one is said to be a server: who gave it,
/// meant it. Then the parent, then the process that the environment names. The last two
/// differ if a process stands between the two sides, or if the variables were
/// inherited from the parent, which was itself launched: then the parent, if it
/// is a server, is the one that knows this process.
pub(crate) fn routes(
    options: &ConnectOptions,
    environment: &Environment,
    parent: i32,
) -> Vec<Route> {
    let told = environment.base_id.clone().unwrap_or_default();
    let base_id = options.base_id.clone().unwrap_or_else(|| told.clone());
    let process = |pid| Route::Process {
        pid,
        name: base_id.bootstrap_name(pid),
    };
    if let Some(pid) = options.server_pid {
        return vec![process(pid)];
    }
    let mut routes = Vec::new();
    match environment.port {
        Some(GivenPort::Bootstrap) => routes.push(Route::Bootstrap),
        // Of the parent's servers it is the one that the launcher has told.
        Some(GivenPort::Passed) if parent > 0 && base_id == told => routes.push(Route::Passed {
            pid: parent,
            name: base_id.bootstrap_name(parent),
        }),
        _ => {}
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
        let name = |route: Route| match route {
            Route::Bootstrap => "bootstrap".to_owned(),
            Route::Passed { name, .. } => format!("passed {name}"),
            Route::Process { name, .. } => name,
        };
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
    fn the_passed_port_comes_before_the_name_of_the_same_server() {
        let variables = [(variables::PORT, "passed"), (variables::BASE_ID, "a")];
        let both = [
            "passed a.MachPortRendezvousServer.7",
            "a.MachPortRendezvousServer.7",
        ];
        assert_eq!(names(&ConnectOptions::new(), &variables, 7), both);
        let same = ConnectOptions::new().base_id(BaseId::new("a").unwrap());
        assert_eq!(names(&same, &variables, 7), both);
        // It is another server that is asked for, or nobody that could be told from others.
        let other = ConnectOptions::new().base_id(BaseId::new("b").unwrap());
        assert_eq!(
            names(&other, &variables, 7),
            ["b.MachPortRendezvousServer.7"]
        );
        assert!(names(&ConnectOptions::new(), &variables, 0).is_empty());
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
