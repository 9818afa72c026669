//! What is executed, with what, and where.

use std::ffi::OsStr;
use std::path::Path;

use crate::Launcher;

impl Launcher {
    /// Adds an argument.
    pub fn arg(&mut self, argument: impl AsRef<OsStr>) -> &mut Self {
        self.settings.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub fn args(&mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> &mut Self {
        for argument in arguments {
            self.arg(argument);
        }
        self
    }

    /// Sets what the child is told that it was started as, its first argument of
    /// all; `program` otherwise. It does not change what is executed.
    pub fn arg0(&mut self, name: impl AsRef<OsStr>) -> &mut Self {
        self.settings.arg0 = Some(name.as_ref().to_owned());
        self
    }

    /// Sets a variable of the child's environment.
    pub fn env(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        self.settings.environment.set(name.as_ref(), value.as_ref());
        self
    }

    /// Sets variables of the child's environment.
    pub fn envs<N: AsRef<OsStr>, V: AsRef<OsStr>>(
        &mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> &mut Self {
        for (name, value) in variables {
            self.env(name, value);
        }
        self
    }

    /// Removes a variable from what the child inherits.
    pub fn env_remove(&mut self, name: impl AsRef<OsStr>) -> &mut Self {
        self.settings.environment.remove(name.as_ref());
        self
    }

    /// Lets the child inherit no variable, and forgets those set so far.
    pub fn env_clear(&mut self) -> &mut Self {
        self.settings.environment.clear();
        self
    }

    /// Sets the child's current directory.
    pub fn current_dir(&mut self, directory: impl AsRef<Path>) -> &mut Self {
        self.settings.directory = Some(directory.as_ref().to_owned());
        self
    }
}
