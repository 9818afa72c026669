//! Running a program and looking at it.

use std::process::ExitCode;
use std::time::Duration;

use launcher::{Child, Launcher, shell_status};
use task_port::{TaskError, TaskPort};

use crate::arguments::{Leaks, Run, Target};
use crate::census::{self, Census};
use crate::error::Failure;
use crate::report::Report;

fn launch(target: &Target) -> Result<Child, Failure> {
    let [program, arguments @ ..] = &target.program[..] else {
        unreachable!("the command line demands a program");
    };
    let mut launcher = Launcher::new(program);
    Ok(launcher
        .args(arguments)
        .task_port(true)
        .kill_on_drop(true)
        .spawn()?)
}

/// `portctl run`: exits as the program does.
pub(crate) fn run(run: &Run) -> Result<ExitCode, Failure> {
    let mut report = Report::new(&run.target)?;
    let child = launch(&run.target)?;
    match child.task_port(run.target.patience) {
        Ok(task) => follow(&child, &task, run.interval, &mut report)?,
        // It goes on all the same.
        Err(error) => eprintln!("portctl: {:?}", Failure::TaskPort(error)),
    }
    let status = child.wait().map_err(Failure::Wait)?;
    Ok(shell_status(status).into())
}

/// Shows what has changed, until the program ends or takes its task port back.
fn follow(
    child: &Child,
    task: &TaskPort,
    interval: Duration,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut shown: Option<Census> = None;
    loop {
        let census = match census::take(task) {
            Err(TaskError::Gone) => return Ok(()),
            census => census?,
        };
        if shown.as_ref() != Some(&census) {
            report.show(child.id(), "now", &census)?;
            shown = Some(census);
        }
        if child.exit_event().wait_timeout(interval) {
            return Ok(());
        }
    }
}

/// `portctl leaks`: exits with 1 if something has grown.
pub(crate) fn leaks(leaks: &Leaks) -> Result<ExitCode, Failure> {
    let mut report = Report::new(&leaks.target)?;
    let child = launch(&leaks.target)?;
    let task = child.task_port(leaks.target.patience)?;
    let at = |pause: Duration| {
        if child.exit_event().wait_timeout(pause) {
            return Err(Failure::EndedTooSoon);
        }
        census::take(&task).map_err(Failure::from)
    };
    let (first, second) = (at(leaks.after)?, at(leaks.wait)?);
    let grown = census::grown(&first, &second);
    report.show(child.id(), "grown", &grown)?;
    Ok(ExitCode::from(u8::from(!grown.is_empty())))
}
