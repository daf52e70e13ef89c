//! Which pages may reach the server.

use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Uri,
    header::{HOST, ORIGIN},
    uri::Authority,
};

use super::cors::Granted;

/// The pages that may reach the server, by their [origin](https://developer.mozilla.org/docs/Glossary/Origin): over
/// polling, where a browser asks by [CORS](https://socket.io/docs/v4/handling-cors/), and over WebSocket, where it
/// does not ask, and any page could act with the cookies of its visitors.
///
/// It is looked at in every request of Socket.IO's path. One without an `Origin` comes from no page, and is let in. A
/// page that is refused gets status 403 with `{"code":4,"message":"Forbidden"}`, which its browser does not show it: the
/// client sees a `connect_error` (`xhr poll error` or `websocket error`), and tries again.
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "origins are given to `Builder::origins`"]
pub struct Origins {
    is_any: bool,
    is_same: bool,
    is_local: bool,
    is_opaque: bool,
    listed: Vec<Entry>,
    has_credentials: bool,
}

/// Why a text is none of a list of origins.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{entry}` is no origin: {reason}")]
pub struct OriginError {
    entry: String,
    reason: &'static str,
}

impl Origins {
    /// The pages of the server itself, as a server lets in unless told otherwise: those whose host and port the request
    /// asks for (its `Host`), or a proxy in front was asked for (`X-Forwarded-Host`, which no page can set).
    ///
    /// `true` if it is `http` or `https` is not looked at, for a proxy may have ended TLS.
    pub fn same() -> Self {
        Self {
            is_same: true,
            ..Self::default()
        }
    }

    /// These, and no others: not even the server's own unless it is among them, or added by [`or`](Self::or).
    ///
    /// An entry is written as a browser sends it, `https://app.example.com` or `http://localhost:5173`. `https://*.example.com`
    /// is all subdomains at any depth, and not `https://example.com` itself. `null` is all that have no origin to tell:
    /// pages from files, and also what **any** page puts into a sandboxed frame.
    ///
    /// # Errors
    /// [`OriginError`] names the first entry that is no origin.
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

    /// What runs on the same machine as the browser: any port of `localhost`, `127.0.0.1` and `[::1]`.
    ///
    /// For development, with which [`Builder::development`](crate::Builder::development) lets them in by itself: where
    /// strangers come, each may run a page there.
    pub fn local() -> Self {
        Self {
            is_local: true,
            ..Self::default()
        }
    }

    /// All of them.
    ///
    /// Right where clients prove who they are by what a page has to know, such as a token in `auth`; with cookies, any
    /// page acts as its visitor.
    pub fn any() -> Self {
        Self {
            is_any: true,
            ..Self::default()
        }
    }

    /// These and those.
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

    /// `true` if pages of other origins may send cookies while they poll
    /// ([`withCredentials`](https://socket.io/docs/v4/client-options/#withcredentials)); off unless set. Over WebSocket
    /// browsers always send them.
    pub fn credentials(self, allowed: bool) -> Self {
        Self {
            has_credentials: allowed,
            ..self
        }
    }

    /// What becomes of a request.
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

/// What becomes of a request by where it comes from.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    /// It comes from no page, or from one of this server.
    Own,
    /// It comes from another origin, whose page may have the answer.
    Granted(Granted),
    Refused,
}

const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// `true` if a browser says that another origin's page has asked without caring for the answer, by an image for example:
/// such requests have [no `Origin`](https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site).
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let site = headers.get(FETCH_SITE).map(HeaderValue::as_bytes);
    matches!(site, Some(b"cross-site" | b"same-site"))
}

/// What browsers send for a page that has no origin to tell; Chromium has a word of its own for files.
fn is_opaque(sent: &HeaderValue) -> bool {
    matches!(sent.as_bytes(), b"null" | b"file://")
}

/// `true` if an origin is the one that a request is for.
fn is_asked_for(origin: &Origin, uri: &Uri, headers: &HeaderMap) -> bool {
    let is_it = |authority: &Authority| origin.is_at(authority);
    let host = || headers.get(HOST)?.to_str().ok()?.parse().ok();
    // The first goes before the second, in HTTP/2 as in a request to a proxy.
    let asked = uri.authority().cloned().or_else(host);
    let forwarded = headers.get_all(FORWARDED_HOST).into_iter();
    let mut forwarded = forwarded
        .filter_map(|hosts| hosts.to_str().ok())
        .flat_map(|hosts| hosts.split(','))
        .filter_map(|host| host.trim().parse().ok());
    asked.as_ref().is_some_and(is_it) || forwarded.any(|host| is_it(&host))
}

/// An origin; two are the same if they are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: String,
    /// `None` is that of the scheme.
    port: Option<u16>,
}

impl Origin {
    fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let (host, port) = host_and_port(uri.authority()?)?;
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        // One slash at the end is forgiven.
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

    /// `true` if it has this host and port.
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
    // What else there may be is a name with a password.
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

/// One of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    origin: Origin,
    /// `true` if its subdomains are meant.
    is_wildcard: bool,
}

impl Entry {
    fn parse(entry: &str) -> Result<Self, OriginError> {
        let error = |reason| OriginError {
            entry: entry.to_owned(),
            reason,
        };
        let Some((scheme, rest)) = entry.split_once("://") else {
            return Err(error("write it with its scheme, as `https://example.com`"));
        };
        let subdomains_of = rest.strip_prefix("*.");
        let domain = subdomains_of.unwrap_or(rest);
        if domain.contains('*') {
            return Err(error(
                "`*` stands for subdomains, as in `https://*.example.com`",
            ));
        }
        let Some(origin) = Origin::parse(&format!("{scheme}://{domain}")) else {
            return Err(error(
                "it is a scheme, a host in ASCII and, where it needs one, a port, as `https://example.com:8443`",
            ));
        };
        let is_wildcard = subdomains_of.is_some();
        if is_wildcard && !origin.host.contains('.') && origin.host != "localhost" {
            return Err(error(
                "it is a whole top-level domain, in which anybody may have a page",
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
    fn the_servers_own_pages_have_its_host_and_port() {
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
    fn a_proxy_says_what_it_was_asked_for() {
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
    fn a_request_without_an_origin_comes_from_no_page() {
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
    fn a_list_is_all_that_is_in_it() {
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
    fn local_and_opaque_origins_are_let_in_when_asked_for() {
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
    fn what_is_no_origin_is_named() {
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
                error.starts_with(&format!("`{entry}` is no origin: ")),
                "{error}"
            );
        }
    }
}
