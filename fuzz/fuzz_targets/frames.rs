//! WebSocket data of a client, split in any way.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sio_types::__fuzzing::frames(data));
