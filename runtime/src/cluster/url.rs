//! The URL of a cluster.

use super::error::ClusterError;

/// What stands before `://`.
pub(crate) fn scheme(url: &str) -> Result<&str, ClusterError> {
    url.split_once("://")
        .map(|(scheme, _)| scheme)
        .filter(|scheme| !scheme.is_empty())
        .ok_or(ClusterError::NoUrl)
}

/// Why a scheme is none of this build's.
pub(crate) fn unknown(scheme: &str) -> ClusterError {
    let feature = match scheme {
        "redis" | "rediss" | "redis-sentinel" | "rediss-sentinel" | "redis-cluster"
        | "rediss-cluster" => "redis",
        "mongodb" | "mongodb+srv" => "mongodb",
        "postgres" | "postgresql" => "postgres",
        _ => return ClusterError::UnknownEngine(scheme.to_owned()),
    };
    ClusterError::MissingFeature {
        scheme: scheme.to_owned(),
        feature,
    }
}

/// A URL as it may be shown.
#[cfg(any(feature = "mongodb", feature = "postgres", feature = "redis", test))]
pub(crate) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return String::new();
    };
    let (rest, parameters) = match rest.split_once('?') {
        Some((rest, parameters)) => (rest, Some(parameters)),
        None => (rest, None),
    };
    // A password may have a slash in it, or an at sign, though it should not.
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
    fn a_password_is_not_shown() {
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
    fn what_is_not_in_the_build_is_named() {
        for (scheme, feature) in [
            ("rediss-cluster", "redis"),
            ("postgresql", "postgres"),
            ("mongodb+srv", "mongodb"),
        ] {
            let error = unknown(scheme).to_string();
            assert!(error.contains(&format!("`{scheme}://`")), "{error}");
            assert!(
                error.contains(&format!("cargo feature `{feature}`")),
                "{error}"
            );
        }
    }

    #[test]
    fn a_url_that_is_none_is_not_repeated() {
        for url in ["secret", "", "://x"] {
            assert_eq!(scheme(url), Err(ClusterError::NoUrl));
        }
    }
}
