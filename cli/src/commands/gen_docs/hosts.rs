//! Host validation of the page's server.
//!
//! A website can point its own name at 127.0.0.1 and then read what a server there answers: to the browser, both are
//! one origin (DNS rebinding). Only the `Host` header tells such a request from the user's own.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::{Authority, Uri};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Longest host that is repeated in an answer.
const LONGEST: usize = 100;

/// The hosts that requests may name.
#[derive(Debug)]
pub(super) struct AllowedHosts {
    address: SocketAddr,
    names: Vec<String>,
}

impl AllowedHosts {
    /// Allows loopback names, the address that the server is bound to, and the given names.
    pub(super) fn new(address: SocketAddr, names: &[String]) -> Self {
        Self {
            address,
            names: names.iter().map(|name| normalized(name)).collect(),
        }
    }

    fn allow(&self, host: &str) -> bool {
        let host = normalized(host);
        if let Ok(address) = host.parse::<IpAddr>() {
            let bound = self.address.ip();
            // A page is only rebound by its name: an origin that is an address is that of this server.
            return address.to_canonical().is_loopback()
                || address == bound
                || bound.is_unspecified()
                || self.names.contains(&host);
        }
        host == "localhost" || host.ends_with(".localhost") || self.names.contains(&host)
    }
}

/// The host in lower case, without the brackets of an IPv6 address and the dot of an absolute name.
fn normalized(host: &str) -> String {
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    bare.strip_suffix('.').unwrap_or(bare).to_ascii_lowercase()
}

/// Answers requests for other hosts, and those that pages of other hosts send, with 403.
pub(super) async fn check(
    State(allowed): State<Arc<AllowedHosts>>,
    request: Request,
    next: Next,
) -> Response {
    match refused(&allowed, &request) {
        None => next.run(request).await,
        Some(reason) => (StatusCode::FORBIDDEN, reason).into_response(),
    }
}

/// Returns the reason to refuse a request, and how to allow it.
fn refused(allowed: &AllowedHosts, request: &Request) -> Option<String> {
    let header = |name| request.headers().get_all(name).iter();
    let text = |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    // A request line may have the whole URL, which goes before the header.
    let target = request.uri().authority().map(|it| it.as_str().to_owned());
    let named: Vec<_> = target
        .into_iter()
        .chain(header(header::HOST).map(text))
        .collect();
    if named.is_empty() {
        return Some(
            "missing `Host` header; send one with the address of this server\n".to_owned(),
        );
    }
    for named in named {
        let host = named.parse::<Authority>();
        let host = host.ok().map(|authority| authority.host().to_owned());
        if !host.as_deref().is_some_and(|host| allowed.allow(host)) {
            return Some(refusal(allowed, "host", &named, host.as_deref()));
        }
    }
    // The browser says which page asks, where it is not one of this server.
    for origin in header(header::ORIGIN).map(text) {
        let host = origin.parse::<Uri>().ok();
        let host = host.as_ref().and_then(Uri::host);
        if !host.is_some_and(|host| allowed.allow(host)) {
            return Some(refusal(allowed, "origin", &origin, host));
        }
    }
    None
}

fn refusal(allowed: &AllowedHosts, kind: &str, value: &str, host: Option<&str>) -> String {
    let short: String = value.chars().take(LONGEST).collect();
    let address = allowed.address;
    let address = match address.ip().is_unspecified() {
        true => format!("localhost:{}", address.port()),
        false => address.to_string(),
    };
    let option = host.filter(|host| host.len() <= LONGEST && *host != "null");
    let option = option.map_or(String::new(), |host| {
        format!(", or start `gen-docs` with `--allow-host {host}`")
    });
    format!("{kind} `{short}` is not allowed; open http://{address}{option}\n")
}
