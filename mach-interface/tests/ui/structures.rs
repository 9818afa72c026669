use mach_interface::Plain;

#[derive(Plain)]
enum Choice {
    One,
}

#[derive(Plain)]
struct Unordered {
    a: u32,
}

#[derive(Plain)]
#[repr(C)]
struct Generic<T> {
    a: T,
}

fn main() {}
