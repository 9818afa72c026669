//! The parent: inputs to helpers, and what comes of them to the user.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;

use helper_pool::{HelperPool, PoolError, Stderr};
use launcher::{Launcher, Stdio};
use sandbox::Profile;

use crate::args::Args;
use crate::findings::Findings;
use crate::inputs::Inputs;
use crate::target::TargetClient;

/// The most memory that a helper may have, in bytes.
const MEMORY: u64 = 512 << 20;
/// Helpers are replaced after so many inputs: what the function leaves behind is not to be found in place of a fault.
const INPUTS_PER_HELPER: u64 = 10_000;

/// Runs all inputs. True if nothing was found.
pub(crate) fn run(args: &Args) -> Result<bool, Box<dyn Error>> {
    let samples = [Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")];
    let paths = match args.inputs.is_empty() {
        true => &samples[..],
        false => &args.inputs,
    };
    let inputs = Mutex::new(Inputs::new(paths, args.runs, args.seed)?);
    let pool = pool(args)?;
    let findings = Mutex::new(Findings::default());
    let count = thread::scope(|scope| {
        let workers: Vec<_> = (0..args.helpers)
            .map(|_| scope.spawn(|| work(&pool, &inputs, &findings)))
            .collect();
        // All are waited for before the first that failed is told.
        let ended: Vec<_> = workers
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        ended.into_iter().try_fold(0, |sum, count| match count {
            Ok(count) => count.map(|count| sum + count),
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    pool.stop(args.timeout);

    let findings = findings
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    findings.save(&args.out)?;
    tell(&mut io::stdout().lock(), count, &findings, &args.out)?;
    Ok(findings.is_empty())
}

fn pool(args: &Args) -> Result<HelperPool<TargetClient>, Box<dyn Error>> {
    let mut launcher = Launcher::new(std::env::current_exe()?);
    launcher
        .arg("--helper")
        // Where it panicked is told without it, and sooner.
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::Null)
        .stdout(Stdio::Null);
    let mut builder = HelperPool::builder(launcher)
        .helpers(usize::from(args.helpers))
        // Findings come often: somebody should stand in while a helper is replaced.
        .spares(1)
        .deadline(args.timeout)
        .memory_limit(MEMORY)
        .recycle_after_calls(INPUTS_PER_HELPER)
        .stderr(Stderr::Keep);
    if !args.unlocked {
        builder = builder.profile(Profile::ports_only());
    }
    Ok(builder.build()?)
}

/// Runs inputs until there are no more, and returns how many it ran.
fn work(
    pool: &HelperPool<TargetClient>,
    inputs: &Mutex<Inputs>,
    findings: &Mutex<Findings>,
) -> Result<u64, PoolError> {
    let mut count = 0;
    loop {
        let next = inputs.lock().unwrap_or_else(PoisonError::into_inner).next();
        let Some(input) = next else {
            return Ok(count);
        };
        count += 1;
        match pool.call(|target| target.run(&input.bytes)) {
            Ok(()) => {}
            Err(PoolError::Lost(lost)) => {
                let mut findings = findings.lock().unwrap_or_else(PoisonError::into_inner);
                findings.add(input, &lost);
            }
            Err(error) => return Err(error),
        }
    }
}

fn tell(out: &mut dyn Write, count: u64, findings: &Findings, folder: &Path) -> io::Result<()> {
    for (cause, finding) in findings.iter() {
        writeln!(
            out,
            "{:<5} {:>6} × {cause}\n              {} bytes in {}",
            finding.kind.word(),
            finding.count,
            finding.input.bytes.len(),
            folder.join(finding.file_name()).display(),
        )?;
    }
    let found = findings.iter().count();
    writeln!(out, "{count} inputs, {found} findings")
}
