//! Paths of dynamic namespaces: patterns such as `/workspace/{tenant}` and their parameters.

use std::{borrow::Cow, fmt::Display, str::FromStr};

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::namespace::Namespace;

/// ASCII characters that JavaScript's `encodeURIComponent` encodes, so that both sides write the same path.
const COMPONENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'$')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b',')
    .add(b'/')
    .add(b':')
    .add(b';')
    .add(b'<')
    .add(b'=')
    .add(b'>')
    .add(b'?')
    .add(b'@')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Error returned when the path that a client requests does not match a dynamic namespace. The client receives the
/// `connect_error` `Invalid namespace`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The path has no such parameter.
    #[error("missing path parameter `{0}`")]
    Missing(&'static str),
    /// A parameter cannot be parsed as its field's type.
    #[error("invalid path parameter `{name}`: {reason}")]
    Invalid {
        /// Name of the parameter.
        name: &'static str,
        /// Error message of `FromStr`.
        reason: String,
    },
    /// The parameters are valid, but [`Namespace::path`](crate::Namespace::path) writes them differently: `a` instead
    /// of `%61`, or `7` instead of `07`.
    #[error("path is not canonical; expected `{0}`")]
    Spelling(String),
}

/// Returns the name of the parameter that a segment of a pattern stands for, if it is one.
fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// Returns `true` if a pattern has a parameter.
pub(crate) fn is_dynamic(pattern: &str) -> bool {
    pattern
        .split('/')
        .any(|segment| parameter(segment).is_some())
}

/// Returns `true` if a path is an instance of a pattern.
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    let all = pattern.split('/').all(|expected| {
        segments
            .next()
            .is_some_and(|segment| match parameter(expected) {
                Some(_) => !segment.is_empty(),
                None => segment == expected,
            })
    });
    all && segments.next().is_none()
}

/// Parses the parameters of a path, if it is spelled as [`Namespace::path`] spells it.
///
/// Any other spelling would create a second namespace. Messages for the first one, such as a request to disconnect its
/// sockets, would not reach the clients of the second.
pub(crate) fn read<N: Namespace>(path: &str) -> Result<N, PathError> {
    let namespace = N::from_parameters(&PathParameters::new(N::PATTERN, path))?;
    if !is_dynamic(N::PATTERN) {
        return Ok(namespace);
    }
    let spelled = namespace.path();
    match spelled == path {
        true => Ok(namespace),
        false => Err(PathError::Spelling(spelled)),
    }
}

/// Parameters of one path.
pub struct PathParameters<'p> {
    pattern: &'static str,
    path: &'p str,
}

impl<'p> PathParameters<'p> {
    pub(crate) fn new(pattern: &'static str, path: &'p str) -> Self {
        Self { pattern, path }
    }

    /// Parses one parameter.
    pub fn parse<T: FromStr<Err: Display>>(&self, name: &'static str) -> Result<T, PathError> {
        let text = self.get(name).ok_or(PathError::Missing(name))?;
        text.parse().map_err(|error: T::Err| PathError::Invalid {
            name,
            reason: error.to_string(),
        })
    }

    fn get(&self, name: &str) -> Option<Cow<'p, str>> {
        self.pattern
            .split('/')
            .zip(self.path.split('/'))
            .find(|(segment, _)| parameter(segment) == Some(name))
            .and_then(|(_, value)| percent_decode_str(value).decode_utf8().ok())
    }
}

/// Fills in the parameters of a pattern.
pub struct PathWriter {
    path: String,
}

impl PathWriter {
    pub(crate) fn new(pattern: &'static str) -> Self {
        Self {
            path: pattern.to_owned(),
        }
    }

    /// Sets one parameter.
    pub fn set(&mut self, name: &'static str, value: &dyn Display) {
        let value = value.to_string();
        let value = utf8_percent_encode(&value, COMPONENT).to_string();
        self.path = self
            .path
            .split('/')
            .map(|segment| match parameter(segment) {
                Some(parameter) if parameter == name => value.as_str(),
                _ => segment,
            })
            .collect::<Vec<_>>()
            .join("/");
    }

    pub(crate) fn finish(self) -> String {
        self.path
    }
}

#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing {
    use super::*;

    const PATTERNS: [&str; 3] = ["/{left}", "/w/{left}/x", "/{left}/{right}"];

    /// Tests any text as a path and as the parameters of one.
    #[doc(hidden)]
    pub fn path(data: &[u8]) {
        let Ok(text) = std::str::from_utf8(data) else {
            return;
        };
        for pattern in PATTERNS {
            let names = ["left", "right"].into_iter();
            let names: Vec<_> = names.filter(|name| pattern.contains(name)).collect();
            if matches(pattern, text) {
                let path = PathParameters::new(pattern, text);
                let values: Result<Vec<String>, _> =
                    names.iter().map(|name| path.parse(name)).collect();
                if let Ok(values) = values {
                    assert_round_trip(pattern, &names, &values);
                }
                for name in &names {
                    let _ = path.parse::<u64>(name);
                }
            }
            let middle = (0..=text.len() / 2)
                .rev()
                .find(|at| text.is_char_boundary(*at));
            let (left, right) = text.split_at(middle.unwrap_or(0));
            assert_round_trip(pattern, &names, &[left.to_owned(), right.to_owned()]);
        }
    }

    fn assert_round_trip(pattern: &'static str, names: &[&'static str], values: &[String]) {
        let mut path = PathWriter::new(pattern);
        for (name, value) in names.iter().zip(values) {
            path.set(name, value);
        }
        let path = path.finish();
        // A path has no empty segments.
        let is_path = !names.iter().zip(values).any(|(_, value)| value.is_empty());
        assert_eq!(matches(pattern, &path), is_path, "{path}");
        assert!(
            !path.contains(','),
            "it would end the packet's namespace: {path}"
        );
        let parameters = PathParameters::new(pattern, &path);
        for (name, value) in names.iter().zip(values) {
            assert_eq!(parameters.parse::<String>(name).as_ref(), Ok(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_encoding_round_trips() {
        for value in [
            "acme", "a/b", "{tenant}", "ä, ?#[]", "100%", "%2F", "a'(b)*!~",
        ] {
            let mut path = PathWriter::new("/w/{tenant}/x");
            path.set("tenant", &value);
            let path = path.finish();
            assert!(matches("/w/{tenant}/x", &path), "{path}");
            let parameters = PathParameters::new("/w/{tenant}/x", &path);
            assert_eq!(parameters.parse::<String>("tenant").as_deref(), Ok(value));
        }
    }

    #[test]
    fn pattern_matches_only_whole_paths() {
        assert!(matches("/w/{t}", "/w/a"));
        for path in ["/w", "/w/", "/w/a/b", "/x/a", "w/a", "/w/a/"] {
            assert!(!matches("/w/{t}", path), "{path}");
        }
    }

    #[test]
    fn parse_error_names_the_parameter() {
        let parameters = PathParameters::new("/w/{id}", "/w/abc");
        let error = parameters
            .parse::<u32>("id")
            .map_err(|error| error.to_string());
        assert_eq!(
            error,
            Err("invalid path parameter `id`: invalid digit found in string".into())
        );
    }
}
