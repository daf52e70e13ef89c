//! The URL of a cluster.

use super::error::ClusterError;

/// Returns the part of the URL before `://`.
pub(crate) fn scheme(url: &str) -> Result<&str, ClusterError> {
    url.split_once("://")
        .map(|(scheme, _)| scheme)
        .filter(|scheme| !scheme.is_empty())
        .ok_or(ClusterError::NoUrl)
}

/// Returns the URL without its password, for error messages and logs.
pub(crate) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return String::new();
    };
    let (rest, parameters) = match rest.split_once('?') {
        Some((rest, parameters)) => (rest, Some(parameters)),
        None => (rest, None),
    };
    // A password should not contain a slash or an at sign unescaped, but may.
    let shown = match rest.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((name, _)) => format!("{scheme}://{name}:***@{host}"),
            None => format!("{scheme}://{user}@{host}"),
        },
        None => format!("{scheme}://{rest}"),
    };
    match parameters {
        Some(parameters) if parameters.to_ascii_lowercase().contains("pass") => {
            format!("{shown}?***")
        }
        Some(parameters) => format!("{shown}?{parameters}"),
        None => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_the_password() {
        for (url, shown) in [
            ("redis://localhost", "redis://localhost"),
            (
                "redis://:secret@localhost:6379/1",
                "redis://:***@localhost:6379/1",
            ),
            (
                "postgres://me:se/c@ret@host/db",
                "postgres://me:***@host/db",
            ),
            (
                "postgres://me@host/db?sslmode=require",
                "postgres://me@host/db?sslmode=require",
            ),
            (
                "postgres://host/db?password=secret",
                "postgres://host/db?***",
            ),
            (
                "redis-sentinel://host?sentinelPassword=secret",
                "redis-sentinel://host?***",
            ),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }

    #[test]
    fn error_does_not_contain_an_invalid_url() {
        for url in ["secret", "", "://x"] {
            assert_eq!(scheme(url), Err(ClusterError::NoUrl));
        }
    }
}
