//! Upgrade from polling to a WebSocket (<https://socket.io/docs/v4/engine-io-protocol/#upgrade>).

use std::{io, time::Duration};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    frame::Frame,
    polling::{BoxedStream, Probe},
};

/// Packet with which the client tests the WebSocket, and the response to it.
const PING: &[u8] = b"2probe";
const PONG: &[u8] = &[0x81, 6, b'3', b'p', b'r', b'o', b'b', b'e'];
/// Packet that the client sends when its polling requests have ended.
const UPGRADE: &[u8] = b"5";

/// Tests a WebSocket with the client, and replaces polling with it. If the test fails, polling continues.
pub(crate) async fn run(probe: Probe, mut stream: BoxedStream, limit: Duration) {
    match tokio::time::timeout(limit, handshake(&probe, &mut stream)).await {
        Ok(Ok(read)) => probe.complete(stream, read),
        Ok(Err(error)) => tracing::debug!(%error, "upgrade failed"),
        Err(_) => tracing::debug!(?limit, "upgrade timed out"),
    }
}

/// Runs the handshake, and returns the bytes of later messages that were already read.
async fn handshake(probe: &Probe, stream: &mut BoxedStream) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    expect(stream, &mut read, PING).await?;
    probe.note_tested();
    stream.write_all(PONG).await?;
    stream.flush().await?;
    expect(stream, &mut read, UPGRADE).await?;
    Ok(read)
}

/// Reads one message, which must have this text.
async fn expect(stream: &mut BoxedStream, read: &mut Vec<u8>, text: &[u8]) -> io::Result<()> {
    loop {
        let frame = Frame::read(read).map_err(|_| io::ErrorKind::InvalidData)?;
        if let Some(frame) = frame {
            if frame.payload_len() != text.len() {
                return Err(io::ErrorKind::InvalidData.into());
            }
            if read.len() >= frame.len {
                if !frame.is(text, read) {
                    return Err(io::ErrorKind::InvalidData.into());
                }
                read.drain(..frame.len);
                return Ok(());
            }
        }
        if stream.read_buf(read).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}
