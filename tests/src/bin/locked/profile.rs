//! The profile that commands describe.

use std::time::Duration;

use sandbox::{Namespace, Network, Part, Profile};

#[derive(Default)]
pub(crate) struct Builder(Profile);

impl Builder {
    /// What came of it, if it is the last.
    pub(crate) fn obey(&mut self, name: &str, value: &str) -> Option<String> {
        let profile = std::mem::take(&mut self.0);
        let number = || value.parse::<u64>().expect("a number");
        self.0 = match name {
            "--read" => profile.read(value),
            "--write" => profile.write(value),
            "--execute" => profile.execute(value),
            "--network" => profile.network(match value {
                "any" => Network::Any,
                "loopback" => Network::Loopback,
                _ => panic!("no such network: {value}"),
            }),
            "--processes" => profile.start_processes(),
            "--memory" => profile.memory(number()),
            "--cpu" => profile.cpu_time(Duration::from_secs(number())),
            "--descriptors" => profile.descriptors(number().try_into().expect("a small number")),
            "--inspectable" => profile.inspectable(),
            "--without" => profile.accept_without(match value {
                "files" => Part::Files,
                "loopback" => Part::Loopback,
                "signals" => Part::Signals,
                "calls" => Part::SystemCalls,
                "namespaces" => Part::Namespaces,
                _ => panic!("no such part: {value}"),
            }),
            "--namespace" => profile.namespace(match value {
                "user" => Namespace::User,
                "mnt" => Namespace::Mount,
                "pid" => Namespace::Pid,
                "ipc" => Namespace::Ipc,
                "uts" => Namespace::Uts,
                "net" => Namespace::Network,
                _ => panic!("no such namespace: {value}"),
            }),
            "--enter" => {
                return Some(match profile.enter() {
                    Ok(entered) => format!("entered without {}", entered.missing().len()),
                    Err(error) => format!("refused: {error:?}"),
                });
            }
            _ => panic!("no such command: {name}"),
        };
        None
    }
}
