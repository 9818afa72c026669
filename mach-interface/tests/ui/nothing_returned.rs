use mach_interface::subsystem;

#[subsystem(base = 1)]
trait Wrong {
    fn f(&self, a: u32);
}

fn main() {}
