//! Schema documents, and everything that is generated from them.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sio_types_cli::__fuzzing::schema(data));
