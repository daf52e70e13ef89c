//! The paths of dynamic namespaces.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sio_types::__fuzzing::path(data));
