//! A trait that is no interface is told what to write instead.

#[test]
fn wrong_traits() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}
