//! The daemon's own configuration: the only place that says which commands are run.

mod command;
mod time;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::VolumeId;
use crate::schedule::SettleTimes;
use crate::volumes::Declared;

pub use command::{Command, Place};

/// The name that the daemon has at the bootstrap server if the configuration says no other.
pub const SERVICE: &str = "org.mach-rendezvous.volwatch";

/// How long helpers have to end if the configuration says nothing else.
pub const GRACE: Duration = Duration::from_secs(5);

/// Why a configuration is not used.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("{}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file says something else than a configuration.
    #[error("{}", .path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// What, and where.
        source: Box<toml::de::Error>,
    },
    /// A setting has a value that cannot be.
    #[error("{}: {reason}", .path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// Which, and why.
        reason: String,
    },
}

mach_ports::debug_with_causes!(SettingsError);

/// The configuration. Times are written as `"5s"`, `"1min 30s"` or `"50ms"`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The daemon's name at the bootstrap server.
    pub service: String,
    /// Whether to watch what is mounted, and not only the volumes that are declared here.
    pub mounts: bool,
    /// The names that a description may have, relative to a volume's root; the first that is there counts.
    pub descriptions: Vec<PathBuf>,
    /// How long a volume must be quiet after a change; 5 s.
    #[serde(with = "time")]
    pub settle: Duration,
    /// How long it is waited for to be quiet; 60 s.
    #[serde(with = "time")]
    pub settle_longest: Duration,
    /// For how long after the start appearance and change cause nothing; 300 s.
    #[serde(with = "time")]
    pub startup_delay: Duration,
    /// Whether a program that updates at boot is expected to take a lock before the start-up delay ends.
    pub boot_updater: bool,
    /// What rebuilds a stale volume. Without it volumes are watched and locked, and nothing is rebuilt.
    pub helper: Option<Helper>,
    /// What is run for the owners of a volume's files.
    pub owners: Owners,
    /// Volumes that are folders, and more about mounted ones.
    #[serde(rename = "volume")]
    pub volumes: Vec<VolumeSettings>,
}

/// What rebuilds a stale volume.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Helper {
    /// Program and arguments.
    pub command: Command,
    /// After that time it is killed; 10 min.
    #[serde(with = "time", default = "deadline")]
    pub deadline: Duration,
    /// So long it has to end when the daemon ends, before it is killed; 5 s.
    #[serde(with = "time", default = "grace")]
    pub grace: Duration,
}

const fn grace() -> Duration {
    GRACE
}

const fn deadline() -> Duration {
    Duration::from_secs(600)
}

/// Commands that are run before a holder is told that a volume is its own, and after it no longer is.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owners {
    /// Has the owners of files count.
    #[serde(default)]
    pub enable: Option<Command>,
    /// Has them not count any more.
    #[serde(default)]
    pub disable: Option<Command>,
}

/// One volume of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VolumeSettings {
    /// Its root: a folder, or where it is mounted.
    pub path: PathBuf,
    /// What it is called.
    #[serde(default)]
    pub name: Option<String>,
    /// Its id, where the file system has none.
    #[serde(default)]
    pub id: Option<VolumeId>,
}

impl Default for Settings {
    fn default() -> Self {
        let SettleTimes { quiet, longest } = SettleTimes::default();
        Self {
            service: SERVICE.to_owned(),
            mounts: true,
            descriptions: vec![".volwatch.plist".into(), ".volwatch.toml".into()],
            settle: quiet,
            settle_longest: longest,
            startup_delay: Duration::from_secs(300),
            boot_updater: false,
            helper: None,
            owners: Owners::default(),
            volumes: Vec::new(),
        }
    }
}

impl Settings {
    /// Reads a configuration file.
    ///
    /// # Errors
    ///
    /// See [`SettingsError`].
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path).map_err(|source| SettingsError::Read {
            path: path.to_owned(),
            source,
        })?;
        let settings: Self = toml::from_str(&text).map_err(|source| SettingsError::Parse {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        match settings.wrong() {
            Some(reason) => Err(SettingsError::Value {
                path: path.to_owned(),
                reason,
            }),
            None => Ok(settings),
        }
    }

    fn wrong(&self) -> Option<String> {
        if let Some(name) = self
            .descriptions
            .iter()
            .find(|name| crate::beneath::check_relative(name).is_err())
        {
            return Some(format!("descriptions: {} is not relative", name.display()));
        }
        if self.settle > self.settle_longest {
            return Some("settle: longer than settle_longest".to_owned());
        }
        if let Some(volume) = self
            .volumes
            .iter()
            .find(|volume| !volume.path.is_absolute())
        {
            return Some(format!("volume: {} is not absolute", volume.path.display()));
        }
        None
    }

    /// How long volumes must be quiet.
    #[must_use]
    pub const fn settle_times(&self) -> SettleTimes {
        SettleTimes {
            quiet: self.settle,
            longest: self.settle_longest,
        }
    }

    /// The declared volumes. A path that is there is told without links, as the system tells where something is mounted.
    #[must_use]
    pub fn declared(&self) -> Vec<Declared> {
        let declared = |volume: &VolumeSettings| Declared {
            path: volume
                .path
                .canonicalize()
                .unwrap_or_else(|_| volume.path.clone()),
            name: volume.name.clone(),
            id: volume.id,
        };
        self.volumes.iter().map(declared).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, SettingsError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, text).unwrap();
        Settings::read(file.path())
    }

    #[test]
    fn an_empty_file_is_the_usual_configuration() {
        let settings = read("").unwrap();
        assert_eq!(settings.settle_times(), SettleTimes::default());
        assert_eq!(settings.startup_delay, Duration::from_secs(300));
        assert_eq!(settings.service, SERVICE);
        assert!(settings.mounts && settings.helper.is_none());
    }

    #[test]
    fn all_can_be_said() {
        let settings = read(
            r#"
            service = "x"
            mounts = false
            descriptions = ["boot/d.plist"]
            settle = "50ms"
            settle_longest = "1s"
            startup_delay = "0s"
            boot_updater = true
            [helper]
            command = ["/bin/build", "{uuid}"]
            deadline = "1min 30s"
            grace = "1s"
            [owners]
            enable = ["/bin/on", "{root}"]
            disable = ["/bin/off", "{root}"]
            [[volume]]
            path = "/"
            name = "root"
            id = "0b3c9d1e-6c55-4d0e-9a3f-2f1d7c5e8a10"
            "#,
        )
        .unwrap();
        let helper = settings.helper.unwrap();
        assert_eq!(helper.deadline, Duration::from_secs(90));
        assert_eq!(helper.grace, Duration::from_secs(1));
        assert_eq!(settings.volumes[0].name.as_deref(), Some("root"));
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        for (text, name) in [
            ("sevice = 'x'", "sevice"),
            ("descriptions = ['/etc/x']", "/etc/x"),
            ("settle = '90s'", "settle_longest"),
            ("settle = 'soon'", "settle"),
            ("helper = { command = [] }", "command"),
            ("[[volume]]\npath = 'here'", "here"),
        ] {
            let error = format!("{:?}", read(text).unwrap_err());
            assert!(error.contains(name), "{error}");
        }
    }
}
