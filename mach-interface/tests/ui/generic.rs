use mach_interface::subsystem;

#[subsystem(base = 1)]
trait Wrong {
    fn f<T>(&self, a: T) -> Result<(), ReturnCode>;
}

fn main() {}
