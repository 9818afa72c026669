//! The program to execute.

use std::ffi::{CStr, CString, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use mach_ports::platform::spawn::{Attributes, FileActions, Spawned, spawn};

use crate::error::LaunchCause;
use crate::launch::settings::Settings;
use crate::{LaunchStep, SettingError};

/// A program, its arguments and the directory that it runs in.
#[derive(Debug)]
pub(crate) struct Image {
    program: CString,
    arguments: Vec<CString>,
    directory: Option<(PathBuf, CString)>,
}

impl Image {
    pub(crate) fn new(settings: &Settings) -> Result<Self, LaunchCause> {
        let Settings {
            program,
            arg0,
            arguments,
            directory,
            ..
        } = settings;
        // The child changes its directory before it executes the program, which
        // a relative path must not notice.
        let path = match directory {
            Some(_) if program.as_encoded_bytes().contains(&b'/') => {
                std::path::absolute(program)?.into_os_string()
            }
            _ => program.clone(),
        };
        let directory = match directory {
            Some(path) => Some((path.clone(), c_string(path.clone().into_os_string())?)),
            None => None,
        };
        let arg0 = arg0.as_ref().unwrap_or(program);
        Ok(Self {
            program: c_string(path)?,
            arguments: c_strings([arg0].into_iter().chain(arguments).cloned())?,
            directory,
        })
    }

    /// What it executes.
    #[cfg(feature = "sandbox")]
    pub(crate) fn program(&self) -> &std::ffi::OsStr {
        std::os::unix::ffi::OsStrExt::from_bytes(self.program.to_bytes())
    }

    /// The directory to change to.
    pub(crate) fn directory(&self) -> Option<&CStr> {
        self.directory
            .as_ref()
            .map(|(_, directory)| directory.as_c_str())
    }

    /// Creates the process.
    pub(crate) fn start(
        &self,
        actions: &FileActions,
        attributes: &Attributes,
        environment: &[CString],
    ) -> Result<Spawned, (LaunchStep, io::Error)> {
        let (arguments, environment) = (borrow(&self.arguments), borrow(environment));
        spawn(&self.program, actions, attributes, &arguments, &environment).map_err(|error| {
            match self.directorys_fault(&error) {
                Some(cause) => (LaunchStep::CurrentDirectory, cause),
                None => (LaunchStep::Spawn, error),
            }
        })
    }

    /// The system says why the child did not come to execute its program, not
    /// whether it was the directory's fault: the parent looks itself.
    fn directorys_fault(&self, error: &io::Error) -> Option<io::Error> {
        let (path, _) = self.directory.as_ref()?;
        // A search along the `PATH` may end with "no such file" whatever went
        // wrong in each place.
        entering_fails(path).filter(|cause| {
            error.kind() == io::ErrorKind::NotFound || cause.raw_os_error() == error.raw_os_error()
        })
    }
}

/// Why a process like this one cannot make `directory` its own.
fn entering_fails(directory: &Path) -> Option<io::Error> {
    // Finding the directory in itself takes the same permissions. A path without
    // characters would become that of the current directory by it.
    let itself = if directory.as_os_str().is_empty() {
        directory.to_owned()
    } else {
        directory.join(".")
    };
    fs::metadata(itself).err()
}

/// Converts for C.
pub(crate) fn c_strings(
    strings: impl IntoIterator<Item = OsString>,
) -> Result<Vec<CString>, SettingError> {
    strings.into_iter().map(c_string).collect()
}

fn c_string(string: OsString) -> Result<CString, SettingError> {
    CString::new(string.into_vec()).map_err(|error| SettingError::Nul {
        text: OsString::from_vec(error.into_vec()),
    })
}

fn borrow(strings: &[CString]) -> Vec<&CStr> {
    strings.iter().map(CString::as_c_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_program_is_not_moved_by_the_directory() {
        let mut settings = Settings::new("bin/tool".as_ref());
        settings.arguments.push("-x".into());
        settings.directory = Some("/".into());
        let image = Image::new(&settings).unwrap();
        let here = std::env::current_dir().unwrap().join("bin/tool");
        assert_eq!(
            image.program.as_bytes(),
            here.as_os_str().as_encoded_bytes()
        );
        assert_eq!(image.arguments, [c"bin/tool".to_owned(), c"-x".to_owned()]);
    }

    #[test]
    fn a_bare_name_is_left_to_the_path() {
        let mut settings = Settings::new("tool".as_ref());
        settings.directory = Some("/".into());
        let image = Image::new(&settings).unwrap();
        assert_eq!(image.program, c"tool".to_owned());
    }

    #[test]
    fn a_program_may_be_called_something_else() {
        let mut settings = Settings::new("tool".as_ref());
        settings.arg0 = Some("-other".into());
        let image = Image::new(&settings).unwrap();
        assert_eq!(image.program, c"tool".to_owned());
        assert_eq!(image.arguments, [c"-other".to_owned()]);
    }

    #[test]
    fn a_nul_is_refused() {
        let mut settings = Settings::new("tool".as_ref());
        settings.arguments.push("a\0b".into());
        let refused = Image::new(&settings);
        let text = OsString::from("a\0b");
        assert!(matches!(
            refused,
            Err(LaunchCause::Setting(SettingError::Nul { text: found })) if found == text
        ));
    }

    #[test]
    fn a_directory_is_told_from_what_is_none() {
        assert!(entering_fails(Path::new("/")).is_none());
        let error = entering_fails(Path::new("/dev/null")).unwrap();
        assert_eq!(error.kind(), io::ErrorKind::NotADirectory);
        let error = entering_fails(Path::new("")).unwrap();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
