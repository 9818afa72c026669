//! How errors of the rendezvous name keys and processes.

/// A key, as C's four-character literal if it can be written as one: `'port'`, else `0x7`.
#[must_use]
pub fn key(key: u32) -> String {
    let bytes = key.to_be_bytes();
    match str::from_utf8(&bytes) {
        Ok(text) if bytes.iter().all(u8::is_ascii_graphic) => format!("'{text}'"),
        _ => format!("{key:#x}"),
    }
}

/// A process by the pid that the kernel gives of it, which is not always one.
#[must_use]
pub fn process(pid: i32) -> String {
    match pid {
        1.. => format!("process {pid}"),
        0 => "the kernel".to_owned(),
        // Only Linux has them.
        ..0 => "a process outside this pid namespace".to_owned(),
    }
}

/// What is known beyond a cause, for the end of a sentence.
#[must_use]
pub fn detail(detail: Option<&str>) -> String {
    detail.map_or_else(String::new, |detail| format!(": {detail}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_shown_as_they_are_written() {
        for (number, text) in [
            (crate::key(b"port"), "'port'"),
            (crate::key(b"a b "), "0x61206220"),
            (7, "0x7"),
            (0, "0x0"),
            (u32::MAX, "0xffffffff"),
        ] {
            assert_eq!(key(number), text);
        }
    }

    #[test]
    fn what_is_no_pid_is_said_in_words() {
        assert_eq!(process(7), "process 7");
        assert_eq!(process(0), "the kernel");
        assert_eq!(process(-1), "a process outside this pid namespace");
    }
}
