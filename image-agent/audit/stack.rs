//! What the kernel left on the initial stack: arguments, environment, auxiliary vector.

use core::ffi::{CStr, c_char};

use image_protocol::environment::{AUDIT, FILLER, Launch, TUNABLES, VARIABLE};

unsafe extern "C" {
    /// The loader's: where the argument count is.
    #[link_name = "__libc_stack_end"]
    static STACK: *mut usize;
}

const AT_IGNORE: usize = 1;
const AT_PHDR: usize = 3;
const AT_PHNUM: usize = 5;
const AT_PAGESZ: usize = 6;
const AT_BASE: usize = 7;
const AT_SECURE: usize = 23;

/// What the auxiliary vector says.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    pub(crate) program_headers: usize,
    pub(crate) program_header_count: usize,
    pub(crate) page: usize,
    /// The loader's bias.
    pub(crate) loader: usize,
    /// The program has other rights than who started it.
    pub(crate) secure: bool,
}

impl Known {
    pub(crate) const NOTHING: Self = Self {
        program_headers: 0,
        program_header_count: 0,
        page: 0,
        loader: 0,
        secure: false,
    };
}

/// The initial stack, as long as nobody else uses it.
pub(crate) struct Stack {
    environment: *mut *mut c_char,
    auxiliary: *mut [usize; 2],
}

impl Stack {
    /// # Safety
    /// Nothing else uses the environment as long as this lives.
    pub(crate) unsafe fn initial() -> Option<Self> {
        // SAFETY: the loader has set it before it loads audit libraries, and does not change it then.
        let stack = unsafe { STACK };
        if stack.is_null() {
            return None;
        }
        // SAFETY: as the kernel lays it out: the count, as many arguments and a null, the environment and a null, the vector.
        unsafe {
            let arguments = stack.add(1);
            let environment: *mut *mut c_char = arguments.add(*stack).add(1).cast();
            let mut end = environment;
            while !(*end).is_null() {
                end = end.add(1);
            }
            Some(Self {
                environment,
                auxiliary: end.add(1).cast(),
            })
        }
    }

    pub(crate) fn known(&self) -> Known {
        let mut known = Known {
            page: 4096,
            ..Known::NOTHING
        };
        let mut entry = self.auxiliary;
        loop {
            // SAFETY: the vector ends with an entry of type 0.
            let [kind, value] = unsafe { *entry };
            match kind {
                0 => return known,
                AT_PHDR => known.program_headers = value,
                AT_PHNUM => known.program_header_count = value,
                AT_PAGESZ if value.is_power_of_two() => known.page = value,
                AT_BASE => known.loader = value,
                AT_SECURE => known.secure = value != 0,
                _ => {}
            }
            // SAFETY: it was not the last.
            entry = unsafe { entry.add(1) };
        }
    }

    /// Reads what the launcher says, and makes the environment what it would be without it.
    pub(crate) fn take_launch(&mut self) -> Option<Launch> {
        let launch = Launch::parse(self.find(VARIABLE)?.value());
        // Whatever it says, nobody is to see it.
        let tunables = launch.is_some_and(|launch| launch.tunables);
        let going = [(AUDIT, true), (TUNABLES, tunables)].map(|(name, ours)| {
            let mut variable = self.find(name).filter(|_| ours)?;
            variable.cut().then_some(name)
        });
        let [audit, tunables] = going;
        let names = [audit, tunables, self.find(FILLER).map(|_| FILLER)];
        let names = names.into_iter().flatten();
        // The variable itself stays, empty, where the count would be odd: the vector behind has entries of two words.
        if names.clone().count() % 2 == 1 {
            self.remove(VARIABLE);
        } else if let Some(mut variable) = self.find(VARIABLE) {
            variable.wipe_value();
        }
        for name in names {
            self.remove(name);
        }
        launch
    }

    fn find(&self, name: &str) -> Option<Variable> {
        let mut place = self.environment;
        loop {
            // SAFETY: the environment ends with a null.
            let text = unsafe { *place };
            if text.is_null() {
                return None;
            }
            // SAFETY: each is a string.
            let whole = unsafe { CStr::from_ptr(text) }.to_bytes();
            if let Some(rest) = whole.strip_prefix(name.as_bytes())
                && rest.first() == Some(&b'=')
            {
                return Some(Variable {
                    place,
                    name: name.len().saturating_add(1),
                    len: whole.len(),
                });
            }
            // SAFETY: it was not the last.
            place = unsafe { place.add(1) };
        }
    }

    /// Takes a variable out, and has the vector begin a word earlier: the word that is free is half of an entry that is to be
    /// ignored, and the other half is free when the next one has been taken out.
    fn remove(&mut self, name: &str) {
        let Some(mut variable) = self.find(name) else {
            return;
        };
        variable.wipe();
        let mut place = variable.place;
        // SAFETY: the environment ends with a null, which moves, too; in its place is a word of no meaning then.
        unsafe {
            while !(*place).is_null() {
                *place = *place.add(1);
                place = place.add(1);
            }
            // What was the null's place, and before the vector.
            let free: *mut usize = place.cast();
            // The earlier entries begin in even distance from the vector: this one is the type of an entry or the value.
            let distance = self
                .auxiliary
                .cast::<usize>()
                .offset_from(free)
                .cast_unsigned();
            *free = if distance.is_multiple_of(2) {
                AT_IGNORE
            } else {
                0
            };
        }
    }
}

/// A variable of the environment.
struct Variable {
    place: *mut *mut c_char,
    /// Bytes of the name and the sign behind it.
    name: usize,
    len: usize,
}

impl Variable {
    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: the string has so many bytes, lies in the process's own memory, and nobody else uses it meanwhile.
        unsafe { core::slice::from_raw_parts_mut((*self.place).cast(), self.len) }
    }

    fn value(&mut self) -> &[u8] {
        let name = self.name;
        self.bytes().get(name..).unwrap_or_default()
    }

    /// Cuts off the first of the elements that colons part: whether none is left.
    ///
    /// The rest stays where it is, for the loader is reading it; the name moves up to it.
    fn cut(&mut self) -> bool {
        let Some(colon) = self.value().iter().position(|byte| *byte == b':') else {
            return true;
        };
        let (begin, name) = (colon.wrapping_add(1), self.name);
        let bytes = self.bytes();
        // From the back, for the two places may overlap.
        for index in (0..name).rev() {
            let byte = bytes.get(index).copied();
            if let (Some(place), Some(byte)) = (bytes.get_mut(begin.wrapping_add(index)), byte) {
                *place = byte;
            }
        }
        if let Some(before) = bytes.get_mut(..begin) {
            before.fill(0);
        }
        // SAFETY: it is within the string.
        unsafe { *self.place = (*self.place).add(begin) };
        false
    }

    /// The memory is seen from outside, in `/proc`.
    fn wipe(&mut self) {
        self.bytes().fill(0);
    }

    fn wipe_value(&mut self) {
        let name = self.name;
        if let Some(value) = self.bytes().get_mut(name..) {
            value.fill(0);
        }
    }
}
