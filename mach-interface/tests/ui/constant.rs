use mach_interface::subsystem;

#[subsystem(base = 1)]
trait Wrong {
    const N: u32;
}

fn main() {}
