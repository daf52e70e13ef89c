//! Head of the request that opened a connection.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Request, Uri};

/// Copies a request head into memory of its own size.
///
/// hyper's headers are slices of the buffer that the request was read into. A single header would keep that whole
/// buffer alive, and the handshake of a socket is kept as long as the socket is.
pub(crate) fn compact<B>(request: Request<B>) -> Request<()> {
    let (mut parts, _) = request.into_parts();
    let uri = copy_uri(&parts.uri);
    // axum stores part of the head in the extensions of every request.
    #[cfg(feature = "axum")]
    if let Some(axum::extract::OriginalUri(original)) = parts.extensions.get_mut() {
        *original = if *original == uri {
            uri.clone()
        } else {
            copy_uri(original)
        };
    }
    parts.uri = uri;
    parts.headers = copy_headers(&parts.headers);
    Request::from_parts(parts, ())
}

fn copy_uri(uri: &Uri) -> Uri {
    let text = Bytes::from(uri.to_string());
    // The text was a valid URI before.
    Uri::from_maybe_shared(text).unwrap_or_else(|_| uri.clone())
}

fn copy_headers(headers: &HeaderMap) -> HeaderMap {
    let len = headers.values().map(HeaderValue::len).sum();
    let mut text = BytesMut::with_capacity(len);
    for value in headers.values() {
        text.extend_from_slice(value.as_bytes());
    }
    let mut text = text.freeze();
    let mut copied = HeaderMap::with_capacity(headers.keys_len());
    for (name, value) in headers {
        copied.append(name.clone(), copy_value(value, text.split_to(value.len())));
    }
    copied
}

fn copy_value(value: &HeaderValue, text: Bytes) -> HeaderValue {
    let mut copied = HeaderValue::from_maybe_shared(text).unwrap_or_else(|_| value.clone());
    copied.set_sensitive(value.is_sensitive());
    copied
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compacting_keeps_all_parts() {
        let request = Request::get("/socket.io/?EIO=4&token=a%20b")
            .header("host", "example.com")
            .header("cookie", "a=1")
            .header("cookie", "b=2")
            .header("x-empty", "")
            .header(
                "x-bytes",
                HeaderValue::from_bytes(&[0xe4, b' ', 0xff]).unwrap(),
            )
            .extension(7_u32)
            .body(())
            .unwrap();
        let copied = compact(request.clone());
        assert_eq!(copied.method(), request.method());
        assert_eq!(copied.uri(), request.uri());
        assert_eq!(copied.version(), request.version());
        assert_eq!(copied.headers(), request.headers());
        assert_eq!(copied.extensions().get::<u32>(), Some(&7));
    }
}
