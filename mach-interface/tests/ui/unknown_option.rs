use mach_interface::subsystem;

#[subsystem(base = 1, port = 2)]
trait Wrong {
    fn f(&self) -> Result<(), ReturnCode>;
}

fn main() {}
