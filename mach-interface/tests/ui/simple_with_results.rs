use mach_interface::subsystem;

#[subsystem(base = 1)]
trait Wrong {
    #[simple]
    fn f(&self) -> Result<u32, ReturnCode>;
}

fn main() {}
