//! Socket.IO packets, limited to JSON events without attachments
//! (<https://socket.io/docs/v4/socket-io-protocol/#packet-encoding>).

/// Engine.IO message with an event: `42<namespace>,<id>[…]`.
pub(crate) struct EventPacket<'p> {
    pub(crate) namespace: &'p str,
    /// Id under which the client expects the acknowledgement.
    pub(crate) id: Option<i64>,
    /// Name and arguments of the event, as JSON.
    pub(crate) payload: &'p str,
}

/// Engine.IO packet that closes the connection.
pub(crate) const CLOSE: &[u8] = b"1";

/// Prefix of every event.
pub(crate) const EVENT: &[u8] = b"42";

impl<'p> EventPacket<'p> {
    /// Parses an event; returns `None` for every other packet, and for an event that is not plain.
    pub(crate) fn parse(text: &'p str) -> Option<Self> {
        let rest = text.strip_prefix("42")?;
        let (namespace, rest) = match rest.starts_with('/') {
            true => rest.split_once(',')?,
            false => ("/", rest),
        };
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (id, payload) = rest.split_at(digits);
        let id = match id {
            "" => None,
            id => Some(id.parse().ok()?),
        };
        payload.starts_with("[\"").then_some(Self {
            namespace,
            id,
            payload,
        })
    }
}

/// Returns the number of binary messages that belong to the packet at the start of a text: `45<count>-…`,
/// `46<count>-…`.
///
/// An invalid number counts as `usize::MAX`, so that everything after it goes to the engine, which rejects the packet.
pub(crate) fn attachments(text: &[u8]) -> usize {
    let (b"45" | b"46", rest) = text.split_at(text.len().min(2)) else {
        return 0;
    };
    let end = rest.iter().position(|byte| *byte == b'-');
    let count = end.and_then(|end| std::str::from_utf8(&rest[..end]).ok()?.parse().ok());
    count.unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<(&str, Option<i64>, &str)> {
        let EventPacket {
            namespace,
            id,
            payload,
        } = EventPacket::parse(text)?;
        Some((namespace, id, payload))
    }

    #[test]
    fn parses_events() {
        assert_eq!(parse(r#"42["a"]"#), Some(("/", None, r#"["a"]"#)));
        assert_eq!(parse(r#"427["a",1]"#), Some(("/", Some(7), r#"["a",1]"#)));
        assert_eq!(
            parse(r#"42/chat,12["a"]"#),
            Some(("/chat", Some(12), r#"["a"]"#))
        );
        for other in [
            "",
            "4",
            "2",
            "3probe",
            "40",
            "40/chat,",
            "430[]",
            r#"451-["a"]"#,
            r#"42/chat["a"]"#,
            "42{}",
            "42[1]",
            "42",
            r#"4299999999999999999999["a"]"#,
            r#"42-1["a"]"#,
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }

    #[test]
    fn counts_attachments() {
        assert_eq!(attachments(br#"451-["a"]"#), 1);
        assert_eq!(attachments(b"4612-/chat,7[]"), 12);
        assert_eq!(attachments(b"4500000000000000000000001-"), 1);
        assert_eq!(attachments(b"4599999999999999999999999-"), usize::MAX);
        assert_eq!(attachments(b"4500000000000000000000000"), usize::MAX);
        assert_eq!(attachments(b"45[]"), usize::MAX);
        assert_eq!(attachments(br#"42["a"]"#), 0);
        assert_eq!(attachments(b"4"), 0);
    }
}
