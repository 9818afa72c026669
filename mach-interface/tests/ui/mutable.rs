use mach_interface::subsystem;

#[subsystem(base = 1)]
trait Wrong {
    fn f(&mut self) -> Result<(), ReturnCode>;
}

fn main() {}
