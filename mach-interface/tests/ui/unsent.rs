use mach_interface::subsystem;

#[subsystem(base = 1)]
trait Wrong {
    fn f(&self, #[caller] who: u32) -> Result<(), ReturnCode>;
    fn g(&self, #[wait_time] limit: u32) -> Result<(), ReturnCode>;
    #[simple]
    fn h(&self, #[replier] who: AuditToken);
    #[simple]
    fn i(&self, #[reply_port(borrowed)] to: Option<ReplyRight>);
    #[send_time(soon)]
    fn j(&self) -> Result<(), ReturnCode>;
}

fn main() {}
