//! Query of an Engine.IO request (<https://socket.io/docs/v4/engine-io-protocol/#handshake>).
//!
//! A request that this parser rejects never reaches the engine, whose own parser is laxer (it reads `EIO=4=x` as
//! `EIO=4`). If the two parsers could read a request differently, a client could bypass every check in this folder.

use http::{Request, Uri};

use crate::{connection::protocol_error::ProtocolError, protocol::TransportType};

/// Parsed query of a request.
#[derive(Debug)]
pub(crate) struct Query<'u> {
    pub(crate) transport: TransportType,
    /// Session that the request belongs to, as the client names it; a request without one opens a session.
    pub(crate) session: Option<&'u str>,
}

impl<'u> Query<'u> {
    /// Parses the query of a request's URI.
    pub(crate) fn parse(uri: &'u Uri) -> Result<Self, ProtocolError> {
        let transport = match value(uri, "transport") {
            Some("polling") => TransportType::Polling,
            Some("websocket") => TransportType::Websocket,
            _ => return Err(ProtocolError::UnknownTransport),
        };
        if value(uri, "EIO") != Some("4") {
            return Err(ProtocolError::UnsupportedProtocol);
        }
        Ok(Self {
            transport,
            session: value(uri, "sid"),
        })
    }
}

fn value<'u>(uri: &'u Uri, name: &str) -> Option<&'u str> {
    let mut pairs = uri.query().unwrap_or_default().split('&');
    pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// Rewrites the head of a session that starts with polling for the engine, which only supports WebSockets.
pub(crate) fn as_websocket(head: Request<()>) -> Request<()> {
    let (mut parts, ()) = head.into_parts();
    let path = parts.uri.path();
    let pairs = parts.uri.query().unwrap_or_default().split('&');
    let pairs: Vec<_> = pairs
        .map(|pair| match pair {
            "transport=polling" => "transport=websocket",
            pair => pair,
        })
        .collect();
    // The URI was valid and stays valid.
    if let Ok(uri) = Uri::try_from(format!("{path}?{}", pairs.join("&"))) {
        parts.uri = uri;
    }
    Request::from_parts(parts, ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<(TransportType, Option<String>), ProtocolError> {
        let uri = Uri::try_from(format!("/socket.io/?{query}")).expect("an address");
        let query = Query::parse(&uri)?;
        Ok((query.transport, query.session.map(str::to_owned)))
    }

    #[test]
    fn parses_valid_queries() {
        assert_eq!(
            parse("EIO=4&transport=polling&t=abc"),
            Ok((TransportType::Polling, None))
        );
        assert_eq!(
            parse("transport=websocket&sid=a%20b&EIO=4&sid=c"),
            Ok((TransportType::Websocket, Some("a%20b".to_owned())))
        );
    }

    #[test]
    fn rejects_queries_that_the_engine_would_accept() {
        for transport in ["websocket=x", "websocket=", "Websocket", "webtransport", ""] {
            let query = format!("EIO=4&transport={transport}");
            assert_eq!(
                parse(&query),
                Err(ProtocolError::UnknownTransport),
                "{query}"
            );
        }
        for version in ["4=x", "4=", "3", "04", "", "%34"] {
            let query = format!("EIO={version}&transport=polling");
            assert_eq!(
                parse(&query),
                Err(ProtocolError::UnsupportedProtocol),
                "{query}"
            );
        }
        assert_eq!(parse(""), Err(ProtocolError::UnknownTransport));
        assert_eq!(
            parse("transport=polling"),
            Err(ProtocolError::UnsupportedProtocol)
        );
    }

    #[test]
    fn rewrites_only_the_transport() {
        let head = Request::get("/socket.io/?a=transport=polling&transport=polling&EIO=4")
            .body(())
            .expect("a head");
        assert_eq!(
            as_websocket(head).uri(),
            "/socket.io/?a=transport=polling&transport=websocket&EIO=4"
        );
    }
}
