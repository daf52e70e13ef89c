//! Defaults for information about an application that is not given.

/// Default title of the application.
pub(crate) const TITLE: &str = "Socket.IO application";

/// Default version of the application.
pub(crate) const APP_VERSION: &str = "0.0.0";

/// Default server that the page of `gen-docs` connects to.
pub(crate) const SERVER: &str = "http://localhost:3000";
