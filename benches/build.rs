//! Has the loader bind functions at their first call, as in most libraries of Linux's systems: what calls by way of the PLT cost
//! in a watched process is measured with such ones.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,lazy");
    }
}
