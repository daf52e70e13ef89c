//! A mistake is one message, at its place, with its mend; what is right compiles under the strictest lints.

#[test]
fn mistakes_are_explained() {
    let tests = trybuild::TestCases::new();
    tests.compile_fail("fail/*.rs");
    // With a case that passes, the others are built and not only checked, as `forgotten_authenticate` needs it.
    tests.pass("pass/*.rs");
}
