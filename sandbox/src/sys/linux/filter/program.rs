//! A filter as the kernel takes it.

use std::sync::atomic::{AtomicU32, Ordering};

use seccompiler::BpfProgram;

/// Stands for the id of the process that installs a filter: no process has it.
pub(super) const THIS_PROCESS: u32 = 0x7fff_fff1;

/// `struct sock_filter`, whose operand can be changed where it is.
#[repr(C)]
#[derive(Debug)]
struct Instruction {
    code: u16,
    if_so: u8,
    if_not: u8,
    operand: AtomicU32,
}

const _: () = assert!(size_of::<Instruction>() == size_of::<libc::sock_filter>());

/// A program of instructions.
#[derive(Debug)]
pub(crate) struct Program {
    instructions: Vec<Instruction>,
    /// Those that compare with [`THIS_PROCESS`].
    of_process: Vec<usize>,
}

impl Program {
    pub(super) fn new(compiled: BpfProgram) -> Self {
        let of_process = (0..compiled.len())
            .filter(|at| compiled[*at].k == THIS_PROCESS)
            .collect();
        let instructions = compiled.iter().map(|instruction| Instruction {
            code: instruction.code,
            if_so: instruction.jt,
            if_not: instruction.jf,
            operand: AtomicU32::new(instruction.k),
        });
        Self {
            instructions: instructions.collect(),
            of_process,
        }
    }

    /// Has it mean the calling process, which may be a new one that shares this memory.
    pub(in crate::sys::platform) fn name_this_process(&self) {
        // SAFETY: takes nothing.
        let pid = unsafe { libc::getpid() }.cast_unsigned();
        for at in &self.of_process {
            self.instructions[*at].operand.store(pid, Ordering::Relaxed);
        }
    }

    /// It must live as long as what is returned is used.
    pub(in crate::sys::platform) fn as_raw(&self) -> libc::sock_fprog {
        libc::sock_fprog {
            // The compiler of filters makes none that is longer than the kernel takes, which is 4096.
            len: self.instructions.len() as u16,
            filter: self.instructions.as_ptr().cast_mut().cast(),
        }
    }
}
