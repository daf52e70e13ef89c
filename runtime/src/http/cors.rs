//! [CORS](https://developer.mozilla.org/docs/Web/HTTP/Guides/CORS) responses to requests from other origins.

use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS,
        ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
        ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, VARY,
    },
};

use super::responses::{HttpResponse, status};

/// Time for which a browser may cache a preflight response, in seconds; Chromium's maximum.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");

/// Permission for a page of another origin to read the response.
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

    /// Adds the CORS headers to a response.
    pub(crate) fn apply_to(self, headers: &mut HeaderMap) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, self.origin);
        headers.append(VARY, HeaderValue::from_static("origin"));
        if self.with_credentials {
            let with_credentials = HeaderValue::from_static("true");
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, with_credentials);
        }
    }

    /// Responds to a [preflight request](https://developer.mozilla.org/docs/Glossary/Preflight_request), which a
    /// browser sends if a client has `extraHeaders`.
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
