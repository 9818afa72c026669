//! Which system calls can be made: programs of seccomp.

mod calls;
mod conditions;
mod old;
mod program;

use std::collections::BTreeMap;
use std::io;

use seccompiler::{BackendError, SeccompAction, SeccompFilter, SeccompRule, TargetArch};

use crate::profile::{Access, For, Network};
use crate::{EnterError, Profile};

pub(super) use program::Program;

/// System calls, and what their arguments must be: one of the rules, any where there are none.
type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// The programs, in the order in which they are installed; none if the kernel cannot.
pub(super) fn programs(profile: &Profile, purpose: For) -> Result<Vec<Program>, EnterError> {
    if !super::kernel::has_filters() {
        return Ok(Vec::new());
    }
    let refused = SeccompAction::Errno(libc::EPERM as u32);
    let unknown = SeccompAction::Errno(libc::ENOSYS as u32);
    let compiled = || -> Result<Vec<Program>, BackendError> {
        let allowed = rules(profile, purpose)?;
        Ok(vec![
            compile(allowed, refused, SeccompAction::Allow)?,
            // Of two that refuse a call the one installed last says how.
            compile(
                calls::UNKNOWN.map(|call| (call, Vec::new())).into(),
                SeccompAction::Allow,
                unknown,
            )?,
        ])
    };
    compiled().map_err(|error| EnterError::Call {
        step: "compile the filter of system calls",
        source: io::Error::other(error),
    })
}

fn compile(
    rules: Rules,
    otherwise: SeccompAction,
    matching: SeccompAction,
) -> Result<Program, BackendError> {
    let machine = TargetArch::try_from(std::env::consts::ARCH)?;
    let filter = SeccompFilter::new(rules, otherwise, matching, machine)?;
    Ok(Program::new(filter.try_into()?))
}

fn rules(profile: &Profile, purpose: For) -> Result<Rules, BackendError> {
    let executes = purpose == For::Executing;
    let mut allowed = vec![calls::ALWAYS, old::ALWAYS];
    if executes || profile.processes || !profile.paths.is_empty() {
        allowed.extend([calls::PATHS, old::PATHS]);
    }
    if writes(profile) {
        allowed.extend([calls::WRITING, old::WRITING]);
    }
    if executes || profile.processes {
        allowed.push(&[libc::SYS_execve]);
    }
    if profile.processes {
        allowed.extend([calls::PROCESSES, old::PROCESSES]);
    }
    if profile.network != Network::None {
        allowed.push(calls::NETWORK);
    }
    let mut rules: Rules = allowed
        .concat()
        .into_iter()
        .map(|call| (call, Vec::new()))
        .collect();
    rules.extend(conditions::always()?);
    if !writes(profile) {
        rules.extend(conditions::no_truncation()?);
    }
    if profile.network != Network::None {
        rules.extend(conditions::network()?);
    }
    if profile.processes {
        rules.extend(conditions::processes()?);
    } else {
        rules.extend(conditions::one_process()?);
    }
    Ok(rules)
}

/// Whether there is anything that it may write.
pub(super) fn writes(profile: &Profile) -> bool {
    let mut paths = profile.paths.iter();
    paths.any(|(access, _)| *access == Access::Write)
}
