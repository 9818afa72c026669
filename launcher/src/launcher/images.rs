//! Who is told what a child loads.

use image_monitor::ImageMonitor;

use crate::Launcher;

impl Launcher {
    /// Has a monitor told of every library that the next child loads or unloads, while the child waits; up to eight.
    ///
    /// As ports do, it goes with one launch. One that fails leaves the monitor as it was, to be given again. A program that
    /// [cannot be watched](image_monitor::Program::check_watchable) fails the launch, unless all its monitors
    /// [allow that](image_monitor::MonitorOptions::allow_unwatched).
    ///
    /// On Linux the child has an audit library more, without a thread, a descriptor that is in its way, or a variable of its
    /// environment. On macOS it must link an agent, and start it.
    ///
    #[cfg_attr(target_os = "linux", doc = "```")]
    #[cfg_attr(not(target_os = "linux"), doc = "```no_run")]
    /// use std::time::Duration;
    /// use image_monitor::{Event, ImageMonitor, MonitorOptions};
    /// use launcher::Launcher;
    ///
    /// let (monitor, notices) = ImageMonitor::queue(MonitorOptions::new())?;
    /// let child = Launcher::new("true").image_monitor(&monitor).spawn()?;
    /// for notice in notices {
    ///     // `true` goes on with each turn of the loop.
    ///     match notice.event() {
    ///         Event::Load(images) => println!("{} images", images.len()),
    ///         Event::Exit(_) => break,
    ///         _ => {}
    ///     }
    /// }
    /// assert!(monitor.images().present().any(|image| image.path.ends_with("libc.so.6")));
    /// assert!(child.wait()?.success());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn image_monitor(&mut self, monitor: &ImageMonitor) -> &mut Self {
        self.settings.image_monitors.push(monitor.clone());
        self
    }
}
