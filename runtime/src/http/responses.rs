//! Responses of the transport itself.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use http_body::{Body, Frame, SizeHint};

use crate::connection::{polling::Transfer, protocol_error::ProtocolError};

/// Size of the pieces in which a body is handed to the HTTP server, in bytes. What the HTTP server has taken can no
/// longer be observed, and it takes a few pieces more than the client's TCP connection has room for.
const PIECE: usize = 16 * 1024;

pub(crate) type HttpResponse = Response<TransportBody>;

/// Body of a response of the transport (polling, an upgrade or an error).
#[derive(Debug, Default)]
pub struct TransportBody {
    rest: Bytes,
    /// Present in the response to a poll until the HTTP server has taken all of it.
    transfer: Option<Transfer>,
}

impl TransportBody {
    pub(crate) fn of_poll(body: Bytes, transfer: Transfer) -> Self {
        let mut body = Self {
            rest: body,
            transfer: Some(transfer),
        };
        body.note_end();
        body
    }

    fn note_end(&mut self) {
        if self.rest.is_empty()
            && let Some(transfer) = self.transfer.take()
        {
            transfer.complete();
        }
    }
}

impl From<String> for TransportBody {
    fn from(text: String) -> Self {
        Self {
            rest: text.into(),
            transfer: None,
        }
    }
}

impl Body for TransportBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let count = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(count);
        if let Some(transfer) = &self.transfer {
            transfer.note_progress();
        }
        self.note_end();
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

impl ProtocolError {
    pub(crate) fn answer(self) -> HttpResponse {
        let (code, message) = match self {
            Self::UnknownTransport => (0, "Transport unknown"),
            Self::UnknownSession => (1, "Session ID unknown"),
            Self::BadMethod => (2, "Bad handshake method"),
            Self::BadRequest => (3, "Bad request"),
            Self::UnsupportedProtocol => (5, "Unsupported protocol version"),
        };
        error(StatusCode::BAD_REQUEST, code, message)
    }
}

/// Creates the response to a client that may not connect.
pub(crate) fn forbidden(code: StatusCode, message: &str) -> HttpResponse {
    error(code, 4, message)
}

fn error(status_code: StatusCode, code: u8, message: &str) -> HttpResponse {
    let body = serde_json::json!({ "code": code, "message": message });
    let mut response = status(status_code, Response::new(body.to_string().into()));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// Creates a response of HTTP long-polling.
pub(crate) fn payload(body: TransportBody) -> HttpResponse {
    let mut response = Response::new(body);
    let text = HeaderValue::from_static("text/plain; charset=UTF-8");
    response.headers_mut().insert(CONTENT_TYPE, text);
    response
}

pub(crate) fn status(code: StatusCode, mut response: HttpResponse) -> HttpResponse {
    *response.status_mut() = code;
    response
}
