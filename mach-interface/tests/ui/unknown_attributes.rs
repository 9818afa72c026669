use mach_interface::subsystem;

#[subsystem(base = 1)]
trait Wrong {
    #[oneway]
    fn f(&self) -> Result<(), ReturnCode>;
    fn g(&self, #[token] a: u32) -> Result<(), ReturnCode>;
}

fn main() {}
