//! `volwatch run`.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::command::exit::Trouble;
use crate::settings::Settings;
use crate::{Daemon, DaemonHandle};

pub(super) fn run(config: &Path) -> Result<u8, Trouble> {
    log();
    let settings = Settings::read(config)?;
    // Before anything is begun: a signal that comes meanwhile waits.
    let signals = Signals::new([SIGTERM, SIGINT, SIGHUP]).map_err(|source| Trouble::System {
        what: "signals cannot be received",
        source,
    })?;
    let daemon = Daemon::start(settings)?;
    let (handle, config) = (daemon.handle(), config.to_owned());
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || follow(signals, &handle, &config))
        .map_err(|source| Trouble::System {
            what: "no thread for signals",
            source,
        })?;
    tracing::info!("ready");
    daemon.run();
    Ok(0)
}

fn follow(mut signals: Signals, daemon: &DaemonHandle, config: &Path) {
    for signal in signals.forever() {
        if signal != SIGHUP {
            return daemon.stop();
        }
        match Settings::read(config) {
            Ok(settings) => daemon.reload(settings),
            Err(error) => tracing::error!(?error, "the configuration stays as it was"),
        }
    }
}

/// What is told goes to standard error: at `info`, or as `RUST_LOG` says.
fn log() {
    let wanted = std::env::var("RUST_LOG").ok();
    let wanted: Option<Targets> = wanted.and_then(|wanted| wanted.parse().ok());
    let filter = wanted.unwrap_or_else(|| "info".parse().unwrap_or_default());
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr);
    tracing_subscriber::registry()
        .with(lines)
        .with(filter)
        .init();
}
