//! What a client sends over a WebSocket, in any pieces.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sio_types::__fuzzing::frames(data));
