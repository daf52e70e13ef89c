//! Responses that do not come from the engine.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use http_body_util::Full;

pub(super) type Answer = Response<Full<Bytes>>;

/// A request that is not let in, in [Engine.IO's form](https://socket.io/docs/v4/server-api/#event-connection_error)
/// and with its code for that.
pub(super) fn forbidden(code: StatusCode, message: &str) -> Answer {
    let body = serde_json::json!({ "code": 4, "message": message });
    let mut response = status(code, Response::new(Full::from(body.to_string())));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

pub(super) fn status(code: StatusCode, mut response: Answer) -> Answer {
    *response.status_mut() = code;
    response
}
