//! What a browser is told of a request from another origin
//! ([CORS](https://developer.mozilla.org/docs/Web/HTTP/Guides/CORS)).

use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS,
        ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
        ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, VARY,
    },
};

use super::responses::{HttpResponse, status};

/// How long a browser may keep what it has asked before, in seconds; Chromium keeps it no longer.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");

/// That the page of an origin may have the answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Granted {
    origin: HeaderValue,
    with_credentials: bool,
}

impl Granted {
    pub(crate) fn new(origin: HeaderValue, with_credentials: bool) -> Self {
        Self {
            origin,
            with_credentials,
        }
    }

    /// Says so in a response.
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, self.origin);
        headers.append(VARY, HeaderValue::from_static("origin"));
        if self.with_credentials {
            let with_credentials = HeaderValue::from_static("true");
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, with_credentials);
        }
    }

    /// Answers what a browser asks
    /// [before the request itself](https://developer.mozilla.org/docs/Glossary/Preflight_request), which it does where
    /// a client has `extraHeaders`.
    pub(crate) fn preflight<B>(&self, request: &Request<B>) -> Option<HttpResponse> {
        let asked = request.headers();
        if request.method() != Method::OPTIONS || !asked.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
        {
            return None;
        }
        let mut response = status(StatusCode::NO_CONTENT, Response::default());
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        if let Some(names) = asked.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
        }
        let asked_headers = HeaderValue::from_static("access-control-request-headers");
        headers.append(VARY, asked_headers);
        Some(response)
    }
}
