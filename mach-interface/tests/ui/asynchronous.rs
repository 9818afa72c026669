use mach_interface::subsystem;

#[subsystem(base = 1)]
trait Wrong {
    async fn f(&self) -> Result<(), ReturnCode>;
}

fn main() {}
