//! Files on a thread of their own, where they may not answer.
//!
//! In a folder of names everything may be anybody's of the same user, and a file system that somebody serves may never
//! answer. Whoever asks for a name waits for a while, and then goes on; the thread that waits for ever hurts nobody.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use super::mounts::always_answer;
use super::places::Place;
use super::spot::escaped;
use super::trouble::Trouble;
use crate::sys::folder::Folder;
use crate::sys::signals;

/// How long files are waited for: longer than a look-up waits for a server that is stopped.
pub(super) const LIMIT: Duration = Duration::from_secs(2);
/// How many threads may be waiting for ever before no more are begun.
const MOST: usize = 32;

/// In how many parts: to a process that was stopped for longer, no more than one seems to have passed.
const PARTS: u32 = 20;

static RUNNING: AtomicUsize = AtomicUsize::new(0);
/// Folders that did not answer, and are not asked again before they have.
static AVOIDED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Which folder a job is about at the moment, and which it was about when nobody waited for it any more.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress(Arc<Mutex<(PathBuf, Option<PathBuf>)>>);

impl Progress {
    /// Says that a folder is looked at from now on: an error if one that does not answer.
    pub(super) fn at(&self, path: &Path) -> Result<(), Trouble> {
        path.clone_into(&mut locked(&self.0).0);
        // In a forked child nobody may be there to give the lock back.
        let avoided = AVOIDED.try_lock();
        if avoided.is_ok_and(|avoided| avoided.iter().any(|avoided| avoided == path)) {
            let path = path.to_owned();
            return Err(Trouble::Silent { path });
        }
        Ok(())
    }

    /// Opens a place, where a name's folder is looked at from now on: what is wrong with that does not concern others.
    pub(super) fn enter(
        &self,
        place: &Place,
        open: impl FnOnce(&Place) -> Result<Folder, Trouble>,
        name: &str,
    ) -> Result<Folder, Trouble> {
        self.at(place.path())?;
        let folder = open(place)?;
        self.at(&folder.path().join(escaped(name)))?;
        Ok(folder)
    }

    /// Avoids the folder that the job is about: an error if that was avoided before.
    fn give_up(&self) -> Result<(), Trouble> {
        let mut progress = locked(&self.0);
        let path = progress.0.clone();
        let mut avoided = locked(&AVOIDED);
        if avoided.contains(&path) || RUNNING.load(Ordering::Relaxed) >= MOST {
            return Err(Trouble::Silent { path });
        }
        progress.1 = Some(path.clone());
        avoided.push(path);
        Ok(())
    }

    /// The job is done after all: the folder has answered.
    fn over(&self) {
        if let Some(path) = locked(&self.0).1.take() {
            locked(&AVOIDED).retain(|avoided| *avoided != path);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has a job done that may have to wait for files in some folders, without those that do not answer. Where all of them
/// always do, who asks does it: a thread costs more, and a task that has never had a second one waits for messages in
/// fewer calls.
pub(super) fn ask<'a, T: Send + 'static>(
    folders: impl IntoIterator<Item = &'a Path>,
    job: impl Fn(&Progress) -> Result<T, Trouble> + Clone + Send + 'static,
) -> Result<T, Trouble> {
    if always_answer(folders) {
        return signals::undisturbed(|| job(&Progress::default()));
    }
    loop {
        let (job, progress) = (job.clone(), Progress::default());
        let asked = progress.clone();
        let done = within(LIMIT, move || {
            let done = job(&asked);
            asked.over();
            done
        });
        match done {
            Some(done) => return done,
            None => progress.give_up()?,
        }
    }
}

/// Runs a job, and waits for it so long at most: `None` if it was not done then. It goes on by itself.
pub(super) fn within<T: Send + 'static>(
    limit: Duration,
    job: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    if RUNNING.load(Ordering::Relaxed) >= MOST {
        return None;
    }
    // Where no thread can be begun, the job is done by who asks.
    let job = Arc::new(Mutex::new(Some(job)));
    let given = Arc::clone(&job);
    let take = |job: &Mutex<Option<_>>| locked(job).take();
    let (done, outcome) = mpsc::channel();
    let run = move || {
        let _running = Running::new();
        if let Some(job) = take(&given) {
            let _ = done.send(job());
        }
    };
    let begun = std::thread::Builder::new().name("mach-names".into());
    match signals::begin(begun, run) {
        Ok(_) => (0..PARTS).find_map(|_| outcome.recv_timeout(limit / PARTS).ok()),
        Err(_) => take(&job).map(|job| job()),
    }
}

struct Running;

impl Running {
    fn new() -> Self {
        RUNNING.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_answer_is_not_waited_for_and_not_asked_again() {
        let (stuck, other) = (
            PathBuf::from("/stuck-in-a-test"),
            PathBuf::from("/other-in-a-test"),
        );
        let (release, held) = mpsc::channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let (first, second) = (stuck.clone(), other.clone());
        let asked = ask([Path::new("/proc/x")], move |progress: &Progress| {
            if progress.at(&first).is_ok() {
                let _ = held.lock().unwrap().recv();
            }
            progress.at(&second)?;
            Ok(second.clone())
        });
        assert_eq!(asked.unwrap(), other);
        let first = stuck.clone();
        let again = ask([Path::new("/proc/x")], move |progress: &Progress| {
            progress.at(&first)
        });
        assert!(matches!(again, Err(Trouble::Silent { path }) if path == stuck));
        drop(release);
        // It has answered after all.
        let begun = std::time::Instant::now();
        while Progress::default().at(&stuck).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(60));
            std::thread::yield_now();
        }
    }
}
