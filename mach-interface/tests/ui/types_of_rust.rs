use mach_interface::subsystem;

#[subsystem(base = 1)]
trait Wrong {
    fn slice(&self, a: &[u8]) -> Result<(), ReturnCode>;
    fn string(&self, a: String) -> Result<(), ReturnCode>;
    fn vector(&self) -> Result<Vec<u32>, ReturnCode>;
    fn size(&self, a: usize) -> Result<(), ReturnCode>;
    fn tuple(&self, a: (u32, u32)) -> Result<(), ReturnCode>;
    fn boxed(&self, a: Box<u32>) -> Result<(), ReturnCode>;
}

fn main() {}
