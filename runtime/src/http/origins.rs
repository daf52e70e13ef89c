//! Allowed origins.

use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Uri,
    header::{HOST, ORIGIN},
    uri::Authority,
};

use super::cors::Granted;

/// Allowed origins: the pages that may connect to the server, by their
/// [origin](https://developer.mozilla.org/docs/Glossary/Origin). They apply to polling, where a browser asks by
/// [CORS](https://socket.io/docs/v4/handling-cors/), and to WebSocket. There the browser does not ask, and any page
/// could otherwise act with the cookies of its visitors.
///
/// The server checks the origin of every request to Socket.IO's path. It accepts a request without an `Origin`, because
/// no page has sent it. It rejects a page with status 403 and `{"code":4,"message":"Forbidden"}`, which the browser
/// hides from the page. The client sees a `connect_error` (`xhr poll error` or `websocket error`) and tries again.
///
/// ```
/// use sio_types::{Origins, SocketIo};
///
/// # fn main() -> Result<(), sio_types::OriginError> {
/// let origins = Origins::list(["https://app.example.com", "https://*.example.org"])?;
/// let (layer, io) = SocketIo::builder().origins(origins).build_layer();
/// # Ok(())
/// # }
/// ```
///
/// See also the guide to [allowed origins](crate::guide::authentication#allowed-origins).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "origins have no effect until they are passed to `Builder::origins`"]
pub struct Origins {
    is_any: bool,
    is_same: bool,
    is_local: bool,
    is_opaque: bool,
    listed: Vec<Entry>,
    has_credentials: bool,
}

/// Error returned by [`Origins::list`] when an entry is not an origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid origin `{entry}`: {reason}")]
pub struct OriginError {
    entry: String,
    reason: &'static str,
}

impl Origins {
    /// Allows the pages of the server itself, which is the default. Their host and port have to match the `Host` of the
    /// request. Behind a proxy, they may instead match the host that the proxy was asked for (`X-Forwarded-Host`, which
    /// a page cannot set).
    ///
    /// The scheme, `http` or `https`, is not compared, because a proxy may have terminated TLS.
    pub fn same() -> Self {
        Self {
            is_same: true,
            ..Self::default()
        }
    }

    /// Allows the listed origins and no others. The server's own pages are allowed only if they are listed, or added by
    /// [`or`](Self::or).
    ///
    /// An entry is written as a browser sends it, `https://app.example.com` or `http://localhost:5173`.
    /// `https://*.example.com` matches subdomains at any depth, but not `https://example.com` itself. `null` matches
    /// all pages with an opaque origin: pages from files, and also anything that **any** page puts into a sandboxed
    /// frame.
    ///
    /// # Errors
    ///
    /// Returns an [`OriginError`] for the first entry that is not an origin, for example because it has no scheme, or
    /// because it has a path.
    pub fn list(entries: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, OriginError> {
        let mut origins = Self::default();
        for entry in entries {
            match entry.as_ref() {
                "null" => origins.is_opaque = true,
                entry => origins.listed.push(Entry::parse(entry)?),
            }
        }
        Ok(origins)
    }

    /// Allows pages on the same machine as the browser: any port of `localhost`, `127.0.0.1` and `[::1]`.
    ///
    /// Use it for development only; [`Builder::development`](crate::Builder::development) adds it automatically. Where
    /// clients are not trusted, each of them may run a page on their own machine.
    pub fn local() -> Self {
        Self {
            is_local: true,
            ..Self::default()
        }
    }

    /// Allows all origins.
    ///
    /// Use it if clients authenticate with something that a page has to know, such as a token in `auth`. With cookies,
    /// any page can act as its visitor.
    pub fn any() -> Self {
        Self {
            is_any: true,
            ..Self::default()
        }
    }

    /// Allows the origins of both sets. Credentials are allowed if one of the sets allows them.
    ///
    /// ```
    /// use sio_types::Origins;
    ///
    /// # fn main() -> Result<(), sio_types::OriginError> {
    /// let origins = Origins::same().or(Origins::list(["https://app.example.com"])?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn or(mut self, others: Self) -> Self {
        self.listed.extend(others.listed);
        Self {
            is_any: self.is_any || others.is_any,
            is_same: self.is_same || others.is_same,
            is_local: self.is_local || others.is_local,
            is_opaque: self.is_opaque || others.is_opaque,
            listed: self.listed,
            has_credentials: self.has_credentials || others.has_credentials,
        }
    }

    /// Allows pages of other origins to send cookies while they poll if `true`; `false` by default
    /// ([`withCredentials`](https://socket.io/docs/v4/client-options/#withcredentials)). Over WebSocket, browsers always
    /// send cookies.
    pub fn credentials(self, allowed: bool) -> Self {
        Self {
            has_credentials: allowed,
            ..self
        }
    }

    /// Checks the origin of a request.
    pub(crate) fn judge<B>(&self, request: &Request<B>) -> Verdict {
        let headers = request.headers();
        let Some(sent) = headers.get(ORIGIN) else {
            return match self.is_any || !is_from_elsewhere(headers) {
                true => Verdict::Own,
                false => Verdict::Refused,
            };
        };
        let origin = sent.to_str().ok().and_then(Origin::parse);
        if self.is_same
            && let Some(origin) = &origin
            && is_asked_for(origin, request.uri(), headers)
        {
            return Verdict::Own;
        }
        let is_granted = match &origin {
            Some(origin) => self.lists(origin),
            None => self.is_opaque && is_opaque(sent),
        };
        match self.is_any || is_granted {
            true => Verdict::Granted(Granted::new(sent.clone(), self.has_credentials)),
            false => Verdict::Refused,
        }
    }

    fn lists(&self, origin: &Origin) -> bool {
        let is_local = self.is_local && origin.is_local();
        is_local || self.listed.iter().any(|entry| entry.covers(origin))
    }
}

/// Result of the check of a request's origin.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    /// The request comes from no page, or from one of this server.
    Own,
    /// The request comes from another origin, whose page may read the response.
    Granted(Granted),
    Refused,
}

const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Returns `true` if a browser says that a page of another origin sent the request without reading the response, for
/// example as an image. Such requests have [no
/// `Origin`](https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site).
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let site = headers.get(FETCH_SITE).map(HeaderValue::as_bytes);
    matches!(site, Some(b"cross-site" | b"same-site"))
}

/// Returns `true` for an opaque origin. Browsers send `null` for it; Chromium has a separate value for files.
fn is_opaque(sent: &HeaderValue) -> bool {
    matches!(sent.as_bytes(), b"null" | b"file://")
}

/// Returns `true` if an origin is the host that a request is for.
fn is_asked_for(origin: &Origin, uri: &Uri, headers: &HeaderMap) -> bool {
    let is_it = |authority: &Authority| origin.is_at(authority);
    let host = || headers.get(HOST)?.to_str().ok()?.parse().ok();
    // The URI's authority takes precedence over `Host`, in HTTP/2 as in a request to a proxy.
    let asked = uri.authority().cloned().or_else(host);
    let forwarded = headers.get_all(FORWARDED_HOST).into_iter();
    let mut forwarded = forwarded
        .filter_map(|hosts| hosts.to_str().ok())
        .flat_map(|hosts| hosts.split(','))
        .filter_map(|host| host.trim().parse().ok());
    asked.as_ref().is_some_and(is_it) || forwarded.any(|host| is_it(&host))
}

/// Parsed origin; two origins are the same if they are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: String,
    /// Port, or `None` for the default port of the scheme.
    port: Option<u16>,
}

impl Origin {
    fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let (host, port) = host_and_port(uri.authority()?)?;
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        // One trailing slash is allowed.
        if uri.path().len() > 1 || uri.query().is_some() {
            return None;
        }
        Some(Self {
            port: port.filter(|port| Some(*port) != default_port(&scheme)),
            scheme,
            host,
        })
    }

    fn is_local(&self) -> bool {
        matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "[::1]")
    }

    /// Returns `true` if the origin has this host and port.
    fn is_at(&self, authority: &Authority) -> bool {
        let Some((host, port)) = host_and_port(authority) else {
            return false;
        };
        let default = default_port(&self.scheme);
        host == self.host && port.or(default) == self.port.or(default)
    }
}

fn host_and_port(authority: &Authority) -> Option<(String, Option<u16>)> {
    let host = authority.host();
    // Anything else in front of the host is a user name with a password.
    let port = match authority.as_str().strip_prefix(host)? {
        "" => None,
        port => Some(port.strip_prefix(':')?.parse().ok()?),
    };
    (!host.is_empty()).then(|| (host.to_ascii_lowercase(), port))
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

/// Entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    origin: Origin,
    /// `true` if the entry matches the subdomains of the origin.
    is_wildcard: bool,
}

impl Entry {
    fn parse(entry: &str) -> Result<Self, OriginError> {
        let error = |reason| OriginError {
            entry: entry.to_owned(),
            reason,
        };
        let Some((scheme, rest)) = entry.split_once("://") else {
            return Err(error("missing scheme, as in `https://example.com`"));
        };
        let subdomains_of = rest.strip_prefix("*.");
        let domain = subdomains_of.unwrap_or(rest);
        if domain.contains('*') {
            return Err(error(
                "`*` is allowed only in place of subdomains, as in `https://*.example.com`",
            ));
        }
        let Some(origin) = Origin::parse(&format!("{scheme}://{domain}")) else {
            return Err(error(
                "expected a scheme, an ASCII host and an optional port, as in `https://example.com:8443`",
            ));
        };
        let is_wildcard = subdomains_of.is_some();
        if is_wildcard && !origin.host.contains('.') && origin.host != "localhost" {
            return Err(error(
                "`*` cannot stand for all hosts of a top-level domain",
            ));
        }
        Ok(Self {
            origin,
            is_wildcard,
        })
    }

    fn covers(&self, origin: &Origin) -> bool {
        let is_host = if self.is_wildcard {
            let above = origin.host.strip_suffix(&*self.origin.host);
            above.is_some_and(|above| above.len() > 1 && above.ends_with('.'))
        } else {
            origin.host == self.origin.host
        };
        is_host && origin.scheme == self.origin.scheme && origin.port == self.origin.port
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_let_in(origins: &Origins, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::get("/socket.io/?EIO=4");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        origins.judge(&request.body(()).unwrap()) != Verdict::Refused
    }

    #[test]
    fn same_origin_compares_host_and_port() {
        let origins = Origins::same();
        for (host, origin) in [
            ("example.com", "https://example.com"),
            ("example.com", "http://example.com"),
            ("example.com:443", "https://example.com"),
            ("Example.COM:3000", "http://example.com:3000"),
            ("[::1]:3000", "http://[::1]:3000"),
        ] {
            assert!(
                is_let_in(&origins, &[("host", host), ("origin", origin)]),
                "{origin}"
            );
        }
        for (host, origin) in [
            ("example.com", "https://evil.com"),
            ("example.com", "https://example.com.evil.com"),
            ("example.com", "https://evil-example.com"),
            ("example.com", "https://app.example.com"),
            ("example.com", "https://example.com:8443"),
            ("example.com:3000", "http://example.com"),
            ("example.com:80", "https://example.com"),
            ("example.com", "https://evil.com@example.com"),
            ("example.com", "https://example.com/path"),
            ("example.com", "null"),
            ("example.com", ""),
            ("null", "null"),
            ("", "file://"),
        ] {
            assert!(
                !is_let_in(&origins, &[("host", host), ("origin", origin)]),
                "{origin}"
            );
        }
    }

    #[test]
    fn same_origin_accepts_forwarded_host() {
        let forwarded = [
            ("host", "10.0.0.1:3000"),
            ("x-forwarded-host", "inner, example.com"),
        ];
        for (origin, expected) in [
            ("https://example.com", true),
            ("http://10.0.0.1:3000", true),
            ("https://evil.com", false),
        ] {
            let headers = [&forwarded[..], &[("origin", origin)]].concat();
            assert_eq!(is_let_in(&Origins::same(), &headers), expected, "{origin}");
        }
    }

    #[test]
    fn accepts_requests_without_origin() {
        for (site, expected) in [
            ("none", true),
            ("same-origin", true),
            ("same-site", false),
            ("cross-site", false),
        ] {
            let headers = [("host", "example.com"), ("sec-fetch-site", site)];
            assert_eq!(is_let_in(&Origins::same(), &headers), expected, "{site}");
            assert!(is_let_in(&Origins::any(), &headers), "{site}");
        }
        assert!(is_let_in(&Origins::same(), &[("host", "example.com")]));
    }

    #[test]
    fn list_accepts_only_its_entries() {
        let list = ["https://app.example.com:443/", "HTTP://LOCALHOST:5173"];
        let list = Origins::list(list).unwrap();
        let wild = Origins::list(["https://*.example.com"]).unwrap();
        let own = [("host", "api.example.com")];
        for (origin, in_list, in_wild) in [
            ("https://app.example.com", true, true),
            ("http://app.example.com", false, false),
            ("https://app.example.com:8443", false, false),
            ("http://localhost:5173", true, false),
            ("http://localhost:5174", false, false),
            ("https://a.b.example.com", false, true),
            ("https://example.com", false, false),
            ("https://.example.com", false, false),
            ("https://evilexample.com", false, false),
            ("https://app.example.com.evil.com", false, false),
            ("https://api.example.com", false, true),
            ("null", false, false),
        ] {
            let headers = [&own[..], &[("origin", origin)]].concat();
            assert_eq!(is_let_in(&list, &headers), in_list, "{origin}");
            assert_eq!(is_let_in(&wild, &headers), in_wild, "{origin}");
            let all = list.clone().or(wild.clone()).or(Origins::same());
            let expected = in_list || in_wild || origin == "https://api.example.com";
            assert_eq!(is_let_in(&all, &headers), expected, "{origin}");
        }
    }

    #[test]
    fn local_and_opaque_origins_need_opt_in() {
        let opaque = Origins::list(["null"]).unwrap();
        for (origin, is_local, is_opaque) in [
            ("http://localhost:5173", true, false),
            ("https://127.0.0.1", true, false),
            ("http://[::1]:1", true, false),
            ("http://localhost.evil.com", false, false),
            ("http://127.0.0.1.evil.com", false, false),
            ("null", false, true),
            ("file://", false, true),
            ("capacitor://localhost", true, false),
        ] {
            let headers = [("host", "example.com"), ("origin", origin)];
            assert_eq!(is_let_in(&Origins::local(), &headers), is_local, "{origin}");
            assert_eq!(is_let_in(&opaque, &headers), is_opaque, "{origin}");
        }
    }

    #[test]
    fn invalid_origins_are_reported() {
        for entry in [
            "",
            "*",
            "example.com",
            "https://",
            "https://example.com/app",
            "https://example.com?a",
            "https://user@example.com",
            "https://example.com:port",
            "https://example.com:65536",
            "https://*.com",
            "https://app.*.com",
            "https://*example.com",
            "https://müller.example",
        ] {
            let error = Origins::list(["https://example.com", entry]).unwrap_err();
            let error = error.to_string();
            assert!(
                error.starts_with(&format!("invalid origin `{entry}`: ")),
                "{error}"
            );
        }
    }
}
