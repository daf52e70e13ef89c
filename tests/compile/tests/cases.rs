//! A mistake causes one message, in the right place and with the fix; correct code compiles under the strictest lints.

#[test]
fn mistakes_are_explained() {
    let tests = trybuild::TestCases::new();
    tests.compile_fail("fail/*.rs");
    // With a passing case, trybuild builds all cases instead of only checking them, as `forgotten_authenticate`
    // requires.
    tests.pass("pass/*.rs");
}
