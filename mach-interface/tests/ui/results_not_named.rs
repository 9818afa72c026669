use mach_interface::subsystem;

#[subsystem(base = 1)]
trait Wrong {
    #[out(a)]
    fn f(&self) -> Result<(u32, u32), ReturnCode>;
}

fn main() {}
