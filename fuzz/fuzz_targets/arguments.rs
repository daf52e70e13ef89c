//! The arguments of events and acknowledgements, and the `auth` of handshakes, in both forms.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sio_types::__fuzzing::arguments(data));
