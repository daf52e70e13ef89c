//! sio-types
