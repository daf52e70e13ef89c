//! Host validation of the page's server.
//!
//! A website can point its own name at 127.0.0.1 and read the answers of a server there, because the browser considers
//! both to be one origin (DNS rebinding). Only the `Host` header distinguishes such a request from the user's own.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::{Authority, Uri};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Maximum length of a host that an answer repeats.
const LONGEST: usize = 100;

/// Hosts that requests may name.
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
            // DNS rebinding requires a name: an origin that is an address belongs to this server.
            return address.to_canonical().is_loopback()
                || address == bound
                || bound.is_unspecified()
                || self.names.contains(&host);
        }
        host == "localhost" || host.ends_with(".localhost") || self.names.contains(&host)
    }
}

/// Returns the host in lower case, without the brackets of an IPv6 address and the trailing dot of an absolute name.
fn normalized(host: &str) -> String {
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    bare.strip_suffix('.').unwrap_or(bare).to_ascii_lowercase()
}

/// Rejects requests for other hosts, and requests sent by pages of other hosts, with 403.
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

/// Returns the reason to reject a request, including how to allow it.
fn refused(allowed: &AllowedHosts, request: &Request) -> Option<String> {
    let header = |name| request.headers().get_all(name).iter();
    let text = |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    // A request line may contain the whole URL, which takes precedence over the header.
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
    // The browser sends the origin of the requesting page if it is not this server.
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
