//! macOS: other tasks are closed, and agents are linked in.

pub(crate) mod exit {
    /// What codes mean is a matter of glibc's loader.
    pub(crate) fn code(_pid: i32) -> Option<i32> {
        None
    }
}

pub(crate) mod memory {
    //! Memory of a child: it would take a right to its task.

    use object::read::ReadCacheOps;

    #[derive(Debug)]
    pub(crate) struct Mapped;

    impl Mapped {
        pub(crate) fn new(_pid: i32, _load_address: u64) -> Self {
            Self
        }
    }

    impl ReadCacheOps for Mapped {
        fn len(&mut self) -> Result<u64, ()> {
            Err(())
        }

        fn seek(&mut self, _position: u64) -> Result<u64, ()> {
            Err(())
        }

        fn read(&mut self, _bytes: &mut [u8]) -> Result<usize, ()> {
            Err(())
        }

        fn read_exact(&mut self, _bytes: &mut [u8]) -> Result<(), ()> {
            Err(())
        }
    }
}

pub(crate) mod program {
    use crate::{Program, Unwatchable};

    /// Which programs link an agent, their headers do not say.
    pub(crate) fn check(_program: &Program<'_>) -> Result<(), Unwatchable> {
        Ok(())
    }
}

pub(crate) mod snapshot {
    use crate::SnapshotError;
    use crate::image::Image;

    pub(crate) fn take(pid: i32) -> Result<Vec<Image>, SnapshotError> {
        Err(SnapshotError::NoTaskPort { pid })
    }
}
