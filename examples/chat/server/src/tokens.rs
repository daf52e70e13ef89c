//! Tokens that clients connect with. They contain the person and the expiry, and are signed, so that every server can
//! verify them without contacting another.

use std::{fmt::Write as _, time::Duration};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{
    directory::{self, Person},
    events::{SignInError, Timestamp},
    now,
};

/// Issues and verifies tokens.
pub(crate) struct Tokens {
    secret: String,
    lifetime: Duration,
}

impl Tokens {
    pub(crate) fn new(secret: String, lifetime: Duration) -> Self {
        Self { secret, lifetime }
    }

    pub(crate) fn issue(&self, person: &Person) -> String {
        let expires_at = now() + self.lifetime.as_millis() as Timestamp;
        let claim = format!("{}.{expires_at}", person.user().id.0);
        let signature = hex(&self.mac(&claim).finalize().into_bytes());
        format!("{claim}.{signature}")
    }

    /// Returns the owner of a token and its expiry.
    pub(crate) fn read(&self, token: &str) -> Result<(&'static Person, Timestamp), SignInError> {
        let read = || {
            let (claim, signature) = token.rsplit_once('.')?;
            let (id, expires_at) = claim.split_once('.')?;
            let expected = self.mac(claim);
            expected.verify_slice(&bytes(signature)?).ok()?;
            Some((directory::by_id(id)?, expires_at.parse().ok()?))
        };
        let (person, expires_at) = read().ok_or(SignInError::UnknownToken)?;
        if expires_at <= now() {
            return Err(SignInError::ExpiredToken);
        }
        Ok((person, expires_at))
    }

    fn mac(&self, claim: &str) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes());
        mac.expect("a key of any length will do")
            .chain_update(claim)
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        // Writing to a `String` does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_until_it_expires_and_only_as_it_was_made() {
        let grace = directory::by_key("grace-key").expect("she is there");
        let tokens = Tokens::new("secret".to_owned(), Duration::from_secs(60));
        let token = tokens.issue(grace);
        let (person, _) = tokens.read(&token).expect("it is good");
        assert_eq!(person.user(), grace.user());

        let others = Tokens::new("another".to_owned(), Duration::from_secs(60));
        assert_eq!(others.read(&token).err(), Some(SignInError::UnknownToken));
        let forged = token.replace("grace", "ada");
        assert_eq!(tokens.read(&forged).err(), Some(SignInError::UnknownToken));
        for nonsense in ["", ".", "grace.1.zz", "grace.1.", "ä.ö.ü"] {
            let read = tokens.read(nonsense).err();
            assert_eq!(read, Some(SignInError::UnknownToken), "{nonsense}");
        }
        let brief = Tokens::new("secret".to_owned(), Duration::ZERO);
        let token = brief.issue(grace);
        assert_eq!(brief.read(&token).err(), Some(SignInError::ExpiredToken));
    }
}
