use mach_interface::subsystem;

#[subsystem()]
trait Wrong {
    fn f(&self) -> Result<(), ReturnCode>;
}

fn main() {}
