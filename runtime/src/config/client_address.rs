//! Source of a client's address.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use http::{Extensions, HeaderMap, HeaderName, request::Parts};

use crate::support::{
    log_limiter::{LogLimiter, log_limited},
    panic::catch_panic,
};

/// Source of a client's address, for [`Limits::connections_per_address`](crate::Limits::connections_per_address).
///
/// ```
/// use axum::http::HeaderName;
/// use sio_types::{ClientAddress, Limits};
///
/// let limits = Limits::default()
///     .connections_per_address(50)
///     .client_address(ClientAddress::header(HeaderName::from_static("x-forwarded-for")));
/// ```
///
/// See also the guide to [client addresses](crate::guide::authentication#client-addresses).
#[derive(Clone, Default)]
#[must_use = "a client address has no effect until it is passed to `Limits::client_address`"]
pub struct ClientAddress(Source);

#[derive(Clone, Default)]
enum Source {
    #[default]
    Peer,
    Header(HeaderName),
    Found(Arc<Find>),
}

type Find = dyn Fn(&Parts) -> Option<IpAddr> + Send + Sync;

impl ClientAddress {
    /// Uses the address of the peer, which is the default.
    ///
    /// The server reads it from axum's
    /// [`ConnectInfo`](https://docs.rs/axum/latest/axum/extract/struct.ConnectInfo.html) of a [`SocketAddr`], or else
    /// from a [`SocketAddr`] among the request's extensions. With axum, serve with
    /// `into_make_service_with_connect_info::<SocketAddr>()`, which adds it to every request.
    pub fn peer() -> Self {
        Self(Source::Peer)
    }

    /// Uses a header that a proxy in front of the server sets, such as `X-Forwarded-For`, `X-Real-IP` or
    /// `CF-Connecting-IP`.
    ///
    /// The last address in the last header of this name counts, which is the one that the nearest proxy has added.
    /// Without that header, the server uses the address of the [peer](Self::peer).
    ///
    /// Use this only if clients cannot reach the server except through that proxy. Otherwise they can write any address
    /// into the header.
    pub fn header(name: HeaderName) -> Self {
        Self(Source::Header(name))
    }

    /// Uses a function of the request head, for example to read the addresses that several proxies in a row have added.
    /// If it returns `None` or panics, the address is not known.
    ///
    /// ```
    /// use sio_types::ClientAddress;
    ///
    /// // The second address from the end, behind two proxies.
    /// let address = ClientAddress::find(|head| {
    ///     let forwarded = head.headers.get("x-forwarded-for")?.to_str().ok()?;
    ///     forwarded.rsplit(',').nth(1)?.trim().parse().ok()
    /// });
    /// ```
    pub fn find(find: impl Fn(&Parts) -> Option<IpAddr> + Send + Sync + 'static) -> Self {
        Self(Source::Found(Arc::new(find)))
    }

    pub(crate) fn of(&self, head: &Parts, lines: &LogLimiter) -> Option<IpAddr> {
        match &self.0 {
            Source::Peer => peer(&head.extensions),
            Source::Header(name) => {
                forwarded(&head.headers, name).or_else(|| peer(&head.extensions))
            }
            Source::Found(find) => catch_panic(|| find(head)).unwrap_or_else(|panic| {
                log_limited!(
                    lines.next(),
                    error,
                    { panic },
                    "`ClientAddress::find` function panicked"
                );
                None
            }),
        }
    }
}

impl fmt::Debug for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAddress").finish_non_exhaustive()
    }
}

fn peer(extensions: &Extensions) -> Option<IpAddr> {
    #[cfg(feature = "axum")]
    if let Some(info) = extensions.get::<axum::extract::ConnectInfo<SocketAddr>>() {
        return Some(info.0.ip());
    }
    extensions.get().map(SocketAddr::ip)
}

fn forwarded(headers: &HeaderMap, name: &HeaderName) -> Option<IpAddr> {
    let last = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    let last = last.rsplit(',').next()?.trim();
    let with_port = || last.parse().ok().map(|address: SocketAddr| address.ip());
    let in_brackets = || last.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    last.parse().ok().or_else(with_port).or_else(in_brackets)
}

/// Returns the part of an address that identifies one client: the whole IPv4 address, or the first 64 bits of an IPv6
/// address.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & (u128::MAX << 64);
            Ipv6Addr::from_bits(network).into()
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[test]
    fn uses_address_of_nearest_proxy() {
        let source = ClientAddress::header(HeaderName::from_static("x-forwarded-for"));
        let peer: SocketAddr = "10.0.0.1:5000".parse().unwrap();
        for (sent, expected) in [
            (&["192.0.2.1"][..], "192.0.2.1"),
            (&["203.0.113.9, 192.0.2.1"], "192.0.2.1"),
            (&["203.0.113.9", "evil, 192.0.2.1"], "192.0.2.1"),
            (&["192.0.2.1:4000"], "192.0.2.1"),
            (&["2001:db8::1"], "2001:db8::1"),
            (&["[2001:db8::1]"], "2001:db8::1"),
            (&["[2001:db8::1]:4000"], "2001:db8::1"),
            (&[], "10.0.0.1"),
            (&["unknown"], "10.0.0.1"),
        ] {
            let mut request = Request::get("/").extension(peer);
            for value in sent {
                request = request.header("x-forwarded-for", *value);
            }
            let (head, ()) = request.body(()).unwrap().into_parts();
            assert_eq!(
                source.of(&head, &LogLimiter::default()),
                Some(expected.parse().unwrap()),
                "{sent:?}"
            );
        }
    }

    #[test]
    fn groups_ipv6_addresses_by_network() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8:0:1::1"), network("2001:db8:0:1:ffff::"));
        assert_ne!(network("2001:db8:0:1::1"), network("2001:db8:0:2::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
