use mach_interface::subsystem;

#[subsystem(base = 1)]
trait Wrong {
    fn f(&self, reply: DeferredReply<u32>) -> Result<(), ReturnCode>;
}

fn main() {}
