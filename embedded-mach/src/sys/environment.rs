//! The environment, by which a program says to its children what they inherit.

/// Reads a variable and removes it, for it is meant for this program alone.
pub(crate) fn take(name: &str) -> Option<String> {
    let value = std::env::var(name).ok()?;
    // SAFETY: as with every change of the environment, a thread that reads it at this moment through C would be a
    // race; it happens at this library's first use, which programs with such threads make before they start them.
    unsafe { std::env::remove_var(name) };
    Some(value)
}

/// Sets a variable for the children from now on; nothing removes it.
pub(crate) fn set(name: &str, value: Option<&str>) {
    // SAFETY: a race as above; the calls that come here say that they change the environment.
    unsafe {
        match value {
            Some(value) => std::env::set_var(name, value),
            None => std::env::remove_var(name),
        }
    }
}
