use mach_interface::subsystem;

#[subsystem(base = 1)]
trait Wrong {
    fn f(&self) -> Result<(), ReturnCode> { Ok(()) }
}

fn main() {}
