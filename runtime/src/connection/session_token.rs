//! Session tokens: values of `?sid=`.
//!
//! The engine uses one id both as `socket.id`, which is public, and as the session id, which authorizes requests. Here,
//! the session has its own token. It is only in the OPEN packet and in the query of the session's requests, so knowing
//! a `socket.id` does not give access to a session.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;

const LOOKUP: usize = 8;
const SECRET: usize = 16;

/// Key of a session in the registry.
pub(crate) type Lookup = [u8; LOOKUP];

/// Session token: a lookup key, and a secret of 128 bits that is compared in constant time.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) lookup: Lookup,
    secret: [u8; SECRET],
}

impl Token {
    pub(crate) fn random() -> Self {
        Self {
            lookup: rand::random(),
            secret: rand::random(),
        }
    }

    /// Parses a token as a client sends it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; LOOKUP + SECRET];
        let length = BASE64_URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        let (lookup, secret) = bytes[..length].split_first_chunk()?;
        Some(Self {
            lookup: *lookup,
            secret: secret.try_into().ok()?,
        })
    }

    /// Encodes the token for the client.
    pub(crate) fn text(&self) -> String {
        let bytes = [self.lookup.as_slice(), &self.secret].concat();
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    pub(crate) fn matches(&self, other: &Self) -> bool {
        self.secret.ct_eq(&other.secret).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_round_trips() {
        let token = Token::random();
        let text = token.text();
        assert_eq!(text.len(), 32);
        let read = Token::parse(&text).expect("a token");
        assert_eq!(read.lookup, token.lookup);
        assert!(read.matches(&token));
        assert!(!Token::random().matches(&token));
        assert_eq!(format!("{token:?}"), "Token");
    }

    #[test]
    fn rejects_invalid_tokens() {
        let text = Token::random().text();
        for other in [
            "",
            "a",
            &text[..31],
            &text[..16],
            &format!("{text}a"),
            "é",
            "!",
        ] {
            assert!(Token::parse(other).is_none(), "{other}");
        }
    }
}
