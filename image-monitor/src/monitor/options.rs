use std::time::Duration;

/// How a monitor is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct MonitorOptions {
    pub(crate) deadline: Duration,
    pub(crate) history: usize,
    pub(crate) static_tls: u32,
    pub(crate) allow_unwatched: bool,
}

impl Default for MonitorOptions {
    fn default() -> Self {
        Self {
            deadline: Duration::from_millis(image_protocol::DEFAULT_DEADLINE_MS.into()),
            history: 1024,
            static_tls: 4096,
            allow_unwatched: false,
        }
    }
}

impl MonitorOptions {
    /// A deadline of two seconds, a history of 1,024 images, no launch of what cannot be watched.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long the process waits for an answer before it goes on without, and leaves the monitor alone. From one
    /// millisecond to 49 days: what is beyond is cut to that.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        let longest = Duration::from_millis(u32::MAX.into());
        self.deadline = deadline.clamp(Duration::from_millis(1), longest);
        self
    }

    /// How many images that were unloaded are remembered.
    pub fn history(mut self, images: usize) -> Self {
        self.history = images;
        self
    }

    /// How many bytes of static thread-local storage glibc's loader is to leave for libraries that insist on it: 4,096 if
    /// nobody says otherwise. An auditor, which the agent is, has the loader fix that early. Programs with threads of very
    /// small stacks do not bear much more, since each thread's comes off its stack. Of several monitors the largest counts.
    pub fn static_tls(mut self, bytes: u32) -> Self {
        self.static_tls = bytes;
        self
    }

    /// Whether a program that [cannot be watched](crate::Program::check_watchable) is launched all the same, without an
    /// agent: the monitor then tells the exit only. Otherwise the launch fails.
    pub fn allow_unwatched(mut self, allow: bool) -> Self {
        self.allow_unwatched = allow;
        self
    }

    /// What [`static_tls`](Self::static_tls) has set.
    #[must_use]
    pub fn wanted_static_tls(&self) -> u32 {
        self.static_tls
    }

    /// What [`allow_unwatched`](Self::allow_unwatched) has set.
    #[must_use]
    pub fn allows_unwatched(&self) -> bool {
        self.allow_unwatched
    }

    /// The deadline as the protocol has it.
    pub(crate) fn deadline_ms(&self) -> u32 {
        u32::try_from(self.deadline.as_millis()).unwrap_or(u32::MAX)
    }
}
